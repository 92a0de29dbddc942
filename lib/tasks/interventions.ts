import type { ActivationChanges } from "../models/mod.ts";
import type { Intervention } from "../steps/mod.ts";

/** Functions that change a generation from inside. No record can keep them: settings only say that there were some. */
export interface Interventions {
  /**
   * Gives another view in place of what a patch sees, called for every patch: take a context patch away or put another
   * in its place, change the text half-way, force tokens. See `removeContext`, `changePrompt`, `forceTokens`.
   * @default the view as it is
   */
  readonly intervene?: Intervention;
  /**
   * Functions of activations by name, e.g. `{ "layers.2.self.read": switchOffHeads(0) }`: compiled with the model.
   * @default none
   */
  readonly changes?: ActivationChanges;
}

/** What settings say of interventions: their names, `intervene` or those of activations; nothing without any. */
export function nameInterventions(given: Interventions): { readonly interventions?: readonly string[] } {
  const interventions = listNames(given);
  return interventions.length === 0 ? {} : { interventions };
}

function listNames({ intervene, changes = {} }: Interventions): readonly string[] {
  return [...(intervene === undefined ? [] : ["intervene"]), ...Object.keys(changes)];
}

/**
 * Throws a RangeError unless there is a function for every intervention of a record, and no other.
 *
 * @param recorded What its settings say.
 */
export function assertIntervened(recorded: readonly string[] = [], given: Interventions): void {
  const names = listNames(given);
  if (recorded.toSorted().join() === names.toSorted().join()) return;
  const list = (names: readonly string[]) => names.join(", ") || "none";
  throw new RangeError(
    `Cannot resume run: interventions must be given again, since functions are not saved, ${
      list(recorded)
    }, got ${list(names)}`,
  );
}
