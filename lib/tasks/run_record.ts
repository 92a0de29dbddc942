import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { z } from "zod";
import { createTokenGrid, type Picture, type TokenGrid } from "../core/mod.ts";
import { addPngText, createFileError, encodePicture, readPngText, writeFileAside } from "../media/mod.ts";
import { RUN_SETTINGS_SCHEMA, type RunSettings } from "./run_settings.ts";

/** Everything of a run but the weights, functions that changed it, and what can be computed again. */
export interface RunRecord {
  /** What decides the picture. */
  readonly settings: RunSettings;
  /** Patches filled, in the order of filling. */
  readonly numDone: number;
  /** `[h, w]` of the whole canvas; -1 where nothing is known yet. */
  readonly tokens: TokenGrid;
  /** SHA-256 of the weights' file, if it was known. */
  readonly weightsSha256?: string | undefined;
}

/** A record with the hash that it was saved with. */
export interface LoadedRun extends RunRecord {
  /** SHA-256 of settings, tokens and weights' hash together. */
  readonly sha256: string;
}

/** The keyword of the text in a PNG. */
const KEYWORD = "nuwa-infinity run";
/** The version of saved runs; raised when what is written changes. */
export const RUN_VERSION = 2;

const RECORD = z.strictObject({
  version: z.literal(RUN_VERSION),
  settings: RUN_SETTINGS_SCHEMA,
  numDone: z.int().min(0),
  shape: z.tuple([z.int().min(1), z.int().min(1)]),
  tokens: z.base64(),
  weightsSha256: z.string().optional(),
  sha256: z.string(),
});

/**
 * Saves a picture as PNG with its run in it; {@link loadRun} gives the run back. Functions that changed the run cannot
 * be saved: its settings name them, and {@link resumeRun} asks for them again.
 *
 * @param picture uint8 `[H, W, 3]`: what `run.decode()` or `run.preview()` gives.
 * @param record A run's `settings` and `state`, and the weights' hash.
 * @throws {FileError} If the file cannot be written.
 */
export async function saveRun(path: string, picture: Picture, record: RunRecord): Promise<void> {
  await writeFileAside(path, await encodeRunPicture(picture, record));
}

/** The bytes that {@link saveRun} writes. */
export async function encodeRunPicture(picture: Picture, record: RunRecord): Promise<Uint8Array> {
  return addPngText(await encodePicture(picture, "png"), KEYWORD, encodeRecord(record));
}

/**
 * Reads the run that a saved PNG carries: settings, tokens and hash. `resumeRun` goes on from it.
 *
 * @throws {FileError} If the file cannot be read.
 * @throws {SyntaxError} If it is no PNG, carries no run or one of another version, or was changed.
 */
export async function loadRun(path: string): Promise<LoadedRun> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw createFileError("load run", path, error);
  }
  return decodeRunPicture(bytes, path);
}

/** As {@link loadRun}, from the bytes of a file; `where` names it in errors. */
export function decodeRunPicture(png: Uint8Array, where: string): LoadedRun {
  const refuse = (need: string, got: string) =>
    new SyntaxError(`Cannot load run at ${where}: ${need}, got ${got}`);
  const text = readText(png, where);
  if (text === undefined) throw refuse("file must be a PNG saved with its run", "a PNG without");
  const json = parseJson(text);
  const version = z.object({ version: z.unknown() }).safeParse(json).data?.version;
  if (version !== RUN_VERSION) throw refuse(`version must be ${RUN_VERSION}`, String(version));
  const { data, error } = RECORD.safeParse(json);
  if (data === undefined) {
    const [issue] = error.issues;
    throw refuse(`${issue?.path.join(".")} must be as it was written`, issue?.message ?? "something else");
  }
  const { shape: [h, w], settings, numDone, weightsSha256, sha256 } = data;
  const bytes = inflateTokens(data.tokens, h * w * Int32Array.BYTES_PER_ELEMENT);
  if (bytes?.byteLength !== h * w * Int32Array.BYTES_PER_ELEMENT) {
    throw refuse(`tokens must fill ${h} x ${w}`, `${bytes?.byteLength ?? "torn"} bytes`);
  }
  const record = {
    settings,
    numDone,
    tokens: createTokenGrid(h, w, new Int32Array(bytes.buffer)),
    weightsSha256,
  };
  if (hashRecord(record) !== sha256) throw refuse("hash must be that of its content", sha256);
  return { ...record, sha256 };
}

/** SHA-256 of what a run is: its settings, its tokens and the hash of its weights. */
export function hashRecord({ settings, numDone, tokens, weightsSha256 }: RunRecord): string {
  const content = JSON.stringify({ settings, numDone, weightsSha256, shape: tokens.shape }, sortNames);
  return createHash("sha256").update(content).update(bytesOf(tokens)).digest("hex");
}

/** Writes a record's fields in one order, whoever made it. */
function sortNames(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1));
}

function encodeRecord(record: RunRecord): string {
  const { settings, numDone, tokens, weightsSha256 } = record;
  return JSON.stringify({
    version: RUN_VERSION,
    settings,
    numDone,
    shape: tokens.shape,
    tokens: deflateSync(bytesOf(tokens)).toString("base64"),
    weightsSha256,
    sha256: hashRecord(record),
  });
}

/** Little-endian, as every machine that Deno runs on is. */
function bytesOf({ data }: TokenGrid): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function readText(png: Uint8Array, where: string): string | undefined {
  try {
    return readPngText(png, KEYWORD);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SyntaxError(`Cannot load run at ${where}: ${reason}`, { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function inflateTokens(text: string, maxOutputLength: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(inflateSync(Buffer.from(text, "base64"), { maxOutputLength }));
  } catch {
    return undefined;
  }
}
