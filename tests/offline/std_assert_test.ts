import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "@std/assert";

/** Each assertion with a case that holds and a case that does not. */
const CASES: readonly (readonly [name: string, holds: () => void, breaks: () => void])[] = [
  ["assert", () => assert(1), () => assert(0)],
  ["assertFalse", () => assertFalse(""), () => assertFalse("a")],
  [
    "assertEquals",
    () => assertEquals({ a: [1] }, { a: [1] }),
    () => assertEquals({ a: [1] }, { a: [2] }),
  ],
  [
    "assertEquals types",
    () => assertEquals(-0, -0),
    () => assertEquals<unknown>([1], ["1"]),
  ],
  [
    "assertNotEquals",
    () => assertNotEquals([1], [2]),
    () => assertNotEquals([1], [1]),
  ],
  [
    "assertStrictEquals",
    () => assertStrictEquals(NaN, NaN),
    () => assertStrictEquals([], []),
  ],
  [
    "assertAlmostEquals",
    () => assertAlmostEquals(1, 1.00000005),
    () => assertAlmostEquals(1, 1.000001),
  ],
  [
    "assertAlmostEquals tolerance",
    () => assertAlmostEquals(1, 1.5, 0.5),
    () => assertAlmostEquals(1, 1.5, 0.4),
  ],
  [
    "assertAlmostEquals NaN",
    () => assertAlmostEquals(NaN, NaN),
    () => assertAlmostEquals(NaN, 1),
  ],
  ["assertGreater", () => assertGreater(2, 1), () => assertGreater(1, 1)],
  [
    "assertGreaterOrEqual",
    () => assertGreaterOrEqual(1, 1),
    () => assertGreaterOrEqual(NaN, 1),
  ],
  ["assertLess", () => assertLess(1, 2), () => assertLess(1, 1)],
  [
    "assertLessOrEqual",
    () => assertLessOrEqual(1, 1),
    () => assertLessOrEqual(2, 1),
  ],
  ["assertExists", () => assertExists(0), () => assertExists(null)],
  [
    "assertInstanceOf",
    () => assertInstanceOf([], Array),
    () => assertInstanceOf({}, Array),
  ],
  [
    "assertStringIncludes",
    () => assertStringIncludes("abc", "b"),
    () => assertStringIncludes("abc", "d"),
  ],
  [
    "assertMatch",
    () => assertMatch("abc", /^a/),
    () => assertMatch("abc", /^b/),
  ],
  [
    "assertThrows",
    () => void assertThrows(throwRange),
    () => void assertThrows(() => 1),
  ],
  [
    "assertThrows class",
    () => void assertThrows(throwRange, RangeError, "far"),
    throwWrongClass,
  ],
  [
    "assertThrows message",
    () => void assertThrows(throwRange, Error),
    throwWrongMessage,
  ],
  ["fail", () => {}, () => fail("always")],
];

function throwRange(): never {
  throw new RangeError("too far");
}

function throwWrongClass(): void {
  assertThrows(throwRange, TypeError);
}

function throwWrongMessage(): void {
  assertThrows(throwRange, RangeError, "too near");
}

for (const [name, holds, breaks] of CASES) {
  Deno.test(`${name}() passes what holds and throws at what does not`, () => {
    holds();
    let thrown: unknown;
    try {
      breaks();
    } catch (error) {
      thrown = error;
    }
    if (!(thrown instanceof AssertionError)) {
      throw new Error(`${name}: no AssertionError, got ${thrown}`);
    }
  });
}

Deno.test("assertThrows() and assertRejects() give back the error", async () => {
  const thrown: RangeError = assertThrows(throwRange, RangeError);
  assertEquals(thrown.message, "too far");
  const rejected: RangeError = await assertRejects(
    () => Promise.reject(new RangeError("late")),
    RangeError,
    "la",
  );
  assertEquals(rejected.message, "late");
  assertEquals(await assertRejects(() => Promise.reject(3)), 3);
});

Deno.test("assertRejects() rejects when nothing, another class or a synchronous throw came", async () => {
  await assertRejects(
    () => assertRejects(() => Promise.resolve()),
    AssertionError,
    "Expected function to reject",
  );
  await assertRejects(
    () => assertRejects(() => Promise.reject(new Error()), TypeError),
    AssertionError,
    "TypeError",
  );
  await assertRejects(
    () => assertRejects(throwRange),
    AssertionError,
    "but it threw",
  );
});

Deno.test("assertions narrow types as upstream's do", () => {
  const value: string | undefined = ["a"].at(0);
  assertExists(value);
  assertEquals(value.length, 1);
});
