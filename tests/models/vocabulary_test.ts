import { assertEquals, assertThrows } from "@std/assert";
import { buildVocabulary, splitWords, tokenizeText } from "../../lib/models/mod.ts";

Deno.test("splitWords() normalises, and keeps letters and numbers of any script", () => {
  // NFKC: fullwidth letters, a ligature, a superscript and a decomposed accent become plain ones.
  assertEquals(splitWords("Ｈｅｌｌｏ ﬁne E² cafe\u0301"), ["hello", "fine", "e", "2", "caf\u00e9"]);
  assertEquals(splitWords("清明上河图, Qingming-Festival 1085!"), [
    "清明上河图",
    "qingming",
    "festival",
    "1085",
  ]);
  assertEquals(splitWords("🏔️ 👨‍👩‍👧 ... \u202e\u0000\ud800"), []);
  // Marks belong to their word: the dot of a lower-cased İ, and Hindi's vowels.
  assertEquals(splitWords("İzmir हिन्दी ẞ ΑΣ"), ["i\u0307zmir", "हिन्दी", "ß", "ας"]);
  assertEquals(splitWords(""), []);
});

Deno.test("buildVocabulary() orders words by count, then by letter, after three reserved ids", () => {
  const captions = ["a lake", "a lake, a hill", "an ape"];
  const { words } = buildVocabulary(captions);
  assertEquals(words, ["<pad>", "<none>", "<unknown>", "a", "lake", "an", "ape", "hill"]);
  assertEquals(buildVocabulary(captions, { minCount: 2 }).words.slice(3), ["a", "lake"]);
  assertEquals(buildVocabulary(captions, { maxWords: 1 }).words.slice(3), ["a"]);
  assertEquals(buildVocabulary([]).words.length, 3);
});

Deno.test("tokenizeText() gives word ids, lists unknown words once, and says what it dropped", () => {
  const vocabulary = buildVocabulary(["a lake"]); // a 3, lake 4
  assertEquals(tokenizeText(vocabulary, 4, "A lake"), {
    ids: Int32Array.of(3, 4, 0, 0),
    unknown: [],
    truncated: false,
  });
  assertEquals(tokenizeText(vocabulary, 4, "a dragon, a DRAGON and a lake"), {
    ids: Int32Array.of(3, 2, 3, 2),
    unknown: ["dragon", "and"],
    truncated: true,
  });
  // Reserved entries are no words, and names of object members are not found.
  assertEquals(tokenizeText(vocabulary, 3, "<pad> constructor").unknown, ["pad", "constructor"]);
});

Deno.test("tokenizeText() takes a text without words for no text", () => {
  const vocabulary = buildVocabulary(["a lake"]);
  for (const text of [undefined, "", " \n", "🏔️!"]) {
    assertEquals(tokenizeText(vocabulary, 3, text), {
      ids: Int32Array.of(1, 0, 0),
      unknown: [],
      truncated: false,
    });
  }
});

Deno.test("tokenizeText() refuses texts of absurd length", () => {
  const vocabulary = buildVocabulary(["a lake"]);
  assertEquals(tokenizeText(vocabulary, 2, "a ".repeat(5000)).truncated, true);
  assertThrows(
    () => tokenizeText(vocabulary, 2, "x".repeat(100_000)),
    RangeError,
    "Cannot read text: text must have at most 10000 characters, got 100000",
  );
});
