import { assertEquals } from "@std/assert";
import { createTensor, type Tensor } from "../../lib/core/mod.ts";
import { type OptimizerState, reviveCodes } from "../../lib/training/mod.ts";
import { createRandom } from "../_run_once.ts";

const K = 5, D = 3;

/** Two parameters; the second one is the codebook. */
function createState(): OptimizerState<Tensor> {
  const list = (seed: number) => [createRandom([4], seed), createRandom([K, D], seed + 100)];
  return { parameters: list(1), firstMoment: list(2), secondMoment: list(3), average: list(4) };
}

const LATENTS = createRandom([2, D, 2, 2], 9);
const OPTIONS = { codebookIndex: 1, latents: LATENTS, step: 21, after: 10, seed: 0 };

/** The latents of the batch, one list of D numbers a place. */
function listLatents(): number[][] {
  const at = (b: number, d: number, place: number) => LATENTS.data[(b * D + d) * 4 + place] ?? NaN;
  return [0, 1].flatMap((b) =>
    [0, 1, 2, 3].map((place) => Array.from({ length: D }, (_, d) => at(b, d, place)))
  );
}

function rowsOf(tensor: Tensor | undefined): number[][] {
  return Array.from({ length: K }, (_, k) => [...tensor?.data.slice(k * D, (k + 1) * D) ?? []]);
}

Deno.test("reviveCodes() moves dead codes onto latents of the batch and forgets their moments", () => {
  const before = createState();
  // Codes 1 and 3 were last used 10 and 21 steps ago, the others later.
  const lastUsed = createTensor([K], Int32Array.of(12, 11, 21, 0, 20));
  const { state, numRevived } = reviveCodes(before, { ...OPTIONS, lastUsed });
  assertEquals(numRevived, 2);
  const latents = listLatents().map(String);
  const codes = rowsOf(state.parameters[1]);
  for (const k of [1, 3]) {
    assertEquals(latents.includes(String(codes[k])), true, `code ${k}`);
    assertEquals(rowsOf(state.average[1])[k], codes[k]);
    assertEquals(rowsOf(state.firstMoment[1])[k], [0, 0, 0]);
    assertEquals(rowsOf(state.secondMoment[1])[k], [0, 0, 0]);
  }
  for (const list of ["parameters", "firstMoment", "secondMoment", "average"] as const) {
    for (const k of [0, 2, 4]) assertEquals(rowsOf(state[list][1])[k], rowsOf(before[list][1])[k]);
    assertEquals(state[list][0], before[list][0]);
  }
  assertEquals(before, createState(), "the state given is not changed");
  assertEquals(
    reviveCodes(before, { ...OPTIONS, lastUsed }).state,
    state,
    "a pure function of seed and step",
  );
});

Deno.test("reviveCodes() leaves a codebook in use as it is", () => {
  const before = createState();
  const lastUsed = createTensor([K], new Int32Array(K).fill(12));
  assertEquals(reviveCodes(before, { ...OPTIONS, lastUsed }), { state: before, numRevived: 0 });
});
