import { createTokenGrid, type TokenGrid } from "../core/mod.ts";
import type { FilledPatch } from "../steps/mod.ts";

/** Arrays of codes as plain JSON. */
type Codes = readonly number[];

/** A {@link FilledPatch} as it travels: its place follows from the plan. */
export interface PackedPatch {
  readonly stepIndex: number;
  readonly codes: Codes;
}

/** A canvas of codes as it travels. */
export interface PackedTokens {
  readonly shape: readonly number[];
  readonly codes: Codes;
}

/** For the way. */
export function packPatches(filled: readonly FilledPatch[]): PackedPatch[] {
  return filled.map(({ stepIndex, tokens }) => ({ stepIndex, codes: [...tokens] }));
}

/** For the way. */
export function packTokens({ shape, data }: TokenGrid): PackedTokens {
  return { shape: [...shape], codes: [...data] };
}

/** After the way. */
export function unpackTokens({ shape: [h = 0, w = 0], codes }: PackedTokens): TokenGrid {
  return createTokenGrid(h, w, Int32Array.from(codes));
}

/** @throws {TypeError} If an option is a function or has some, e.g. an order that compares, or asks for activations. */
export function assertPlain(options: object): void {
  for (const [name, value] of Object.entries(options)) {
    const parts = typeof value === "object" && value !== null ? Object.values(value) : [value];
    if (parts.some((part) => typeof part === "function")) {
      throw new TypeError(`Cannot generate there: ${name} must be plain data to travel, got a function`);
    }
    if (name === "capture" && value !== undefined) {
      throw new TypeError(
        "Cannot generate there: capture must be absent, since activations stay there, got some",
      );
    }
  }
}
