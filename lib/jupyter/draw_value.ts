import { createPicture, isTensor, type Picture, type TokenGrid } from "../core/mod.ts";
import { type Figure, plotOrder } from "../figures/mod.ts";
import { drawClip } from "./draw_clip.ts";
import { type CurvePoint, drawCurves } from "./draw_curves.ts";
import { drawPicture, drawTokens } from "./draw_picture.ts";
import { drawTable } from "./draw_table.ts";
import { describeTensor, drawTree } from "./draw_tree.ts";
import { createView, escapeHtml, formatBytes, formatSeconds, type View } from "./view.ts";
import type { Watchable, WatchablePool } from "./watch.ts";

/** Draws a value; called when somebody looks. */
export type Draw = () => View | Figure | Promise<View>;

/**
 * Finds the drawing of a value by what it looks like: pictures, clips (pictures of one size), canvases of codes, plans,
 * pools, runs, what `generate` returns and `plan` foretells, tensors, training curves and models.
 *
 * @returns Nothing for other values.
 */
export function drawValue(value: unknown): Draw | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (isPicture(value)) return () => drawPicture(value);
  if (isTokenGrid(value)) return () => drawTokens(value);
  if (isTensor(value)) return () => drawText(describeTensor(value));
  if (isClip(value)) return () => drawClip(value);
  if (isCurve(value)) return () => drawCurves(value);
  if (isPlan(value)) return () => plotOrder(value);
  if (isPool(value)) return () => drawPool(value);
  if (isRun(value)) return () => drawRun(value);
  if (isGenerated(value)) return () => drawGenerated(value);
  if (isDryRun(value)) return () => drawDryRun(value);
  if (isModel(value)) return () => drawTree(value, "model");
  return undefined;
}

function drawText(text: string): View {
  return createView(text, `<code>${escapeHtml(text)}</code>`);
}

function has<Name extends string>(
  value: object,
  ...names: readonly Name[]
): value is Readonly<Record<Name, unknown>> {
  return names.every((name) => Object.hasOwn(value, name));
}

/** ndarray has its fields on instances, and its element type on the prototype. */
function isNdarray(value: object): value is Picture | TokenGrid {
  return "dtype" in value && "shape" in value && "stride" in value && "data" in value &&
    Array.isArray(value.shape);
}

function isPicture(value: object): value is Picture {
  return isNdarray(value) && value.dtype === "uint8" && value.shape.length === 3 && value.shape[2] === 3;
}

function isClip(value: object): value is readonly Picture[] {
  return Array.isArray(value) && value.length > 1 &&
    value.every((frame: unknown) => typeof frame === "object" && frame !== null && isPicture(frame)) &&
    new Set(value.map(({ shape }) => String(shape))).size === 1;
}

function isTokenGrid(value: object): value is TokenGrid {
  return isNdarray(value) && value.dtype === "int32" && value.shape.length === 2;
}

function isCurve(value: object): value is readonly CurvePoint[] {
  return Array.isArray(value) && value.length > 1 &&
    value.every((point) => typeof point === "object" && point !== null && typeof point.step === "number");
}

type Plan = Parameters<typeof plotOrder>[0];

function isPlan(value: object): value is Plan {
  return has(value, "grid", "steps", "waves", "lastUse", "orderName");
}

function isPool(value: object): value is WatchablePool {
  return has(value, "patches") && value.patches instanceof Map &&
    [...value.patches.values()].every((patch) => has(patch, "position", "caches"));
}

/** Where the patches lie, in the corner of the canvas that they reach to. */
async function drawPool({ patches }: WatchablePool): Promise<View> {
  const all = [...patches.values()];
  const bytes = all.reduce((sum, { caches }) => sum + caches.data.byteLength, 0);
  const frame = Math.max(0, ...all.map(({ position }) => position.frame));
  const here = all.filter(({ position }) => position.frame === frame).map(({ position }) => position);
  const rows = Math.max(1, ...here.map(({ row }) => row + 1)),
    columns = Math.max(1, ...here.map((at) => at.column + 1));
  const map = createPicture(rows, columns);
  map.data.fill(0xe0);
  for (const { row, column } of here) map.data.set([0x2a, 0x87, 0xc8], (row * columns + column) * 3);
  const shape = all[0] === undefined ? "" : `, caches [${all[0].caches.shape.join(", ")}]`;
  const caption = `pool of ${all.length} patches, ${formatBytes(bytes)}${shape}` +
    (frame > 0 ? `; shown: frame ${frame}` : "");
  return await drawPicture(map, { caption });
}

function isRun(value: object): value is Watchable {
  return has(value, "settings", "state", "numPatches", "preview");
}

async function drawRun({ settings, state, numPatches, preview }: Watchable): Promise<View> {
  const caption = `${
    settings.text ?? "anything"
  }, seed ${settings.seed}: ${state.numDone} of ${numPatches} patches`;
  return await drawPicture(await preview(), { caption });
}

interface Generated {
  readonly picture: Picture;
  readonly plan: Plan;
  readonly poolPeakPatches: number;
  readonly poolPeakBytes: number;
  readonly device: string;
  readonly warnings: readonly string[];
}

function isGenerated(value: object): value is Generated {
  return has(value, "picture", "tokens", "plan", "poolPeakPatches", "poolPeakBytes", "device", "warnings");
}

async function drawGenerated({ picture, plan, device, warnings, ...peaks }: Generated): Promise<View> {
  const facts = [
    `${picture.shape[1]} x ${
      picture.shape[0]
    } pixels, ${plan.steps.length} patches ${plan.orderName} on ${device}`,
    `pool at most ${peaks.poolPeakPatches} patches, ${formatBytes(peaks.poolPeakBytes)}`,
    ...warnings,
  ];
  return await drawPicture(picture, { caption: facts.join("; ") });
}

interface DryRun {
  readonly plan: Plan;
  readonly numPatches: number;
  readonly numTokens: number;
  readonly numRuns: number;
  readonly poolPeakPatches: number;
  readonly poolPeakBytes: number;
  readonly parameterBytes: number;
  readonly pictureBytes: number;
  readonly seconds: number;
  readonly warnings: readonly string[];
}

function isDryRun(value: object): value is DryRun {
  return has(
    value,
    "plan",
    "numPatches",
    "numTokens",
    "poolPeakBytes",
    "parameterBytes",
    "seconds",
    "warnings",
  );
}

function drawDryRun(dry: DryRun): View {
  const { grid, orderName } = dry.plan;
  return drawTable("What it will take", [
    ["patches", `${dry.numPatches}: ${grid.rows} x ${grid.columns}, ${orderName}`],
    ["tokens", dry.numTokens.toLocaleString("en")],
    ["runs of the model", String(dry.numRuns)],
    ["pool at most", `${dry.poolPeakPatches} patches, ${formatBytes(dry.poolPeakBytes)}`],
    ["parameters", formatBytes(dry.parameterBytes)],
    ["picture", formatBytes(dry.pictureBytes)],
    ["time", `about ${formatSeconds(dry.seconds)}`],
  ], dry.warnings);
}

function isModel(value: object): value is object {
  return has(value, "config", "parameters");
}
