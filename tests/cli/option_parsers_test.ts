import { assertEquals, assertThrows } from "@std/assert";
import {
  parseExtent,
  parseInteger,
  parseNumber,
  parseSeed,
  parseSize,
  parseText,
} from "../../lib/cli/option_parsers.ts";

/** Asserts that `parse` refuses each of `texts`. */
function assertRefuses(parse: (text: string) => unknown, texts: readonly string[]): void {
  for (const text of texts) assertThrows(() => parse(text), Error, undefined, JSON.stringify(text));
}

Deno.test("parseSize() reads WIDTHxHEIGHT and refuses the rest", () => {
  assertEquals(parseSize("1024x512"), { width: 1024, height: 512 });
  assertEquals(parseSize("16384×16384"), { width: 16384, height: 16384 });
  assertRefuses(parseSize, [
    "",
    "0x5",
    "5x0",
    "-1x5",
    "5",
    "5x",
    "x5",
    "5x5x5",
    "1.5x2",
    "1e3x5",
    " 5x5",
    "0x10x5",
  ]);
  assertRefuses(parseSize, ["16385x16384", "999999999x999999999", "9999999999x1", "NaNxNaN", "5X5"]);
});

Deno.test("parseInteger() holds its bounds", () => {
  assertEquals(parseInteger(-3, 5)("-3"), -3);
  assertEquals(parseInteger(1)("9007199254740991"), Number.MAX_SAFE_INTEGER);
  assertRefuses(parseInteger(0, 5), ["", "-1", "6", "1.0", "0x1", "1e0", " 1", "1 ", "Infinity", "one"]);
  assertThrows(() => parseInteger(0, 5)("6"), Error, "Value must be an integer between 0 and 5.");
  assertThrows(() => parseInteger(1)("0"), Error, "Value must be an integer that is at least 1.");
});

Deno.test("parseSeed() takes every integer that is exact", () => {
  assertEquals(parseSeed("-9007199254740991"), -Number.MAX_SAFE_INTEGER);
  assertRefuses(parseSeed, ["9007199254740992", "99999999999999999999", "seed", "1.5"]);
});

Deno.test("parseNumber() reads decimals and exponents within its bounds", () => {
  assertEquals([".5", "-2", "1e-3", "2."].map(parseNumber(-2, 2)), [0.5, -2, 0.001, 2]);
  assertRefuses(parseNumber(0), ["", "-1", "NaN", "Infinity", "1e999", "0x1", "1,5", "."]);
});

Deno.test("parseExtent() reads WIDTH,HEIGHT,FRAMES", () => {
  assertEquals(parseExtent("2,3,0"), { width: 2, height: 3, frames: 0 });
  assertRefuses(parseExtent, ["", "2,2", "2,2,0,0", "-1,2,0", "2, 2, 0", "a,b,c", "1000,1,1"]);
});

Deno.test("parseText() folds spaces and keeps every script", () => {
  assertEquals(parseText("  snowy\n\tpeaks  "), "snowy peaks");
  assertEquals(parseText("雪山 🏔️ é \u202Eהר\u202C"), "雪山 🏔️ \u00e9 \u202Eהר\u202C");
  assertEquals(parseText(""), "");
});

Deno.test("parseText() refuses 100,000 characters, control characters and broken encodings", () => {
  const error = assertThrows(() => parseText("a".repeat(100_000)), RangeError);
  assertEquals(error.message, "Cannot use --text: text must have at most 1000 characters, got 100000");
  assertRefuses(parseText, ["a\0b", "a\x1b[31mb", "\ud800", "a\uFFFDb", "\x7f"]);
});
