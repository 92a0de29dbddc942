import { createPicture, createTokenGrid, type Picture, type TokenGrid } from "../core/mod.ts";
import type { OrderName } from "../direction/mod.ts";
import { cropPicture, type PixelWindow } from "../media/mod.ts";
import type { Model } from "../models/mod.ts";
import { createTokenizer, tokenize } from "../steps/mod.ts";
import { type CanvasLayout, layOutCanvas, partsOfTokenizer } from "./canvas_layout.ts";
import { generate, type Generated, type GenerateOptions, type GenerationProgress } from "./generate.ts";
import { plan, type RunPlan } from "./plan.ts";

/** What to add to a picture, and how: {@link GenerateOptions} but for the size, which follows. */
export interface ExtendPictureOptions extends Omit<GenerateOptions, "width" | "height" | "known"> {
  /** uint8 `[H, W, 3]`, a patch wide and high at least. */
  readonly picture: Picture;
  /** Pixels to add on the left. @default 0 */
  readonly left?: number;
  /** Pixels to add above. @default 0 */
  readonly top?: number;
  /** Pixels to add on the right. @default 0 */
  readonly right?: number;
  /** Pixels to add below. @default 0 */
  readonly bottom?: number;
  /** @default strip after strip towards the side that grows; `outward`, the paper's spiral, where several do */
  readonly order?: NonNullable<GenerateOptions["order"]>;
  /** Hears how far the picture is tokenized, before anything is generated. */
  readonly onTokenize?: (done: number, total: number) => void;
}

/** An extended picture with the figures of its run. */
export interface ExtendedPicture extends Generated {
  /** Where in the result the given picture is, as its codes show it. */
  readonly kept: PixelWindow;
}

/**
 * Says what {@link extendPicture} will take before anything is spent; see {@link plan}.
 *
 * @throws {RangeError} As {@link extendPicture}.
 */
export function planExtension(model: Model, options: Omit<ExtendPictureOptions, "onTokenize">): RunPlan {
  const { picture, left = 0, top = 0, right = 0, bottom = 0, ...rest } = options;
  const growth = { left, top, right, bottom };
  const { canvas, axes } = layOutExtension(model, picture, growth);
  const { height, width } = canvas.patchTokens;
  const [h, w] = [axes.y.numPatches * height, axes.x.numPatches * width];
  const anyCodes = createTokenGrid(h, w, new Int32Array(h * w));
  return plan(model, {
    ...rest,
    order: rest.order ?? orderTowards(growth),
    width: axes.x.canvas,
    height: axes.y.canvas,
    known: placeCodes(anyCodes, canvas, axes),
  });
}

/**
 * Continues a picture on any of its sides: outpainting. Its codes are put on a larger canvas, what they say is cached
 * (see `known` of {@link GenerateOptions}), and the rest is generated under the text.
 *
 * In the result the given picture is what the tokenizer keeps of it, so that no seam shows where its codes end. Patches
 * start at its top left. Where the right or bottom side grows and the picture ends within a patch, that rest of it is
 * generated anew, and a warning says so; on sides that do not grow nothing is lost.
 *
 * Source: NUWA-Infinity, arXiv:2207.09814, algorithm 2 and the figure on outpainting.
 *
 * @returns An async generator that yields as {@link generate} does, the known patches first, and returns the picture.
 * @throws {RangeError} If the picture is smaller than a patch, the result absurdly large, or a side no integer >= 0.
 * @throws {TypeError} As {@link generate}.
 *
 * @example Usage
 * ```ts ignore
 * const { model } = await nuwa.loadModel("weights/handscroll");
 * const picture = await nuwa.readPicture("photo.jpg");
 * const steps = nuwa.extendPicture(model, { picture, right: 512, text: "mountains above a river" });
 * ```
 */
export async function* extendPicture(
  model: Model,
  { picture, left = 0, top = 0, right = 0, bottom = 0, onTokenize, ...options }: ExtendPictureOptions,
): AsyncGenerator<GenerationProgress, ExtendedPicture, void> {
  const growth = { left, top, right, bottom };
  planExtension(model, { ...options, ...growth, picture }); // refuses what is wrong before anything is spent
  const { canvas, axes: { x, y } } = layOutExtension(model, picture, growth);
  const tokenizer = createTokenizer({ ...partsOfTokenizer(model), device: options.device ?? "auto" });
  let codes: TokenGrid;
  try {
    const whole = mirrorEdges(picture, y.numPatches * y.side, x.numPatches * x.side);
    codes = await tokenize(tokenizer, whole, onTokenize === undefined ? {} : { onProgress: onTokenize });
  } finally {
    await tokenizer.dispose();
  }
  const generated = yield* generate(model, {
    ...options,
    order: options.order ?? orderTowards(growth),
    width: x.canvas,
    height: y.canvas,
    known: placeCodes(codes, canvas, { x, y }),
  });
  const size = { width: x.size + left + right, height: y.size + top + bottom };
  return {
    ...generated,
    picture: cropPicture(generated.picture, { x: x.cropped, y: y.cropped, ...size }),
    kept: { x: left, y: top, width: Math.min(x.kept, x.size), height: Math.min(y.kept, y.size) },
    warnings: [...warnAboutRest("right", x), ...warnAboutRest("bottom", y), ...generated.warnings],
  };
}

type Side = "left" | "top" | "right" | "bottom";

/** The order that goes on towards one side, as in training; the spiral where several grow. */
function orderTowards(growth: Readonly<Record<Side, number>>): OrderName {
  const orders = { left: "down-left", top: "right-up", right: "down-right", bottom: "right-down" } as const;
  const [order = "auto", ...others] = (["left", "top", "right", "bottom"] as const)
    .filter((side) => growth[side] > 0).map((side) => orders[side]);
  return others.length === 0 ? order : "outward";
}

/** How a picture lies on one axis of the canvas. Pixels, but for counts of patches. */
interface GrownAxis {
  /** Of a patch. */
  readonly side: number;
  /** Of the given picture. */
  readonly size: number;
  /** Of the given picture, as far as its patches are known: more than `size` where the last one reaches beyond. */
  readonly kept: number;
  /** Of the canvas, as far as it is wanted. */
  readonly canvas: number;
  /** What the patches before the picture have too much. */
  readonly cropped: number;
  /** Patches that cover the picture. */
  readonly numPatches: number;
  /** Patches before the picture. */
  readonly numBefore: number;
}

function growAxis(size: number, { before, after, side }: {
  readonly before: number;
  readonly after: number;
  readonly side: number;
}): GrownAxis {
  const numBefore = Math.ceil(before / side), numPatches = Math.ceil(size / side);
  return {
    side,
    size,
    kept: (after > 0 ? Math.floor(size / side) : numPatches) * side,
    canvas: numBefore * side + size + after,
    cropped: numBefore * side - before,
    numPatches,
    numBefore,
  };
}

interface Extension {
  readonly canvas: CanvasLayout;
  readonly axes: { readonly x: GrownAxis; readonly y: GrownAxis };
}

function layOutExtension(
  model: Model,
  picture: Picture,
  growth: Readonly<Record<Side, number>>,
): Extension {
  const [H = 0, W = 0, C = 0] = picture.shape;
  if (picture.shape.length !== 3 || C !== 3) {
    throw new TypeError(
      `Cannot extend picture: picture must have shape [H, W, 3], got [${picture.shape.join(", ")}]`,
    );
  }
  for (const [name, pixels] of Object.entries(growth)) {
    if (Number.isSafeInteger(pixels) && pixels >= 0) continue;
    throw new RangeError(`Cannot extend picture: ${name} must be an integer >= 0, got ${pixels}`);
  }
  const { left, top, right, bottom } = growth;
  const { factor, patchTokens } = layOutCanvas(model, { width: W, height: H });
  const side = { x: patchTokens.width * factor, y: patchTokens.height * factor };
  if (W < side.x || H < side.y) {
    throw new RangeError(
      `Cannot extend picture: picture must be at least ${side.x}x${side.y}, a patch, got ${W}x${H}`,
    );
  }
  const x = growAxis(W, { before: left, after: right, side: side.x });
  const y = growAxis(H, { before: top, after: bottom, side: side.y });
  return { canvas: layOutCanvas(model, { width: x.canvas, height: y.canvas }), axes: { x, y } };
}

/** Goes on beyond the right and bottom edge with the picture's mirror image, so that its last codes see no edge. */
function mirrorEdges(picture: Picture, height: number, width: number): Picture {
  const [H = 0, W = 0] = picture.shape;
  if (H === height && W === width) return picture;
  const mirrored = createPicture(height, width);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        const value = picture.get(y < H ? y : 2 * H - 1 - y, x < W ? x : 2 * W - 1 - x, channel);
        mirrored.set(y, x, channel, value);
      }
    }
  }
  return mirrored;
}

/** The canvas's codes `[h, w]`: those of the patches that are kept, -1 elsewhere. */
function placeCodes(
  codes: TokenGrid,
  { grid, patchTokens, factor }: CanvasLayout,
  { x, y }: Extension["axes"],
): TokenGrid {
  const { height, width } = patchTokens;
  const known = createTokenGrid(grid.rows * height, grid.columns * width);
  for (let row = 0; row < y.kept / factor; row++) {
    for (let column = 0; column < x.kept / factor; column++) {
      known.set(y.numBefore * height + row, x.numBefore * width + column, codes.get(row, column));
    }
  }
  return known;
}

function warnAboutRest(side: "right" | "bottom", { size, kept }: GrownAxis): string[] {
  if (kept >= size) return [];
  return [`the last ${size - kept} pixels at the ${side} fill no whole patch and are generated anew`];
}
