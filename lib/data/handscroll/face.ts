import { fractal1, noise2, smoothstep } from "./noise.ts";
import type { Palette, Rgb } from "./palette.ts";
import { blend, type Pixels, type View, worldX } from "./view.ts";

/** One rock face: what lies below its crest line, down to a foot that dissolves in mist. */
export interface Face {
  readonly centre: number;
  readonly halfWidth: number;
  readonly height: number;
  /** World y of the foot. */
  readonly base: number;
  /** How pointed the summit is: 0.8 is round, 2.2 is a needle. */
  readonly sharpness: number;
  /** Leans the summit sideways, -0.4 to 0.4. */
  readonly lean: number;
  readonly lane: number;
  /** 0 malachite, 1 azurite. */
  readonly blueness: number;
  /** How much of it the air takes away, 0 to 1. */
  readonly haze: number;
  /** World x of a waterfall on it, or NaN. */
  readonly fall: number;
}

/** The world y of the face's crest at `x`; its base where `x` is outside. */
export function crestOf(face: Face, x: number): number {
  const u = (x - face.centre) / face.halfWidth;
  if (u <= -1 || u >= 1) return face.base;
  const v = u + face.lean * (1 - u * u);
  const bump = Math.cos(Math.min(1, Math.abs(v)) * Math.PI / 2) ** face.sharpness;
  const rough = fractal1(x / 46, face.lane, 5) * 0.24 + Math.abs(fractal1(x / 22, face.lane + 5, 3)) * 0.16;
  const edge = Math.min(1, (1 - Math.abs(u)) * 4);
  return face.base - face.height * Math.max(0, bump + rough * edge * (0.35 + 0.65 * bump));
}

/** What a column of a face needs to know. */
interface FaceColumn {
  readonly x: number;
  readonly crest: number;
  readonly slope: number;
}

/** Paints one face over what is there. */
export function paintFace(pixels: Pixels, view: View, palette: Palette, face: Face): void {
  const first = Math.max(0, Math.floor((face.centre - face.halfWidth - view.left) * view.scale));
  const last = Math.min(view.width, Math.ceil((face.centre + face.halfWidth - view.left) * view.scale));
  for (let column = first; column < last; column++) {
    const x = worldX(view, column);
    const crest = crestOf(face, x);
    const slope = (crestOf(face, x + 3) - crestOf(face, x - 3)) / 6;
    if (face.base - crest > 2) paintColumn(pixels, view, palette, face, column, { x, crest, slope });
  }
}

/** Paints one pixel column of a face, from its crest down. */
function paintColumn(
  pixels: Pixels,
  view: View,
  palette: Palette,
  face: Face,
  column: number,
  { x, crest, slope }: FaceColumn,
): void {
  const { ink, mist } = palette, haze = face.haze * 0.75;
  const tall = face.base - crest, reach = Math.min(face.height, 150);
  const rooted = smoothstep(3, 30, tall); // thin skirts dissolve
  const steep = Math.sqrt(1 + slope * slope);
  const lit = Math.max(-0.5, Math.min(0.5, slope * 0.16)); // right flanks catch the light
  const fan = (x - face.centre) / (0.5 * reach), shade: [number, number, number] = [0, 0, 0];
  const last = Math.min(view.height, Math.ceil(face.base * view.scale));
  for (let row = Math.max(0, Math.floor((crest - 0.7) * view.scale)); row < last; row++) {
    const below = (row + 0.5) / view.scale - crest, depth = below / steep;
    const y = crest + below;
    const alpha = Math.min(1, below * view.scale + 0.7) * (1 - smoothstep(0.62, 1, below / tall)) * rooted;
    if (alpha <= 0.004) continue;
    // Streaks run down and away from the summit: q is constant along them.
    const q = (x - face.centre - fan * below * 0.36) + 9 * noise2(x / 24 + face.lane, y / 30);
    const fold = noise2(q / 23 + face.lane, below / 95);
    const streak = 1 - Math.abs(2 * noise2(q / 5.2 + face.lane, below / 30) - 1);
    const mask = noise2(q / 34 + 50, below / 26 + face.lane);
    pigment(shade, palette, face, depth / reach * 2.1 + (fold - 0.5) * 0.5, fold);
    const tone = (0.76 + 0.42 * fold + lit * 0.3) * (1 - face.haze) + face.haze;
    const dark = inkAt(streak, mask, depth, face.haze);
    const i = 4 * (row * view.width + column);
    blend(
      pixels,
      i,
      mixed(shade[0] * tone, ink[0], dark, mist[0], haze),
      mixed(shade[1] * tone, ink[1], dark, mist[1], haze),
      mixed(shade[2] * tone, ink[2], dark, mist[2], haze),
      alpha,
    );
    if (Math.abs(x - face.fall) < 9) paintFall(pixels, i, palette.snow, x - face.fall, below, tall, alpha);
  }
}

/** How much ink lies on a point: texture strokes (cun) where the mask lets them, and the crest line. */
function inkAt(streak: number, mask: number, depth: number, haze: number): number {
  const cun = smoothstep(0.8, 0.97, streak) * smoothstep(0.34, 0.6, mask) * (1 - haze) * 0.5;
  const line = Math.max(0, 1 - Math.abs(depth - 0.7) / 1.1) * (0.85 - 0.75 * haze);
  return Math.min(0.92, cun + line);
}

/** A channel darkened by ink and then veiled by mist. */
function mixed(value: number, ink: number, dark: number, mist: number, haze: number): number {
  const stroked = value + (ink - value) * dark;
  return stroked + (mist - stroked) * haze;
}

/** The mineral colours down a face: crest, azurite or malachite, ochre, bare silk. */
function pigment(
  out: [number, number, number],
  palette: Palette,
  face: Face,
  depth: number,
  fold: number,
): void {
  const blue = Math.min(1, Math.max(0, face.blueness * 1.3 - 0.15 + (fold - 0.5) * 0.7));
  const toMineral = smoothstep(-0.1, 0.34, depth);
  const toGreen = smoothstep(0.3, 0.8, depth) * 0.75;
  const toOchre = smoothstep(0.62, 1.35, depth);
  const toSilk = smoothstep(1.35, 2.1, depth) * 0.8;
  for (let channel = 0; channel < 3; channel++) {
    const at = (colour: Rgb) => colour[channel] ?? 0;
    const mineral = at(palette.malachite) + (at(palette.azurite) - at(palette.malachite)) * blue;
    const greened = mineral + (at(palette.malachite) - mineral) * toGreen;
    const top = at(palette.crest) * (1 - toMineral) + greened * toMineral;
    const foot = top + (at(palette.ochre) - top) * toOchre;
    out[channel] = foot + (at(palette.mist) - foot) * toSilk;
  }
}

/** A thread of white water that widens as it drops. */
function paintFall(
  pixels: Pixels,
  i: number,
  snow: Rgb,
  offset: number,
  below: number,
  tall: number,
  alpha: number,
): void {
  const fallen = below / tall;
  const sway = 3 * (noise2(below / 34, 7.5) - 0.5);
  const width = 1.2 + 3.2 * fallen;
  const body = smoothstep(width + 0.9, width - 0.9, Math.abs(offset - sway)) * smoothstep(0.06, 0.12, fallen);
  const thread = 0.72 + 0.28 * noise2(offset * 0.9, below / 40);
  blend(pixels, i, snow[0], snow[1], snow[2], body * thread * alpha * (1 - smoothstep(0.6, 0.8, fallen)));
}
