import { createHash } from "node:crypto";
import { z } from "zod";
import type { Picture } from "../core/mod.ts";
import {
  createFileError,
  createFolder,
  encodePicture,
  readPicture,
  removeFilesAside,
  writeFilesAside,
} from "../media/mod.ts";

/** What is varied, each with the values that it takes. */
export type SweepAxes = Readonly<Record<string, readonly (string | number | boolean)[]>>;

/** One combination of the values of some axes. */
export type SettingsOf<Axes extends SweepAxes> = { readonly [Name in keyof Axes]: Axes[Name][number] };

/** What comes out of one run. */
export interface SweepResult {
  /** Numbers by name. */
  readonly figures: Readonly<Record<string, number>>;
  /** For a contact sheet. */
  readonly picture?: Picture;
}

/** One run of a sweep: a row of a tidy table. */
export interface SweepRow<Settings> extends SweepResult {
  readonly settings: Settings;
  /** Seconds that the run took, when it was run. */
  readonly seconds: number;
}

/** How a sweep is run. */
export interface SweepOptions {
  /** Where results are kept, a file a run; runs that are there are not run again. @default nowhere */
  readonly folder?: string;
  /** Whatever else the results depend on, e.g. the recipe; must survive JSON. Others are never taken for these. @default nothing */
  readonly depends?: unknown;
  /** Ends the sweep; a run that it ends as well is not counted. */
  readonly signal?: AbortSignal;
}

/**
 * All combinations of the values of some axes; those of the last axis change fastest.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listSettings } from "nuwa-infinity";
 * assertEquals(listSettings({ seed: [1, 2], extent: [2] }), [{ seed: 1, extent: 2 }, { seed: 2, extent: 2 }]);
 * ```
 */
export function listSettings<const Axes extends SweepAxes>(axes: Axes): SettingsOf<Axes>[] {
  const all = Object.entries(axes).reduce<Record<string, unknown>[]>(
    (some, [name, values]) =>
      some.flatMap((settings) => values.map((value) => ({ ...settings, [name]: value }))),
    [{}],
  );
  return all as unknown as SettingsOf<Axes>[]; // each has one value of every axis
}

/**
 * Runs every combination of settings, one after another, and yields all rows so far after each: an ablation, with seeds
 * as one of its axes. Kept in a folder, a sweep that was stopped or killed goes on where it was.
 *
 * @param run Must depend on the settings, and what `depends` says, alone.
 * @throws {SyntaxError} If a file of the folder is torn or none of ours; it is named.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sweep } from "nuwa-infinity";
 * const axes = { seed: [1, 2], extent: [0, 1] };
 * let rows;
 * for await (rows of sweep(axes, ({ seed, extent }) => ({ figures: { bits: 8 - extent + seed / 100 } })));
 * assertEquals(rows?.map(({ figures }) => figures.bits), [8.01, 7.01, 8.02, 7.02]);
 * ```
 */
export async function* sweep<const Axes extends SweepAxes>(
  axes: Axes,
  run: (
    settings: SettingsOf<Axes>,
    options: { readonly signal: AbortSignal },
  ) => SweepResult | Promise<SweepResult>,
  { folder, depends, signal = new AbortController().signal }: SweepOptions = {},
): AsyncGenerator<SweepRow<SettingsOf<Axes>>[], void, void> {
  const rows: SweepRow<SettingsOf<Axes>>[] = [];
  if (folder !== undefined) {
    await createFolder(folder);
    await removeFilesAside(folder);
  }
  for (const settings of listSettings(axes)) {
    if (signal.aborted) return;
    const path = folder && `${folder}/${hash(settings, depends)}`;
    const kept = path === undefined ? undefined : await loadResult(path, settings);
    const result = kept ?? await runOnce(() => run(settings, { signal }), signal);
    if (result === undefined) return;
    if (path !== undefined && kept === undefined) await keepResult(path, settings, result);
    rows.push({ settings, ...result });
    yield [...rows];
  }
}

type TimedResult = SweepResult & { readonly seconds: number };

/** Nothing if the run was ended by the signal. */
async function runOnce(
  run: () => SweepResult | Promise<SweepResult>,
  signal: AbortSignal,
): Promise<TimedResult | undefined> {
  const started = performance.now();
  try {
    const { figures, picture } = await run();
    if (signal.aborted) return undefined; // it may have ended early
    const seconds = (performance.now() - started) / 1000;
    return { figures, ...(picture === undefined ? {} : { picture }), seconds };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function hash(settings: object, depends: unknown): string {
  return createHash("sha256").update(JSON.stringify([settings, depends])).digest("hex").slice(0, 16);
}

const NUMBER = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number)]);

const RESULT = z.strictObject({
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  figures: z.record(z.string(), NUMBER),
  seconds: z.number(),
  hasPicture: z.boolean(),
});

async function keepResult(path: string, settings: object, { figures, seconds, picture }: TimedResult) {
  const numbers = Object.entries(figures).map(([name, value]) => [
    name,
    Number.isFinite(value) ? value : String(value), // JSON has none of those
  ]);
  const record = {
    settings,
    figures: Object.fromEntries(numbers),
    seconds,
    hasPicture: picture !== undefined,
  };
  await writeFilesAside([
    ...(picture === undefined ? [] : [[`${path}.png`, await encodePicture(picture, "png")] as const]),
    [`${path}.json`, `${JSON.stringify(record)}\n`],
  ]);
}

async function loadResult(path: string, settings: object): Promise<TimedResult | undefined> {
  const file = `${path}.json`;
  const refuse = (got: unknown) =>
    new SyntaxError(
      `Cannot go on with sweep at ${file}: content must be the result of ${
        JSON.stringify(settings)
      }, got ${got}; ` +
        "delete the file to run it again",
    );
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw createFileError("go on with sweep", file, error);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse("text that is not JSON");
  }
  const { success, data, error } = RESULT.safeParse(json);
  if (!success) throw refuse(z.prettifyError(error).replaceAll("\n", " "));
  if (JSON.stringify(data.settings) !== JSON.stringify(settings)) throw refuse(JSON.stringify(data.settings));
  const { figures, seconds, hasPicture } = data;
  return { figures, seconds, ...(hasPicture ? { picture: await readPicture(`${path}.png`) } : {}) };
}
