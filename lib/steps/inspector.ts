import { createTensor, type Tensor } from "../core/mod.ts";
import {
  type ActivationBill,
  type ActivationChanges,
  type ActivationInfo,
  billActivations,
  type CapturedActivations,
  createTap,
  type DecodeInputs,
  encodePatch,
  matchActivations,
  numPatchTokens,
  type PatchInputs,
  textMemories,
} from "../models/mod.ts";
import { compile, type Precision } from "../runtime/mod.ts";
import { exampleRows, type PatchModel, type RowInputs } from "./patch_model.ts";

/** What an inspector captures. */
export interface InspectorOptions {
  /**
   * Canonical names, see `listActivations`; `*` stands for any layer or part. Nothing is kept unless it is named.
   */
  readonly capture: readonly string[];
  /** Interventions on activations; captured is what the model goes on with. @default those of the patch model */
  readonly changes?: ActivationChanges;
  /** How exactly the weights are kept. @default "float32" */
  readonly precision?: Precision;
  /** The most bytes that a patch may take. @default 1e9 */
  readonly maxBytes?: number;
}

/** A patch model compiled to be looked into; see `inspectPatch`. */
export interface Inspector extends
  Pick<
    PatchModel,
    "model" | "config" | "maxContext" | "numStreams" | "cacheShape" | "batchSize"
  > {
  /** What it captures, in the order of computation. */
  readonly captured: readonly ActivationInfo[];
  /** What that takes for a patch with the most context, for each of `numStreams` streams. */
  readonly bill: ActivationBill;
  /** Runs finished patches, int32 `[streams, M]`; the activations by name, `[streams, ...]`. */
  run(tokenIds: Tensor, inputs: RowInputs): Promise<Readonly<Record<string, Tensor>>>;
  /** Frees what was compiled. */
  dispose(): Promise<void>;
}

type TracedTransformer = Parameters<typeof encodePatch>[1];

/**
 * Compiles a patch model once more, to run finished patches with activations captured. It takes the pool and the prompts
 * of the patch model that it was made from.
 *
 * @throws {RangeError} If a name is not that of an activation (the nearest is suggested), none is named, or they take
 * more than `maxBytes`.
 *
 * @example Usage
 * ```ts
 * import * as nuwa from "nuwa-infinity";
 *
 * async function lookInto(patches: nuwa.PatchModel, view: nuwa.InspectPatchOptions) {
 *   const inspector = await nuwa.compileInspector(patches, { capture: ["layers.*.self.weights", "logits"] });
 *   console.log(inspector.bill.text); // e.g. "7 activations, 5.3 MB a patch; …"
 *   const seen = await nuwa.inspectPatch(inspector, view);
 *   await inspector.dispose();
 *   return nuwa.plotAttention(nuwa.traceAttention(seen), { query: 36 });
 * }
 * ```
 */
export async function compileInspector(
  patchModel: PatchModel,
  options: InspectorOptions,
): Promise<Inspector> {
  const { model, config, maxContext, numStreams, cacheShape, device } = patchModel;
  const { capture, changes = patchModel.changes, precision = "float32", maxBytes = 1e9 } = options;
  const names = matchActivations(model.config, capture).map(({ name }) => name);
  const bill = billActivations(model.config, names, { numContext: maxContext });
  assertBill(bill, numStreams, maxBytes);
  const { transformer: parameters } = model.parameters;
  if (parameters === undefined) throw new TypeError("Cannot inspect patches: model must have a transformer");
  const M = numPatchTokens(config);
  const rows = exampleRows(config, {
    numRows: numStreams,
    maxContext,
    textLength: model.config.text?.maxLength ?? 1,
  });
  const f = (
    parameters: TracedTransformer,
    tokenIds: PatchInputs["tokenIds"],
    { text, ...inputs }: Omit<PatchInputs, "tokenIds" | "text"> & { text: NonNullable<DecodeInputs["text"]> },
  ) => {
    const captured: CapturedActivations = {};
    const tap = createTap(model.config, changes, { capture: { names, into: captured } });
    const memories = config.textDim > 0 ? textMemories(config, parameters, text) : [];
    const { caches, logits } = encodePatch(config, parameters, { ...inputs, tokenIds, text: memories }, tap);
    for (const unread of [caches, logits]) unread.dispose();
    return captured;
  };
  const run = await compile(
    f,
    [parameters, createTensor([numStreams, M], new Int32Array(numStreams * M)), rows],
    {
      device,
      precision,
      baked: [0],
      name: "inspect_patch",
      argumentNames: ["parameters", "tokenIds", "inputs"],
    },
  );
  return {
    model,
    config,
    maxContext,
    numStreams,
    cacheShape,
    batchSize: 1,
    captured: matchActivations(model.config, names, { numContext: maxContext }),
    bill,
    run: (tokenIds, inputs) => run(tokenIds, inputs),
    dispose: () => run.dispose(),
  };
}

function assertBill({ bytes, text }: ActivationBill, numStreams: number, maxBytes: number): void {
  if (bytes === 0) {
    throw new RangeError(
      "Cannot inspect patches: capture must name at least one activation, see listActivations, got none",
    );
  }
  if (bytes * numStreams > maxBytes) {
    throw new RangeError(
      `Cannot inspect patches: activations must take at most maxBytes ${maxBytes}, got ${text}, in ${numStreams} ${
        numStreams === 1 ? "stream" : "streams"
      }`,
    );
  }
}
