import type { Tensor } from "../core/mod.ts";
import { decodeTokens, tokenizePixels, type VqganConfig, type VqganParameters } from "../models/mod.ts";
import { compile, type Device } from "../runtime/mod.ts";

/** Which way a tile is run: pixels to tokens, or back. */
export type TileDirection = "tokenize" | "decode";

/** A VQGAN ready to run: see {@link tokenize} and {@link decode}. */
export interface Tokenizer {
  /** Its shape. */
  readonly config: VqganConfig;
  /** The device that runs it; until the first run, the one that was asked for. */
  readonly device: Device;
  /**
   * Runs one tile: pixels `[1, 3, H, W]` to int32 tokens `[1, h, w]`, or back. The first run of a shape compiles it; a
   * few compiled shapes are kept.
   */
  run(direction: TileDirection, tile: Tensor): Promise<Tensor>;
  /** Frees what was compiled and is not running. A later run compiles anew. */
  dispose(): Promise<void>;
}

/** What {@link createTokenizer} needs. */
export interface TokenizerOptions {
  /** Its shape. */
  readonly config: VqganConfig;
  /** Its weights. */
  readonly parameters: VqganParameters<Tensor>;
  /**
   * Where to run.
   * @default "auto"
   */
  readonly device?: Device;
}

/** A compiled tile, and how many runs it is in. */
interface CompiledTile {
  readonly compiled: ReturnType<typeof compileTile>;
  numRuns: number;
}

/** Compiled shapes that are kept for the next picture. */
const MAX_KEPT = 4;

/** Creates a {@link Tokenizer}. Nothing is compiled before it is needed. */
export function createTokenizer(options: TokenizerOptions): Tokenizer {
  const tiles = new Map<string, CompiledTile>(); // least recently used first
  let device = options.device ?? "auto";
  const freeIdle = async (numKept: number) => {
    const idle = [...tiles].filter(([, { numRuns }]) => numRuns === 0);
    const freed = idle.slice(0, Math.max(tiles.size - numKept, 0));
    for (const [key] of freed) tiles.delete(key); // before the first wait, so that no run finds them
    for (const [, { compiled }] of freed) {
      await compiled.then((run) => run.dispose(), () => {}); // what did not compile holds nothing
    }
  };
  return {
    config: options.config,
    get device() {
      return device;
    },
    async run(direction, tile) {
      const key = `${direction} ${tile.shape.join()}`;
      const entry = tiles.get(key) ?? { compiled: compileTile(options, direction, tile), numRuns: 0 };
      tiles.delete(key);
      tiles.set(key, entry);
      entry.numRuns++;
      try {
        const run = await entry.compiled;
        device = run.stats.device;
        return await run(tile);
      } finally {
        entry.numRuns--;
        await freeIdle(MAX_KEPT);
      }
    },
    dispose: () => freeIdle(0),
  };
}

function compileTile(
  { config, parameters, device = "auto" }: TokenizerOptions,
  direction: TileDirection,
  tile: Tensor,
) {
  const f = direction === "tokenize" ? tokenizePixels.bind(null, config) : decodeTokens.bind(null, config);
  return compile(f, [parameters, tile], {
    device,
    baked: [0],
    name: direction,
    argumentNames: ["parameters", "tile"],
  });
}
