import { numpy as np } from "@jax-js/jax";
import { type ActivationInfo, matchActivations } from "./activations.ts";
import type { ModelConfig } from "./model_config.ts";
import type { Tap } from "./tap.ts";

/** Where an intervention is called. */
export interface ActivationPlace {
  /** The activation. */
  readonly name: string;
  /** Which token each place on the axis of tokens predicts: a new int32 array `[T]` at each call. */
  positions(): np.Array;
}

/**
 * Gives what the model goes on with in place of an activation: a pure function of jax-js arrays, traced once.
 *
 * @param value `[rows, ...]` with the axes that `listActivations` gives; consumed. T of the tokens come together: one in
 * the loop that samples, M + 1 where finished patches are run.
 * @returns An array of the same shape.
 */
export type ChangeActivation = (value: np.Array, place: ActivationPlace) => np.Array;

/** Interventions on activations, by name; `*` stands for any layer or part. */
export type ActivationChanges = Readonly<Record<string, ChangeActivation>>;

/** What {@link createTap} leaves behind when the model has been traced: arrays `[rows, ...]` by name. */
export type CapturedActivations = Record<string, np.Array>;

/**
 * Makes a tap of interventions and of names to capture. Interventions come first, so that what is captured is what the
 * model goes on with.
 *
 * @param options.capture Where the tap puts the arrays that it captures, cut to the M tokens that are predicted.
 * @throws {RangeError} If a name is not that of an activation.
 */
export function createTap(
  config: ModelConfig,
  changes: ActivationChanges,
  options: {
    readonly capture?: { readonly names: readonly string[]; readonly into: CapturedActivations };
  } = {},
): Tap {
  const functions = Object.entries(changes).flatMap(([pattern, change]) =>
    matchActivations(config, [pattern]).map(({ name }) => ({ name, change }))
  );
  const { capture } = options;
  const wanted = new Map(
    matchActivations(config, capture?.names ?? []).map((info) => [info.name, info]),
  );
  return (name, value, positions) => {
    for (const { change } of functions.filter((one) => one.name === name)) {
      value = changeOne(change, value, { name, positions });
    }
    const info = wanted.get(name);
    if (info !== undefined && capture !== undefined) capture.into[name] = cutToTokens(info, value.ref);
    return value;
  };
}

function changeOne(change: ChangeActivation, value: np.Array, place: ActivationPlace): np.Array {
  const { shape } = value;
  const changed = change(value, place);
  if (changed.shape.join() !== shape.join()) {
    throw new TypeError(
      `Cannot change ${place.name}: result must have shape [${shape.join(", ")}], got [${
        changed.shape.join(", ")
      }]`,
    );
  }
  return changed;
}

/** Leaves out the last input of a finished patch, from which nothing is predicted. Consumes `value`. */
function cutToTokens({ name, axes, shape }: ActivationInfo, value: np.Array): np.Array {
  if (name === "logits") return value;
  const cuts = axes.map((axis, i): [] | [number, number] => {
    if (axis === "tokens") return [0, shape[i] ?? 0];
    return axis === "keys" ? [0, (value.shape[i + 1] ?? 1) - 1] : [];
  });
  return value.slice([], ...cuts);
}

/**
 * Switches attention heads off: they read nothing. For `layers.N.self.read` and `layers.N.text.read`.
 *
 * @param heads Indexes of heads.
 *
 * @example Usage
 * ```ts
 * import { switchOffHeads } from "nuwa-infinity";
 * const taps = { "layers.2.self.read": switchOffHeads(0, 3), "layers.*.text.read": switchOffHeads(1) };
 * ```
 */
export function switchOffHeads(...heads: readonly number[]): ChangeActivation {
  return (value, { name }) => {
    const numHeads = value.shape[1] ?? 0;
    const wrong = heads.find((head) => !Number.isInteger(head) || head < 0 || head >= numHeads);
    if (!/\.(self|text)\.read$/.test(name) || wrong !== undefined) {
      throw new RangeError(
        wrong === undefined
          ? `Cannot switch off heads: name must end in self.read or text.read, got ${name}`
          : `Cannot switch off heads of ${name}: head must be an index of ${numHeads}, got ${wrong}`,
      );
    }
    const keep = Array.from({ length: numHeads }, (_, head) => heads.includes(head) ? 0 : 1);
    return value.mul(np.array(keep).reshape([1, numHeads, 1, 1]));
  };
}

/**
 * Changes an activation where the named tokens of the patch are predicted, and nowhere else.
 *
 * @param tokens Raster indexes inside the patch.
 *
 * @example Usage
 * ```ts
 * import { changeTokens, switchOffHeads } from "nuwa-infinity";
 * const taps = { "layers.2.self.read": changeTokens([10, 11], switchOffHeads(0)) };
 * ```
 */
export function changeTokens(tokens: readonly number[], change: ChangeActivation): ChangeActivation {
  return (value, place) => {
    const axis = value.shape.length - 2; // every activation has tokens there
    const positions = place.positions().reshape([-1, 1]); // [T, 1]
    const isEqual = np.equal(positions, np.array([...tokens]).astype(np.int32).reshape([1, -1]));
    const isChosen = np.greater(np.sum(isEqual.astype(np.int32), -1), 0); // [T]
    const shape = value.shape.map((length, i) => i === axis ? length : 1);
    return np.where(isChosen.reshape(shape), change(value.ref, place), value);
  };
}

/** Puts zeros in place of an activation: what a branch that is switched off adds, or a residual stream that is cut. */
export function zeroActivation(value: np.Array): np.Array {
  return np.zerosLike(value);
}
