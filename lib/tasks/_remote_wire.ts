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
