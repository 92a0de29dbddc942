import { InvalidArgumentError } from "commander";
import type { Extent } from "../core/mod.ts";

/** Width and height in pixels. */
export interface Size {
  /** Columns. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** The most pixels that one picture may have. */
export const MAX_PIXELS = 2 ** 28;
/** The longest text, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 1000;

/** Reads `1024x512`. */
export function parseSize(text: string): Size {
  const [, width = NaN, height = NaN] = (/^(\d{1,9})[x×](\d{1,9})$/.exec(text) ?? []).map(Number);
  if (width >= 1 && height >= 1 && width * height <= MAX_PIXELS) return { width, height };
  throw new InvalidArgumentError(
    "Size must be WIDTHxHEIGHT in pixels, such as 1024x512, and at most 2^28 pixels.",
  );
}

/** Reads an integer between two bounds, both included. */
export function parseInteger(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Value must be an integer${describeRange(least, most)}.`);
  };
}

/** Reads a number between two bounds, both included. */
export function parseNumber(least: number, most = Infinity): (text: string) => number {
  return (text) => {
    const value = /^-?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN;
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Value must be a number${describeRange(least, most)}.`);
  };
}

function describeRange(least: number, most: number): string {
  const bounded = (bound: number) => Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  if (bounded(least) && bounded(most)) return ` between ${least} and ${most}`;
  return bounded(least) ? ` that is at least ${least}` : "";
}

/** Any seed: an integer that a float64 holds exactly. */
export function parseSeed(text: string): number {
  return parseInteger(-Number.MAX_SAFE_INTEGER)(text);
}

/** Reads `2,2,0`: how far context reaches sideways, up and down, and back in time, in patches. */
export function parseExtent(text: string): Extent {
  const [, width = NaN, height = NaN, frames = NaN] = (/^(\d{1,3}),(\d{1,3}),(\d{1,3})$/.exec(text) ?? [])
    .map(Number);
  if (!Number.isNaN(width)) return { width, height, frames };
  throw new InvalidArgumentError("Extent must be WIDTH,HEIGHT,FRAMES in patches, such as 2,2,0.");
}

/**
 * Takes a prompt: spaces are folded, other control characters and broken encodings refused.
 *
 * @throws {RangeError} If the text is too long or broken; the message does not repeat it.
 */
export function parseText(text: string): string {
  if (text.length > MAX_TEXT_LENGTH) {
    throw new RangeError(
      `Cannot use --text: text must have at most ${MAX_TEXT_LENGTH} characters, got ${text.length}`,
    );
  }
  const folded = text.normalize("NFC").replaceAll(/\s+/g, " ").trim();
  if (!folded.isWellFormed() || /[\p{Cc}\uFFFD]/u.test(folded)) {
    throw new RangeError(
      "Cannot use --text: text must be UTF-8 without control characters, got one that is not",
    );
  }
  return folded;
}
