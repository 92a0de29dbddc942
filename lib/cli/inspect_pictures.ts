import { describeLogits, packAttention } from "../figures/mod.ts";
import type { Model } from "../models/mod.ts";
import {
  createTokenizer,
  decodeTiles,
  type PatchInspection,
  traceAttention,
  traceLogits,
  traceTextAttention,
} from "../steps/mod.ts";
import { type GenerationProgress, partsOfTokenizer } from "../tasks/mod.ts";

/** How many candidates of each token are shown. */
const NUM_CANDIDATES = 6;

/** The activations that the player is made of. */
export function listPlayerActivations({ config }: Model): readonly string[] {
  return ["layers.*.self.weights", ...(config.text === undefined ? [] : ["layers.*.text.weights"]), "logits"];
}

/** Gathers the inside of pictures that are made together, as their reports come; each report counts once. */
export function createInsideGatherer(model: Model, { guidance }: { readonly guidance: number }) {
  const seen = new WeakSet<GenerationProgress>();
  const gathered = new Map<number, ReturnType<typeof describePatch>[]>();
  return {
    hear(reports: readonly GenerationProgress[]): void {
      for (const [picture, report] of reports.entries()) {
        if (seen.has(report)) continue;
        seen.add(report);
        const patches = (report.inspections ?? []).map((patch) => describePatch(model, patch, guidance));
        gathered.set(picture, [...gathered.get(picture) ?? [], ...patches]);
      }
    },
    /** What the player shows of a picture's inside. */
    insidesOf(picture: number) {
      const patches = gathered.get(picture) ?? [];
      return {
        attention: patches.map(({ attention }) => attention),
        statistics: patches.map(({ statistics }) => statistics),
      };
    },
  };
}

function describePatch({ config }: Model, patch: PatchInspection, guidance: number) {
  const words = config.text === undefined ? undefined : traceTextAttention(patch);
  return {
    attention: packAttention(traceAttention(patch), words),
    statistics: describeLogits(traceLogits(patch, guidance), NUM_CANDIDATES),
  };
}

/** The tile of each code. */
export async function drawTiles(model: Model): Promise<Awaited<ReturnType<typeof decodeTiles>>> {
  const tokenizer = createTokenizer({ ...partsOfTokenizer(model), device: "cpu" });
  try {
    return await decodeTiles(tokenizer);
  } finally {
    await tokenizer.dispose();
  }
}
