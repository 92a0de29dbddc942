import { numpy as np } from "@jax-js/jax";
import {
  compile,
  createTensor,
  type DecodeCarry,
  type DecodeConstants,
  type DecodeInputs,
  type DecodeMemory,
  decodeToken,
  initDecode,
  numPatchTokens,
  type PatchTransformerParameters,
  type Precision,
  type TensorsOf,
} from "nuwa-infinity";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";
import { loadWhole, preparePatches, type WholeModel } from "./prepare_patches.ts";

/** A patch in one graph against one run a token, with the same weights and the same inputs. */
export const DECODE_IN_GRAPH: Measurement = {
  name: "decode-in-graph",
  title: "Decoding a patch, batch 1: one graph against one run a token",
  run: measureDecodeInGraph,
};

/** The most exact weights, and those that leave least to read from memory at no loss. */
const COMPARED = ["float32", "int8"] as const;

async function measureDecodeInGraph(context: BenchContext): Promise<Report> {
  const whole = await loadWhole(context);
  const reports = [];
  for (const precision of COMPARED) reports.push(await measureAt(precision, whole, context));
  return {
    rows: reports.flatMap(({ rows }) => rows),
    figures: Object.assign({}, ...reports.map(({ figures }) => figures)),
    notes: [
      "Full context, random. All draw their tokens in the graph, with the same weights.",
      "All caches in and out: as decoders are usually exported, past keys and values in, present ones out.",
      "In place: the context is an input only, and a run returns the keys and values of the patch's own tokens.",
    ],
  };
}

async function measureAt(precision: typeof COMPARED[number], whole: WholeModel, context: BenchContext) {
  const prepared = await preparePatches(whole, context, 1, { precision });
  const M = numPatchTokens(whole.transformer);
  const { guidance: _, uniforms, ...rest } = prepared.inputs();
  const inputs = { ...rest, uniforms: createTensor([M, 1], uniforms.data) };
  const perToken = await preparePerToken(whole, inputs, { ...context, precision });
  const seconds = await measureInTurn({
    graph: () => prepared.patchModel.decode(prepared.inputs()),
    grown: () => perToken.decodeGrown(),
    inPlace: () => perToken.decodeInPlace(),
  }, { clock: context.clock, rounds: 9 });
  await Promise.all([prepared.dispose(), perToken.dispose()]);
  const row = (how: string, time: number) => {
    return {
      precision,
      how,
      "ms a patch": 1000 * time,
      "tokens/s": M / time,
      "graph is faster": time / seconds.graph,
    };
  };
  const figure = precision === "float32"
    ? "decode_in_graph_over_per_token"
    : "decode_in_graph_over_per_token_int8";
  return {
    rows: [
      row("one graph a patch", seconds.graph),
      row("one run a token, all caches in and out", seconds.grown),
      row("one run a token, the context read in place", seconds.inPlace),
    ],
    figures: { [figure]: seconds.grown / seconds.graph },
  };
}

type Traced = PatchTransformerParameters<np.Array>;
/** The constants without the context's keys and values. */
type Fixed = Omit<DecodeConstants, "layers"> & {
  readonly layers: readonly Omit<DecodeConstants["layers"][number], "context">[];
};

/** Compiles the same decoding token by token. The weights are constants of the graph, as they are in the loop. */
async function preparePerToken(
  { model, transformer: config }: WholeModel,
  inputs: TensorsOf<DecodeInputs>,
  { device, precision }: Pick<BenchContext, "device"> & { readonly precision: Precision },
) {
  const { transformer: parameters } = model.parameters;
  if (parameters === undefined) throw new TypeError("Cannot measure decoding: model must have a transformer");
  const prepare = await compile(
    (parameters: Traced, inputs: DecodeInputs) => initDecode(config, parameters, inputs),
    [parameters, inputs],
    { device, baked: [0] },
  );
  const { carry: start, constants } = await prepare(inputs);
  await prepare.dispose();
  const contexts = constants.layers.map(({ context }) => context);
  const layers = constants.layers.map(({ context: _, ...layer }) => layer);
  const step = (fixed: Fixed, iteration: np.Array, carry: DecodeCarry, contexts: readonly DecodeMemory[]) => {
    const joined = fixed.layers.flatMap((layer, index) => {
      const context = contexts[index];
      return context === undefined ? [] : [{ ...layer, context }];
    });
    return decodeToken(config, iteration, carry, { ...fixed, layers: joined });
  };
  const grow = (fixed: Fixed, iteration: np.Array, carry: DecodeCarry, contexts: readonly DecodeMemory[]) => {
    const kept = contexts.map(({ key, value }) => ({ key: key.ref, value: value.ref }));
    const next = step(fixed, iteration, carry, contexts);
    const present = kept.map(({ key, value }, index) => {
      const own = next.carry.own[index];
      if (own === undefined) throw new TypeError(`Cannot measure decoding: carry must have layer ${index}`);
      return {
        key: np.concatenate([key, own.key.ref.transpose([0, 2, 1])], 2), // [R heads, headDim, C M + M]
        value: np.concatenate([value, own.value.ref], 1), // [R heads, C M + M, headDim]
      };
    });
    return { ...next, present };
  };
  const examples = [{ ...constants, layers }, iterationOf(0), start, contexts];
  const [runInPlace, runGrown] = await Promise.all([
    compile(step, examples, { device, baked: [0], precision }),
    compile(grow, examples, { device, baked: [0], precision }),
  ]);
  const decode = async (run: typeof runInPlace | typeof runGrown) => {
    let carry = start;
    for (let token = 0; token < numPatchTokens(config); token++) {
      carry = (await run(iterationOf(token), carry, contexts)).carry;
    }
  };
  return {
    decodeInPlace: () => decode(runInPlace),
    decodeGrown: () => decode(runGrown),
    dispose: () => Promise.all([runInPlace.dispose(), runGrown.dispose()]),
  };
}

function iterationOf(token: number) {
  return createTensor([], Int32Array.of(token));
}
