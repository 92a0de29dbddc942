import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

/** The first bytes of every PNG. */
const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];

/** A chunk of a PNG file: where its content lies. */
interface Chunk {
  readonly type: string;
  /** Where the chunk begins, with its length. */
  readonly start: number;
  /** Where the next one begins. */
  readonly end: number;
  readonly content: Uint8Array;
}

/**
 * Puts a text into a PNG, as an iTXt chunk before the pixels; a text of the same keyword is replaced.
 *
 * Source: Portable Network Graphics specification, third edition, section 11.3.3.4.
 *
 * @param png The bytes of the file.
 * @param keyword 1 to 79 ASCII letters, digits, spaces or signs.
 * @throws {SyntaxError} If the bytes are not a PNG.
 * @throws {RangeError} If the keyword is too long, or not plain ASCII.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { addPngText, createPicture, encodePicture, readPngText } from "nuwa-infinity";
 * const png = addPngText(await encodePicture(createPicture(2, 2), "png"), "Title", "four black pixels");
 * assertEquals(readPngText(png, "Title"), "four black pixels");
 * ```
 */
export function addPngText(png: Uint8Array, keyword: string, text: string): Uint8Array {
  if (!/^[!-~](?:[ -~]{0,77}[!-~])?$/.test(keyword)) {
    throw new RangeError(
      `Cannot add text to PNG: keyword must be 1 to 79 characters of ASCII, got ${JSON.stringify(keyword)}`,
    );
  }
  const content = Buffer.concat([
    Buffer.from(keyword, "latin1"),
    Buffer.of(0, 0, 0, 0, 0), // end of keyword; not compressed, in no particular way; no language, no translation
    Buffer.from(text, "utf8"),
  ]);
  const kept = listChunks("add text to PNG", png).filter((chunk) => textOf(chunk, keyword) === undefined);
  const [header, ...rest] = kept.map(({ start, end }) => png.subarray(start, end));
  return Uint8Array.from(
    Buffer.concat([Buffer.from(SIGNATURE), header ?? Buffer.of(), encodeChunk("iTXt", content), ...rest]),
  );
}

/**
 * Reads a text out of a PNG.
 *
 * @returns Nothing if there is no such text.
 * @throws {SyntaxError} If the bytes are not a whole PNG.
 */
export function readPngText(png: Uint8Array, keyword: string): string | undefined {
  for (const chunk of listChunks("read text of PNG", png)) {
    const text = textOf(chunk, keyword);
    if (text !== undefined) return text;
  }
  return undefined;
}

function listChunks(doing: string, png: Uint8Array): Chunk[] {
  const refuse = (need: string, got: string) =>
    new SyntaxError(`Cannot ${doing}: content must be ${need}, got ${got}`);
  if (SIGNATURE.some((byte, index) => png[index] !== byte)) throw refuse("PNG", "something else");
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const chunks: Chunk[] = [];
  for (let start = SIGNATURE.length; start < png.length;) {
    const end = start + 12 + (start + 8 <= png.length ? view.getUint32(start) : Infinity);
    if (end > png.length) throw refuse("a whole PNG", `${png.length} bytes of it`);
    if (crc32(png.subarray(start + 4, end - 4)) !== view.getUint32(end - 4)) {
      throw refuse("a whole PNG", `another checksum at byte ${start}`);
    }
    const type = Buffer.from(png.subarray(start + 4, start + 8)).toString("latin1");
    chunks.push({ type, start, end, content: png.subarray(start + 8, end - 4) });
    start = end;
  }
  return chunks;
}

/** The text of an uncompressed iTXt chunk of that keyword. */
function textOf({ type, content }: Chunk, keyword: string): string | undefined {
  if (type !== "iTXt") return undefined;
  const bytes = Buffer.from(content);
  const end = bytes.indexOf(0);
  if (bytes.toString("latin1", 0, end) !== keyword || bytes[end + 1] !== 0) return undefined;
  const language = bytes.indexOf(0, end + 3);
  return bytes.toString("utf8", bytes.indexOf(0, language + 1) + 1);
}

function encodeChunk(type: string, content: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(12 + content.length);
  chunk.writeUInt32BE(content.length);
  chunk.write(type, 4, "latin1");
  chunk.set(content, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), chunk.length - 4);
  return chunk;
}
