import type { Sampling } from "../steps/mod.ts";

/** A request in two: how tokens are drawn, and all else. */
export function splitSampling<Request extends Sampling>(
  { temperature, topK, topP, guidance, choiceTemperature, ...rest }: Request,
): { readonly sampling: Sampling; readonly rest: Omit<Request, keyof Sampling> } {
  return { sampling: { temperature, topK, topP, guidance, choiceTemperature }, rest };
}
