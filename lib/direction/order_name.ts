/**
 * The orders that {@link generationOrder} knows by name.
 *
 * The first four are the paper's, named by their arrows, the inner loop first; a model is trained on them.
 * `serpentine` is `right-down` with every second row reversed, `outward` the spiral of outpainting, `hilbert` a
 * space-filling curve, `random` a seeded shuffle, and `auto` the one of the four that needs the smallest context pool.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, section 3.2.
 */
export const ORDER_NAMES = [
  "down-right",
  "down-left",
  "right-down",
  "right-up",
  "serpentine",
  "outward",
  "hilbert",
  "random",
  "auto",
] as const;

/** One of {@link ORDER_NAMES}. */
export type OrderName = typeof ORDER_NAMES[number];

/** The paper's four orders, by our names. */
export const BASIC_ORDER_NAMES = ["down-right", "down-left", "right-down", "right-up"] as const;

/** One of {@link BASIC_ORDER_NAMES}. */
export type BasicOrderName = typeof BASIC_ORDER_NAMES[number];

/** The paper calls its orders after the Greek letter that their arrows write. */
const GREEK_NAMES = new Map<string, OrderName>([
  ["omega", "down-right"],
  ["omega*", "down-left"],
  ["zeta", "right-down"],
  ["zeta*", "right-up"],
]);

/**
 * Finds the order of a name, the paper's Greek names (`omega`, `omega*`, `zeta`, `zeta*`) included.
 *
 * @throws {RangeError} If no order has this name.
 */
export function parseOrderName(name: string): OrderName {
  const found = GREEK_NAMES.get(name) ?? ORDER_NAMES.find((known) => known === name);
  if (found === undefined) {
    const choices = [...ORDER_NAMES, ...GREEK_NAMES.keys()].join(", ");
    throw new RangeError(
      `Cannot order patches: order must be one of ${choices}, got ${JSON.stringify(name)}`,
    );
  }
  return found;
}
