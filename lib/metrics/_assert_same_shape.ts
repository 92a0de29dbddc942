import type { Picture } from "../core/mod.ts";

/** Throws a TypeError unless two pictures have the same size. */
export function assertSameShape(what: string, a: Picture, b: Picture): void {
  if (a.shape.length !== 3 || a.shape[2] !== 3 || a.shape.some((side, axis) => side !== b.shape[axis])) {
    throw new TypeError(
      `Cannot ${what}: both pictures must have the same shape [H, W, 3], got [${a.shape.join(", ")}] and ` +
        `[${b.shape.join(", ")}]`,
    );
  }
}
