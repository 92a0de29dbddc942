import { sizeOf } from "../core/mod.ts";
import { shiftBits } from "./bits.ts";
import { expand } from "./elementwise.ts";
import type { GraphBuilder } from "./graph_builder.ts";
import { inputOf, type LoweringRule, outputOf } from "./lowering_rule.ts";
import { reshapeValue } from "./movement.ts";

/** Rotations of the rounds of Threefry, in turns of four. */
const ROTATIONS = [[13, 15, 26, 6], [17, 29, 16, 24]] as const;

/** The parity constant of the third key word, as a signed number. */
const PARITY = 0x1bd11bda;

/** `word` rotated to the left. */
function rotate(graph: GraphBuilder, word: string, by: number): string {
  const left = shiftBits(graph, word, graph.scalar(by, "int32"), "LEFT");
  const right = shiftBits(graph, word, graph.scalar(32 - by, "int32"), "RIGHT");
  return graph.node("BitwiseOr", [left, right]);
}

/**
 * Threefry 2x32 with 20 rounds, on int32 words that wrap around.
 *
 * Source: Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3, section 3.2. As published.
 */
function threefry(graph: GraphBuilder, keys: readonly [string, string], counters: readonly [string, string]) {
  const add = (a: string, b: string) => graph.node("Add", [a, b]);
  const third = graph.node("BitwiseXor", [graph.node("BitwiseXor", keys), graph.scalar(PARITY, "int32")]);
  const schedule: readonly string[] = [...keys, third];
  let x = add(counters[0], keys[0]), y = add(counters[1], keys[1]);
  for (let turn = 0; turn < 5; turn++) {
    for (const rotation of ROTATIONS[turn % 2] ?? []) {
      x = add(x, y);
      y = graph.node("BitwiseXor", [rotate(graph, y, rotation), x]);
    }
    x = add(x, schedule[(turn + 1) % 3] ?? "");
    y = add(add(y, schedule[(turn + 2) % 3] ?? ""), graph.scalar(turn + 1, "int32"));
  }
  return [x, y] as const;
}

/** Random words of jax-js for each key: Threefry of the place in the result. */
export const lowerRandomBits: LoweringRule = (graph, application) => {
  const mode: "xor" | 0 | 1 = application.params.mode;
  const output = outputOf(application);
  const keyRank = inputOf(application, 0).shape.length;
  const inner = output.shape.slice(keyRank);
  const [k0 = "", k1 = ""] = [0, 1].map((index) => {
    const key = inputOf(application, index);
    return expand(graph, reshapeValue(graph, key, [...key.shape, ...inner.map(() => 1)])).name;
  });
  const counter = graph.initializer(
    "int32",
    inner,
    Int32Array.from({ length: sizeOf(inner) }, (_, place) => place),
  );
  const [x, y] = threefry(graph, [k0, k1], [graph.scalar(0, "int32"), counter]);
  const name = mode === "xor" ? graph.node("BitwiseXor", [x, y]) : mode === 0 ? x : y;
  return [{ ...output, extents: output.shape, name }];
};
