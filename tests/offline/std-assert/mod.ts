/**
 * A stand-in for the part of `jsr:@std/assert` that the tests use, over `node:assert/strict`, for machines
 * that cannot reach JSR. Same names, same signatures, same verdicts; messages differ.
 *
 * @module
 */
import assertStrict, { AssertionError } from "node:assert/strict";
import { inspect } from "node:util";

export { AssertionError };

/** A class whose instances a value may be; abstract classes included. */
// deno-lint-ignore no-explicit-any -- "any constructor" has no other spelling
export type AnyConstructor = abstract new (...args: any[]) => unknown;

/** Any error class. */
// deno-lint-ignore no-explicit-any -- "any constructor" has no other spelling
export type ErrorClass<E extends Error> = abstract new (...args: any[]) => E;

/** Throws always. */
export function fail(msg?: string): never {
  throw new AssertionError({
    message: msg === undefined ? "Failed assertion" : `Failed assertion: ${msg}`,
  });
}

function failWith(message: string, msg: string | undefined): never {
  throw new AssertionError({
    message: msg === undefined ? message : `${message}: ${msg}`,
  });
}

/** Throws unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) {
    throw new AssertionError({
      message: msg || `Expected a truthy value, got ${inspect(expr)}`,
    });
  }
}

/** Throws unless `expr` is falsy. */
export function assertFalse(
  expr: unknown,
  msg?: string,
): asserts expr is false | 0 | "" | null | undefined {
  if (expr) failWith(`Expected a falsy value, got ${inspect(expr)}`, msg);
}

/** Throws unless the two values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (msg === undefined) assertStrict.deepEqual(actual, expected);
  else assertStrict.deepEqual(actual, expected, msg);
}

/** Throws if the two values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (msg === undefined) assertStrict.notDeepEqual(actual, expected);
  else assertStrict.notDeepEqual(actual, expected, msg);
}

/** Throws unless the two values are the same, by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (msg === undefined) assertStrict.equal(actual, expected);
  else assertStrict.equal(actual, expected, msg);
}

/** Throws unless two numbers differ by at most `tolerance`, by default a ten millionth of `expected`. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ??
    (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  if (Math.abs(expected - actual) <= allowed) return;
  failWith(`Expected ${actual} to be within ${allowed} of ${expected}`, msg);
}

/** Throws unless `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) {
    failWith(`Expected ${inspect(actual)} > ${inspect(expected)}`, msg);
  }
}

/** Throws unless `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual >= expected)) {
    failWith(`Expected ${inspect(actual)} >= ${inspect(expected)}`, msg);
  }
}

/** Throws unless `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) {
    failWith(`Expected ${inspect(actual)} < ${inspect(expected)}`, msg);
  }
}

/** Throws unless `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual <= expected)) {
    failWith(`Expected ${inspect(actual)} <= ${inspect(expected)}`, msg);
  }
}

/** Throws if `actual` is null or undefined. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    failWith(`Expected a value, got ${actual}`, msg);
  }
}

/** Throws unless `actual` is an instance of `expectedType`. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  failWith(
    `Expected an instance of ${expectedType.name}, got ${inspect(actual)}`,
    msg,
  );
}

/** Throws unless `actual` contains `expected`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (!actual.includes(expected)) {
    failWith(
      `Expected ${inspect(actual)} to contain ${inspect(expected)}`,
      msg,
    );
  }
}

/** Throws unless `expected` matches `actual`. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (!expected.test(actual)) {
    failWith(`Expected ${inspect(actual)} to match ${expected}`, msg);
  }
}

/** Throws unless `error` is an `ErrorClass` whose message contains `msgIncludes`. */
function checkError(
  error: unknown,
  ErrorClass?: ErrorClass<Error>,
  msgIncludes?: string,
  msg?: string,
): void {
  if (ErrorClass && !(error instanceof ErrorClass)) {
    failWith(
      `Expected an error of class ${ErrorClass.name}, got ${inspect(error)}`,
      msg,
    );
  }
  if (ErrorClass === undefined && msgIncludes === undefined) return;
  if (!(error instanceof Error)) {
    failWith(`Expected an Error, got ${inspect(error)}`, msg);
  }
  if (msgIncludes !== undefined && !error.message.includes(msgIncludes)) {
    failWith(
      `Expected an error message with ${inspect(msgIncludes)}, got ${inspect(error.message)}`,
      msg,
    );
  }
}

/** Throws unless `fn` throws; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Throws unless `fn` throws an `ErrorClass` whose message contains `msgIncludes`; returns it. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const [ErrorClass, note] = typeof classOrMsg === "string" ? [undefined, classOrMsg] : [classOrMsg, msg];
  try {
    fn();
  } catch (error) {
    checkError(error, ErrorClass, msgIncludes, note);
    return error;
  }
  failWith("Expected function to throw", note);
}

/** Rejects unless the promise of `fn` rejects; resolves to the reason. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Rejects unless the promise of `fn` rejects with an `ErrorClass` whose message contains `msgIncludes`. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const [ErrorClass, note] = typeof classOrMsg === "string" ? [undefined, classOrMsg] : [classOrMsg, msg];
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) { // as upstream: a synchronous throw is not a rejection
    failWith(
      `Expected function to reject, but it threw ${inspect(error)}`,
      note,
    );
  }
  try {
    await promise;
  } catch (error) {
    checkError(error, ErrorClass, msgIncludes, note);
    return error;
  }
  failWith("Expected function to reject", note);
}
