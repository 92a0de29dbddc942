import { createFileError, FileError } from "./file_error.ts";

/**
 * Writes a file so that it is there whole or not at all: aside in the same folder, then renamed. On failure
 * nothing is left behind and an older file of that name is untouched.
 *
 * @param path The file to create or replace.
 * @param content Its bytes, or its text as UTF-8.
 * @throws {FileError} If the folder is missing or read-only, the disk full, or `path` not a plain file.
 */
export async function writeFileAside(path: string, content: Uint8Array | string): Promise<void> {
  await writeFilesAside([[path, content]]);
}

/**
 * Writes several files as {@link writeFileAside} does one. None is renamed before all are written, so that only
 * a kill between two renames can leave old beside new.
 */
export async function writeFilesAside(
  files: readonly (readonly [path: string, content: Uint8Array | string])[],
): Promise<void> {
  const written: { readonly path: string; readonly aside: string }[] = [];
  let at = "";
  try {
    for (const [path, content] of files) {
      at = path;
      await assertPlainFileOrNothing(path);
      const aside = asideName(path);
      written.push({ path, aside });
      await writeSynced(aside, typeof content === "string" ? new TextEncoder().encode(content) : content);
    }
    for (const { path, aside } of written) {
      at = path;
      await Deno.rename(aside, path);
    }
  } catch (error) {
    for (const { aside } of written) await Deno.remove(aside).catch(() => {}); // it may never have been created
    throw error instanceof FileError ? error : createFileError("write file", at, error);
  }
}

/**
 * Checks that a file can be written, before work starts that would be lost if not: writes an empty one aside
 * and removes it.
 *
 * @throws {FileError} As {@link writeFileAside} would.
 */
export async function assertWritable(path: string): Promise<void> {
  await assertPlainFileOrNothing(path);
  const aside = asideName(path);
  try {
    await writeSynced(aside, new Uint8Array());
    await Deno.remove(aside);
  } catch (error) {
    throw createFileError("write file", path, error);
  }
}

/**
 * Removes what a process that was killed in {@link writeFileAside} left aside in a folder. No other process may be
 * writing there.
 */
export async function removeFilesAside(folder: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (ASIDE.test(name)) await Deno.remove(`${folder}/${name}`);
    }
  } catch (error) {
    throw createFileError("clear folder", folder, error);
  }
}

const ASIDE = /^\..+\.[0-9a-f]{8}\.tmp$/;

/** A hidden name beside `path` that no other process uses. */
function asideName(path: string): string {
  const slash = path.lastIndexOf("/") + 1;
  return `${path.slice(0, slash)}.${path.slice(slash)}.${crypto.randomUUID().slice(0, 8)}.tmp`;
}

/** A rename would replace a device such as /dev/null by a file. */
async function assertPlainFileOrNothing(path: string): Promise<void> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info === undefined || info.isFile) return;
  const kind = info.isDirectory ? "a folder" : "a device";
  throw new FileError(`Cannot write file at ${path}: path must name a file, got ${kind}`, path);
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for (let written = 0; written < bytes.length;) written += await file.write(bytes.subarray(written));
  await file.syncData();
}
