import { createPicture, type Picture } from "../core/mod.ts";
import { pictureBelow } from "./_canvas.ts";
import { type Box, type Panel, refsOf } from "./_layout.ts";
import { ACCENT, FAINT } from "./_palette.ts";
import type { LayoutImage, Shape } from "./figure.ts";
import { pictureUrl } from "./picture_url.ts";
import type { AttentionTrace } from "./traces.ts";

/** The part of the canvas that a patch can see, in tokens; earlier frames to the left. */
export interface AttentionScene {
  readonly box: Box;
  readonly panel: Panel;
  /** The first patch row and column that is shown. */
  readonly top: number;
  readonly left: number;
  /** Patches down and across, of one frame. */
  readonly rows: number;
  readonly columns: number;
  /** Frames that are shown, the earliest first. */
  readonly frames: readonly number[];
  /** Tokens along the sides of a patch. */
  readonly height: number;
  readonly width: number;
  /** What lies at a row and column of tokens. */
  readonly describe: (row: number, column: number) => string;
}

/** Frames stand this many tokens apart. */
const GAP = 2;

/** Lays out the box around a patch and its context, as large as the room allows. */
export function layOutScene(trace: AttentionTrace, room: Box): AttentionScene {
  const patches = [...trace.context, trace.position], { height, width } = trace.patchTokens;
  const top = Math.min(...patches.map(({ row }) => row)),
    left = Math.min(...patches.map(({ column }) => column));
  const rows = Math.max(...patches.map(({ row }) => row)) - top + 1;
  const columns = Math.max(...patches.map(({ column }) => column)) - left + 1;
  const frames = [...new Set(patches.map(({ frame }) => frame))].sort((a, b) => a - b);
  const across = frames.length * (columns * width + GAP) - GAP, down = rows * height;
  const side = Math.min(room.width / across, room.height / down, 26);
  const box = { left: room.left, top: room.top, width: across * side, height: down * side };
  const describe = (y: number, x: number) => {
    const frame = frames[Math.floor(x / (columns * width + GAP))] ?? 0;
    const column = x % (columns * width + GAP);
    const where = frames.length > 1 ? `frame ${frame + 1}, ` : "";
    return `${where}patch row ${top + Math.floor(y / height) + 1}, column ${
      left + Math.floor(column / width) + 1
    }` +
      `<br>token row ${y % height + 1}, column ${column % width + 1}`;
  };
  const panel = {
    box,
    x: { range: [-0.5, across - 0.5] as const, ticks: [] },
    y: { range: [down - 0.5, -0.5] as const, ticks: [] },
  };
  return { box, panel, top, left, rows, columns, frames, height, width, describe };
}

/** Weights over keys as a matrix over tokens; holes where nothing can be seen. The begin token has no place in it. */
export function sceneValues(
  scene: AttentionScene,
  trace: AttentionTrace,
  weights: ArrayLike<number>,
): (number | null)[][] {
  const { height, width, columns, frames } = scene, M = height * width;
  const across = frames.length * (columns * width + GAP) - GAP;
  const values = Array.from(
    { length: scene.rows * height },
    () => new Array<number | null>(across).fill(null),
  );
  const put = (patch: AttentionTrace["position"], token: number, weight: number) => {
    const x = originOf(scene, patch).x + token % width,
      y = originOf(scene, patch).y + Math.floor(token / width);
    const row = values[y];
    if (row !== undefined) row[x] = weight;
  };
  trace.context.forEach((patch, i) => {
    for (let token = 0; token < M; token++) put(patch, token, weights[i * M + token] ?? 0);
  });
  const own = trace.context.length * M;
  for (let token = 0; token + 1 < M; token++) put(trace.position, token, weights[own + token + 1] ?? 0);
  return values;
}

/** The first token of a patch in the scene. */
function originOf(scene: AttentionScene, patch: AttentionTrace["position"]) {
  const { height, width, columns, frames, top, left } = scene;
  return {
    x: frames.indexOf(patch.frame) * (columns * width + GAP) + (patch.column - left) * width,
    y: (patch.row - top) * height,
  };
}

/** Thin lines around the patches, and a frame around the token that asks. */
export function sceneMarks(scene: AttentionScene, trace: AttentionTrace, query: number, panel = 0): Shape[] {
  const { height, width } = scene, refs = refsOf(panel);
  const around = (x: number, y: number, w: number, h: number, color: string, thick: number): Shape => ({
    type: "rect",
    ...refs,
    x0: x - 0.5,
    x1: x + w - 0.5,
    y0: y - 0.5,
    y1: y + h - 0.5,
    line: { color, width: thick },
    layer: "above",
  });
  const own = originOf(scene, trace.position);
  return [
    ...trace.context.map((patch) => {
      const { x, y } = originOf(scene, patch);
      return around(x, y, width, height, FAINT, 1);
    }),
    around(own.x, own.y, width, height, ACCENT, 1.5),
    around(own.x + query % width, own.y + Math.floor(query / width), 1, 1, "#00d5ff", 2),
  ];
}

/** The picture of a canvas, to lay colours over. */
export interface ScenePictures {
  /** One a frame of the whole canvas. @default none */
  readonly pictures?: readonly Picture[];
  /** Pixels along the side of a token: the tokenizer's downsampling factor. @default 8 */
  readonly tokenPixels?: number;
}

/** The part of the picture that the scene shows, grey and dim; frame by frame. */
export function scenePictures(
  scene: AttentionScene,
  { pictures = [], tokenPixels = 8 }: ScenePictures,
  panel = 0,
  maxSide = 512,
): LayoutImage[] {
  const { rows, columns, height, width, frames } = scene;
  return frames.flatMap((frame, i) => {
    const picture = pictures[frame];
    if (picture === undefined) return [];
    const source = pictureUrl(cropScene(scene, picture, tokenPixels), { tone: "muted", maxSide });
    const place = { x: i * (columns * width + GAP), y: 0, columns: columns * width, rows: rows * height };
    return [pictureBelow(source, panel, place)];
  });
}

/** The pixels under the scene, as far as the picture goes; black beyond it. */
function cropScene(
  { top, left, rows, columns, height, width }: AttentionScene,
  picture: Picture,
  tokenPixels: number,
): Picture {
  const part = createPicture(rows * height * tokenPixels, columns * width * tokenPixels);
  const [H = 0, W = 0] = picture.shape, [h = 0, w = 0] = part.shape;
  const y0 = top * height * tokenPixels, x0 = left * width * tokenPixels;
  for (let y = 0; y < Math.min(h, H - y0); y++) {
    for (let x = 0; x < Math.min(w, W - x0); x++) {
      for (let c = 0; c < 3; c++) part.set(y, x, c, picture.get(y0 + y, x0 + x, c));
    }
  }
  return part;
}
