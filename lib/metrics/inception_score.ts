import type { Tensor } from "../core/mod.ts";
import { listRows } from "./_features.ts";

/**
 * Inception score, `exp(mean_x KL(p(y|x) || p(y)))`: from 1 (all alike, or all unsure) to the number of classes.
 *
 * Source: Salimans et al. 2016, Improved techniques for training GANs, section 4. One split.
 *
 * @param probabilities Class probabilities of each picture; shape `[n, classes]`, rows sum to 1.
 */
export function inceptionScore(probabilities: Tensor): number {
  const rows = listRows("compute inception score", probabilities);
  const marginal = new Float64Array(probabilities.shape[1] ?? 0); // [classes]
  for (const row of rows) row.forEach((p, i) => marginal[i] = (marginal[i] ?? 0) + p / rows.length);
  let divergence = 0;
  for (const row of rows) {
    row.forEach((p, i) => divergence += p > 0 ? p * Math.log(p / (marginal[i] ?? p)) : 0);
  }
  return Math.exp(divergence / rows.length);
}
