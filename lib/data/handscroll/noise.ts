import { philox4x32, type Uniform } from "../../core/mod.ts";

const TABLE_SIZE = 16384;
const TABLE_KEY: readonly [number, number] = [0x68616e64, 0x7363726c];
const TABLE = createTable();

/** Uniform numbers in [0, 1): the lattice values of every noise field. */
function createTable(): Float32Array {
  const table = new Float32Array(TABLE_SIZE);
  for (let i = 0; i < TABLE_SIZE; i += 4) {
    table.set(philox4x32([i, 0, 0, 0], TABLE_KEY).map((word) => word / 2 ** 32), i);
  }
  return table;
}

// Indices below are masked to the table's size, so that `!` is safe: these are the hottest lines of the world.

/** Smooth noise in [0, 1] along one axis, with lattice spacing 1; `lane` chooses among independent curves. */
export function noise1(x: number, lane: number): number {
  const cell = Math.floor(x);
  const f = x - cell;
  const start = cell + lane * 2741;
  const a = TABLE[start & 16383]!, b = TABLE[(start + 1) & 16383]!;
  return a + (b - a) * f * f * (3 - 2 * f);
}

/** Smooth noise in [0, 1] of the plane, with lattice spacing 1. */
export function noise2(x: number, y: number): number {
  const column = Math.floor(x), row = Math.floor(y);
  const fx = x - column, fy = y - row;
  const sx = fx * fx * (3 - 2 * fx), sy = fy * fy * (3 - 2 * fy);
  const p = column + ((TABLE[(row * 97) & 16383]! * TABLE_SIZE) | 0);
  const q = column + ((TABLE[((row + 1) * 97) & 16383]! * TABLE_SIZE) | 0);
  const a = TABLE[p & 16383]!, b = TABLE[(p + 1) & 16383]!;
  const c = TABLE[q & 16383]!, d = TABLE[(q + 1) & 16383]!;
  const top = a + (b - a) * sx;
  return top + (c + (d - c) * sx - top) * sy;
}

/** Noise of `octaves` octaves along one axis, in [-1, 1]; each octave is twice as fine and half as strong. */
export function fractal1(x: number, lane: number, octaves: number): number {
  let sum = 0, strength = 1, total = 0;
  for (let octave = 0; octave < octaves; octave++) {
    sum += (2 * noise1(x, lane + octave * 17) - 1) * strength;
    total += strength;
    x *= 2.03;
    strength *= 0.5;
  }
  return sum / total;
}

/** Goes smoothly from 0 at `low` to 1 at `high`. */
export function smoothstep(low: number, high: number, x: number): number {
  const f = Math.min(1, Math.max(0, (x - low) / (high - low)));
  return f * f * (3 - 2 * f);
}

/**
 * A source of uniform numbers in [0, 1) for one cell of the world and one purpose.
 *
 * @param seed The world's seed, any safe integer.
 * @param purpose What is drawn: independent sequences.
 * @param cell The cell's index along the scroll, possibly negative.
 */
export function createCellRandom(seed: number, purpose: number, cell: number): Uniform {
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  const cellHigh = Math.floor(cell / 2 ** 32) & 0xffff;
  let words: readonly number[] = [], next = 4, block = 0;
  return () => {
    if (next === 4) {
      words = philox4x32([block++, cell >>> 0, (purpose | (cellHigh << 16)) >>> 0, high], [
        seed >>> 0,
        0x7363726f,
      ]);
      next = 0;
    }
    return (words[next++] ?? 0) / 2 ** 32;
  };
}
