import { createFileError } from "./file_error.ts";

/**
 * Creates the last folder of a path, unless it exists.
 *
 * @throws {FileError} If its parent is missing or read-only, or the path names a file.
 */
export async function createFolder(path: string): Promise<void> {
  try {
    if ((await Deno.stat(path).catch(() => undefined))?.isDirectory) return;
    await Deno.mkdir(path);
  } catch (error) {
    throw createFileError("create folder", path, error);
  }
}
