import { patchAt, type PatchPosition } from "../core/mod.ts";
import type { Plan } from "../direction/mod.ts";

/** Where a patch lies, as people say it: counted from 1, the frame only where there are several. */
export function sayPlace(plan: Pick<Plan, "grid">, position: PatchPosition): string {
  const frame = plan.grid.frames > 1 ? `frame ${position.frame + 1}, ` : "";
  return `${frame}row ${position.row + 1}, column ${position.column + 1}`;
}

/** The same for a patch index. */
export function sayPatch(plan: Pick<Plan, "grid">, patch: number): string {
  return sayPlace(plan, patchAt(plan.grid, patch));
}

const GROUPED = new Intl.NumberFormat("en-US"); // slow to make, quick to use

/** A count with its noun: `1 patch`, `3 patches`. */
export function sayCount(count: number, one: string, many = `${one}s`): string {
  return `${GROUPED.format(count)} ${count === 1 ? one : many}`;
}

/** Where a number comes first, second, ...: `1st`, `22nd`, `113th`. */
export function sayOrdinal(number: number): string {
  const tens = number % 100;
  const ending = tens > 10 && tens < 14 ? "th" : ["th", "st", "nd", "rd"][number % 10] ?? "th";
  return `${number}${ending}`;
}

/** A number of bytes in the unit that suits it: `15 MiB`. */
export function sayBytes(bytes: number): string {
  const [unit, size] = unitOf(bytes);
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}

/** The largest unit of bytes that a number reaches, with its size. */
export function unitOf(bytes: number): readonly [string, number] {
  const units = [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]] as const;
  return units.find(([, size]) => bytes >= size) ?? ["bytes", 1];
}
