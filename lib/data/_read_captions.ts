import { z } from "zod";
import { createFileError } from "../media/mod.ts";

/** The longest caption, in characters. */
const MAX_CAPTION = 10_000;

const LINE = z.object({ file_name: z.string(), text: z.string().optional() });

/** Captions by the name of their picture in the folder. */
export type Captions = ReadonlyMap<string, string>;

/**
 * Reads the captions of a folder: `metadata.jsonl` as Hugging Face's imagefolder has it, or else `name.txt` beside
 * `name.jpg`. Where there is neither, there are no captions.
 *
 * @param names Pictures, relative to the folder, with slashes.
 * @throws {SyntaxError} If a line is malformed, names what is not there, or is missing; it is named.
 */
export async function readCaptions(folder: string, names: readonly string[]): Promise<Captions> {
  const path = `${folder}/metadata.jsonl`;
  const metadata = await readText(path);
  if (metadata === undefined) return readTextFiles(folder, names);
  const captions = parseMetadata(metadata, path, new Set(names));
  const missing = names.find((name) => !captions.has(name));
  if (missing === undefined) return captions;
  throw new SyntaxError(
    `Cannot read captions at ${path}: every picture must have a line, got none for ${missing}`,
  );
}

function parseMetadata(metadata: string, path: string, names: ReadonlySet<string>): Captions {
  const captions = new Map<string, string>();
  for (const [index, line] of metadata.split(/\r?\n/).entries()) {
    if (line.trim() === "") continue;
    const refuse = (need: string, got: string) =>
      new SyntaxError(`Cannot read captions at ${path}, line ${index + 1}: ${need}, got ${got}`);
    const { file_name: file, text = "" } = parseLine(line, refuse);
    const parts = file.split("/").filter((part) => part !== "." && part !== "");
    if (/^\/|^[a-z]:|\\/i.test(file) || parts.includes("..")) {
      throw refuse("file_name must stay inside the folder, with slashes", JSON.stringify(file));
    }
    const name = parts.join("/");
    if (!names.has(name)) throw refuse("file_name must be a picture of the folder", JSON.stringify(file));
    if (captions.has(name)) throw refuse("file_name must be a new one", JSON.stringify(file));
    captions.set(name, checkCaption(text, `${path}, line ${index + 1}`));
  }
  return captions;
}

function parseLine(line: string, refuse: (need: string, got: string) => SyntaxError): z.infer<typeof LINE> {
  let content: unknown;
  try {
    content = JSON.parse(line);
  } catch {
    throw refuse("line must be JSON", JSON.stringify(line.slice(0, 60)));
  }
  const { success, data } = LINE.safeParse(content);
  if (success) return data;
  throw refuse("line must have file_name and text, both strings", line.slice(0, 60));
}

async function readTextFiles(folder: string, names: readonly string[]): Promise<Captions> {
  const captions = new Map<string, string>();
  for (const name of names) {
    const path = `${folder}/${name.replace(/\.[^./]*$/, "")}.txt`;
    const text = await readText(path);
    if (text !== undefined) captions.set(name, checkCaption(text, path));
  }
  return captions;
}

function checkCaption(text: string, where: string): string {
  if (text.length <= MAX_CAPTION) return text.trim();
  throw new RangeError(
    `Cannot read captions at ${where}: text must have at most ${MAX_CAPTION} characters, got ${text.length}`,
  );
}

/** The content of a text file without its byte order mark, or nothing where there is none. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await Deno.readFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw createFileError("read captions", path, error);
  }
}
