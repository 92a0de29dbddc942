import { patchIndex, type PatchPosition } from "../core/mod.ts";
import { type Plan, relativeOffset } from "../direction/mod.ts";
import { assertAttention, selectAttention, type Selection } from "./attention_maps.ts";
import { axesOf, createLayout, HEADER, roundTicks } from "./_layout.ts";
import { NOT_FINITE, SERIES } from "./_palette.ts";
import { findPlanFacts } from "./_plan_facts.ts";
import { sayCount, sayPlace } from "./_words.ts";
import { createFigure, type Figure } from "./figure.ts";
import type { AttentionTrace } from "./traces.ts";

/** What {@link plotPoolSlots} averages over. */
export interface PlotPoolSlotsOptions {
  /** @default all, averaged */
  readonly layer?: Selection;
  /** @default all, averaged */
  readonly head?: Selection;
}

/** The most slots that are drawn. */
const MAX_SLOTS = 40;
/** Pixels of a row. */
const ROW = 24;

/**
 * Draws how much of its attention a patch gives to each pooled patch that it sees, averaged over its tokens: a bar a slot, the
 * largest first, with the slot's age in steps and where it lies from the patch.
 *
 * @param attention Of the patch; its place says which step of the plan it is.
 * @throws {RangeError} If the plan has no step at that place, or the patch sees no other.
 * @throws {TypeError} If the trace does not have the shape that it promises.
 *
 * @example Usage
 * ```ts ignore
 * const inspector = await nuwa.compileInspector(patches, { capture: ["layers.*.self.weights"] });
 * const attention = nuwa.traceAttention(await nuwa.inspectPatch(inspector, view));
 * nuwa.plotPoolSlots(plan, attention, { layer: 2 });
 * ```
 */
export function plotPoolSlots(
  plan: Plan,
  attention: AttentionTrace,
  options: PlotPoolSlotsOptions = {},
): Figure {
  const slots = measureSlots(plan, attention, options), shown = slots.slice(0, MAX_SLOTS);
  const finite = shown.map(({ share }) => Number.isFinite(share) ? share : 0);
  const top = Math.max(1e-6, ...finite), left = 170;
  const box = { left, top: HEADER + 8, width: 400, height: shown.length * ROW };
  const own = 1 - slots.reduce((sum, { share }) => sum + share, 0);
  const subtitle =
    `${sayPlace(plan, attention.position)} sees ${sayCount(slots.length, "patch", "patches")}; ` +
    `${sayPercent(own)} stays in the patch itself` +
    (shown.length < slots.length ? `; the ${MAX_SLOTS} with most attention` : "");
  return createFigure({
    data: [{
      type: "bar",
      orientation: "h",
      y: shown.map((_, i) => i),
      x: finite,
      width: 0.72,
      marker: { color: shown.map(({ share }) => Number.isFinite(share) ? SERIES[0] : NOT_FINITE) },
      text: shown.map(({ share, age, place }) =>
        `${sayPercent(share)}, ${place}, ${sayCount(age, "step")} old`
      ),
      textposition: "outside",
      hovertext: shown.map(({ name, share, place, age }) =>
        `<b>${sayPercent(share)}</b> on ${name}<br>${place}<br>made ${sayCount(age, "step")} before`
      ),
      hoverinfo: "text",
      ...axesOf(0),
    }],
    layout: createLayout({
      width: 760,
      height: Math.ceil(box.top + box.height + 50),
      title: "Attention to each patch in the pool",
      subtitle,
      panels: [{
        box,
        x: {
          range: [0, top * 1.05],
          ticks: roundTicks(0, top, 4).map(([value]) => [value, sayPercent(value)] as const),
        },
        y: {
          range: [shown.length - 0.5, -0.5],
          ticks: shown.map(({ name }, i) => [i, name] as const),
        },
      }],
    }),
    alt: `Attention to pooled patches: ${
      shown.slice(0, 5).map(({ name, share }) => `${name} ${sayPercent(share)}`).join("; ")
    }. ${subtitle}.`,
  });
}

interface Slot {
  readonly name: string;
  /** Where it lies from the patch that looks. */
  readonly place: string;
  /** Steps since it was made. */
  readonly age: number;
  /** 0 to 1. */
  readonly share: number;
}

/** Largest share first; those that are no numbers before all. */
function measureSlots(plan: Plan, attention: AttentionTrace, options: PlotPoolSlotsOptions): readonly Slot[] {
  const { position, context } = attention, { numQueries: M } = assertAttention(attention);
  const { stepOf } = findPlanFacts(plan), step = stepOf[patchIndex(plan.grid, position)] ?? -1;
  if (step < 0 || context.length === 0) {
    throw new RangeError(
      `Cannot draw slots: attention must be that of a step which sees other patches, got ${
        sayPlace(plan, position)
      }${step < 0 ? "" : ", which sees none"}`,
    );
  }
  const shares = new Float64Array(context.length);
  for (let query = 0; query < M; query++) {
    const weights = selectAttention(attention, query, options);
    for (let key = 0; key < context.length * M; key++) {
      const slot = Math.floor(key / M);
      shares[slot] = (shares[slot] ?? 0) + (weights[key] ?? 0) / M;
    }
  }
  const slots = context.map((seen, i) => ({
    name: sayPlace(plan, seen),
    place: sayOffset(position, seen),
    age: step - (stepOf[patchIndex(plan.grid, seen)] ?? -1),
    share: shares[i] ?? 0,
  }));
  const rank = (share: number) => Number.isNaN(share) ? Infinity : share;
  return slots.sort((a, b) => rank(b.share) - rank(a.share) || a.age - b.age);
}

/** Where a patch lies as seen from another: `1 up, 2 left`. */
function sayOffset(from: PatchPosition, to: PatchPosition): string {
  const { frames, row, column } = relativeOffset(from, to);
  const part = (count: number, one: string, other: string) =>
    count === 0 ? [] : [`${Math.abs(count)} ${count < 0 ? one : other}`];
  const back = frames === 0 ? [] : [sayCount(Math.abs(frames), "frame") + " back"];
  return [...back, ...part(row, "up", "down"), ...part(column, "left", "right")].join(" ");
}

/** Two digits are enough to compare. */
function sayPercent(share: number): string {
  return Number.isFinite(share) ? `${Number((100 * share).toPrecision(2))} %` : String(share);
}
