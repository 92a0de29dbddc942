import {
  lowerAdd,
  lowerCast,
  lowerCompare,
  lowerErfc,
  lowerExtremum,
  lowerIdentity,
  lowerIdiv,
  lowerMod,
  lowerMul,
  lowerNeg,
  lowerRounding,
  lowerUnary,
  lowerWhere,
} from "./arithmetic.ts";
import { lowerBitcast, lowerBitCombine, lowerBitCount, lowerBitShift } from "./bits.ts";
import { lowerDot } from "./contraction.ts";
import { lowerConv } from "./convolution.ts";
import { lowerGather, lowerScatter } from "./indexing.ts";
import type { LoweringRule } from "./lowering_rule.ts";
import {
  lowerBroadcast,
  lowerConcatenate,
  lowerFlip,
  lowerPad,
  lowerReshape,
  lowerShrink,
  lowerSplit,
  lowerTranspose,
} from "./movement.ts";
import { lowerPool, lowerPoolTranspose } from "./pooling.ts";
import { lowerRandomBits } from "./random_bits.ts";
import { lowerReduce } from "./reduction.ts";
import { lowerArgsort, lowerSort } from "./sorting.ts";

/** How each primitive of jax-js becomes nodes of an ONNX graph. */
export const LOWERING_RULES: ReadonlyMap<string, LoweringRule> = new Map(Object.entries({
  add: lowerAdd,
  mul: lowerMul,
  idiv: lowerIdiv,
  mod: lowerMod,
  min: lowerExtremum("Min"),
  max: lowerExtremum("Max"),
  bit_combine: lowerBitCombine,
  bit_shift: lowerBitShift,
  bit_count: lowerBitCount,
  neg: lowerNeg,
  reciprocal: lowerUnary("Reciprocal"),
  floor: lowerRounding("Floor"),
  ceil: lowerRounding("Ceil"),
  stop_gradient: lowerIdentity,
  cast: lowerCast,
  bitcast: lowerBitcast,
  sin: lowerUnary("Sin"),
  cos: lowerUnary("Cos"),
  asin: lowerUnary("Asin"),
  atan: lowerUnary("Atan"),
  exp: lowerUnary("Exp"),
  log: lowerUnary("Log"),
  erf: lowerUnary("Erf"),
  erfc: lowerErfc,
  sqrt: lowerUnary("Sqrt"),
  reduce: lowerReduce,
  pool: lowerPool,
  pool_transpose: lowerPoolTranspose,
  dot: lowerDot,
  conv: lowerConv,
  compare: lowerCompare,
  where: lowerWhere,
  concatenate: lowerConcatenate,
  split: lowerSplit,
  random_bits: lowerRandomBits,
  gather: lowerGather,
  scatter: lowerScatter,
  transpose: lowerTranspose,
  broadcast: lowerBroadcast,
  reshape: lowerReshape,
  flip: lowerFlip,
  shrink: lowerShrink,
  pad: lowerPad,
  sort: lowerSort,
  argsort: lowerArgsort,
}));
