import {
  createPicture,
  createTokenGrid,
  type PatchPosition,
  type Picture,
  type TokenGrid,
} from "../core/mod.ts";
import { decode, type Tokenizer } from "../steps/mod.ts";
import type { CanvasLayout } from "./canvas_layout.ts";

/** A picture that keeps up with a canvas that is being filled, at the cost of the new patches alone. */
export interface CanvasPreview {
  /**
   * Decodes the patches that it has not seen yet, and greys out those that are gone. Edges of patches, decoded before
   * their neighbours are there, may be off by a little until they are.
   *
   * @param tokens The canvas, `[h, w]`.
   * @param done The patches that are filled in it.
   * @returns uint8 `[H, W, 3]` of the whole canvas; the same array every time.
   */
  draw(tokens: TokenGrid, done: readonly PatchPosition[]): Promise<Picture>;
  /** Forgets everything, because tokens have become others. */
  clear(): void;
}

/** Tokens around a patch that are decoded with it, and how many of those replace what was drawn. */
const HALO = 4, MARGIN = 2;

/** The grey of what is not there yet. */
const UNKNOWN = 0xd8;

/** A rectangle of tokens: from, until. */
interface TokenWindow {
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/** Creates a {@link CanvasPreview} of an empty canvas. */
export function createCanvasPreview(
  tokenizer: Tokenizer,
  { grid, patchTokens, factor }: CanvasLayout,
): CanvasPreview {
  const h = grid.rows * patchTokens.height, w = grid.columns * patchTokens.width; // tokens
  const picture = createPicture(h * factor, w * factor);
  picture.data.fill(UNKNOWN);
  const drawn = new Set<string>();
  const windowOf = ({ row, column }: PatchPosition, halo: number): TokenWindow => ({
    rows: widen(row * patchTokens.height, patchTokens.height, halo, h),
    columns: widen(column * patchTokens.width, patchTokens.width, halo, w),
  });
  const drawPatch = async (tokens: TokenGrid, patch: PatchPosition) => {
    const window = windowOf(patch, HALO);
    const pixels = await decode(tokenizer, cutTokens(tokens, window, windowOf(patch, 0)));
    copyTokens(tokens, { from: pixels, window, to: picture, part: windowOf(patch, MARGIN), factor });
  };
  return {
    async draw(tokens, done) {
      for (const patch of done) {
        const key = `${patch.row},${patch.column}`;
        if (drawn.has(key)) continue;
        await drawPatch(tokens, patch);
        drawn.add(key);
      }
      return picture;
    },
    clear() {
      drawn.clear();
      picture.data.fill(UNKNOWN);
    },
  };
}

/** A stretch with `halo` tokens on either side, always of one length: where the canvas ends it is shifted. */
function widen(start: number, length: number, halo: number, size: number): readonly [number, number] {
  const wide = Math.min(length + 2 * halo, size);
  const from = Math.min(Math.max(start - halo, 0), size - wide);
  return [from, from + wide];
}

/** The tokens of a window; in the place of one that is not known yet stands the nearest one of the patch. */
function cutTokens(tokens: TokenGrid, { rows, columns }: TokenWindow, patch: TokenWindow): TokenGrid {
  const width = columns[1] - columns[0];
  const ids = Int32Array.from({ length: (rows[1] - rows[0]) * width }, (_, index) => {
    const y = rows[0] + Math.floor(index / width), x = columns[0] + index % width;
    const id = tokens.get(y, x);
    return id < 0 ? tokens.get(clamp(y, patch.rows), clamp(x, patch.columns)) : id;
  });
  return createTokenGrid(rows[1] - rows[0], width, ids);
}

function clamp(place: number, [from, until]: readonly [number, number]): number {
  return Math.min(Math.max(place, from), until - 1);
}

/** Copies the pixels of the known tokens of `part` from the decoded window. */
function copyTokens(tokens: TokenGrid, { from, window, to, part, factor }: {
  readonly from: Picture;
  readonly window: TokenWindow;
  readonly to: Picture;
  readonly part: TokenWindow;
  readonly factor: number;
}): void {
  const [, fromWidth = 0] = from.shape, [, toWidth = 0] = to.shape;
  for (let y = part.rows[0]; y < part.rows[1]; y++) {
    for (let x = part.columns[0]; x < part.columns[1]; x++) {
      if (tokens.get(y, x) < 0) continue;
      for (let line = 0; line < factor; line++) {
        const source = ((y - window.rows[0]) * factor + line) * fromWidth + (x - window.columns[0]) * factor;
        const target = (y * factor + line) * toWidth + x * factor;
        to.data.set(from.data.subarray(source * 3, (source + factor) * 3), target * 3);
      }
    }
  }
}
