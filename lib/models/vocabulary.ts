/** Words that a text encoder knows, by id: 0 pads, 1 stands for no text, 2 for an unknown word. */
export interface Vocabulary {
  /** `words[id]` is the word of an id; the first three stand for the ids that are not words. */
  readonly words: readonly string[];
}

/** Ids that are not words. */
export const PADDING_ID = 0, NO_TEXT_ID = 1, UNKNOWN_ID = 2;
const RESERVED = ["<pad>", "<none>", "<unknown>"] as const;

/** What {@link tokenizeText} returns. */
export interface TextTokens {
  /** `[maxLength]`, padded with 0. */
  readonly ids: Int32Array;
  /** Words of the text that the vocabulary does not have: the model cannot follow them. */
  readonly unknown: readonly string[];
  /** Whether words beyond `maxLength` were dropped. */
  readonly truncated: boolean;
}

/**
 * Splits a text into lower-case words and numbers, after Unicode normalisation (NFKC).
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { splitWords } from "nuwa-infinity";
 * assertEquals(splitWords("Two boats, 1 Pine."), ["two", "boats", "1", "pine"]);
 * ```
 */
export function splitWords(text: string): string[] {
  return text.normalize("NFKC").toLowerCase().match(/\p{L}[\p{L}\p{M}]*|\p{N}+/gu) ?? [];
}

/**
 * Collects the vocabulary of a set of captions: the words in at least `minCount` places, most frequent first.
 *
 * @param maxWords At most this many. @default 4096
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buildVocabulary } from "nuwa-infinity";
 * const { words } = buildVocabulary(["a red boat", "a boat", "a pine"], { minCount: 2 });
 * assertEquals(words, ["<pad>", "<none>", "<unknown>", "a", "boat"]);
 * ```
 */
export function buildVocabulary(
  captions: Iterable<string>,
  options: { readonly minCount?: number; readonly maxWords?: number } = {},
): Vocabulary {
  const counts = new Map<string, number>();
  for (const caption of captions) {
    for (const word of splitWords(caption)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].filter(([, count]) => count >= (options.minCount ?? 1))
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, options.maxWords ?? 4096)
    .map(([word]) => word);
  return { words: [...RESERVED, ...words] };
}

/**
 * Turns a text into word ids. `undefined` and a text without words both mean "no text".
 *
 * @throws {RangeError} If the text has more than 10,000 characters.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { buildVocabulary, tokenizeText } from "nuwa-infinity";
 * const { ids, unknown } = tokenizeText(buildVocabulary(["a boat"]), 4, "A green boat");
 * assertEquals([[...ids], unknown], [[3, 2, 4, 0], ["green"]]);
 * ```
 */
export function tokenizeText(
  vocabulary: Vocabulary,
  maxLength: number,
  text: string | undefined,
): TextTokens {
  if (text !== undefined && text.length > 10_000) {
    throw new RangeError(`Cannot read text: text must have at most 10000 characters, got ${text.length}`);
  }
  const words = text === undefined ? [] : splitWords(text);
  const ids = new Int32Array(maxLength).fill(PADDING_ID);
  if (words.length === 0) {
    ids[0] = NO_TEXT_ID;
    return { ids, unknown: [], truncated: false };
  }
  const known = words.map((word) => Math.max(vocabulary.words.indexOf(word, RESERVED.length), UNKNOWN_ID));
  ids.set(known.slice(0, maxLength));
  const unknown = [...new Set(words.filter((_, index) => known[index] === UNKNOWN_ID))];
  return { ids, unknown, truncated: words.length > maxLength };
}
