import { assert, assertEquals } from "@std/assert";
import type { Tensor } from "../lib/core/mod.ts";

/**
 * Checks that two tensors have one shape and about the same values: the largest difference, as a share of the largest
 * value expected, is at most `tolerance`. Anything but finite numbers fails.
 */
export function assertAllClose(actual: Tensor, expected: Tensor, tolerance: number, name = "tensor"): void {
  assertEquals(actual.shape, expected.shape, name);
  const scale = [...expected.data].reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  let worst = 0, at = 0;
  for (const [i, value] of expected.data.entries()) {
    const error = Math.abs((actual.data[i] ?? NaN) - value) / scale;
    if (error <= worst) continue; // NaN goes on
    worst = error;
    at = i;
    if (Number.isNaN(error)) break;
  }
  assert(
    worst <= tolerance,
    `${name}: element ${at} of [${expected.shape}] must be ${expected.data[at]}, got ${
      actual.data[at]
    }; largest relative error ${worst}, tolerance ${tolerance}`,
  );
}
