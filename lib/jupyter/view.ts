import { writeFileAside } from "../media/mod.ts";
import type { MimeBundle } from "../figures/mod.ts";
import { DISPLAY, type Displayable } from "./kernel.ts";

/** A drawing of a value: for eyes, and in words for those who have none. Draws itself in a notebook. */
export interface View extends Displayable {
  /** The same in words. */
  readonly text: string;
  /** A fragment of HTML that needs no script and no network. */
  readonly html: string;
}

/** Creates a {@link View}. */
export function createView(text: string, html: string): View {
  return { text, html, [DISPLAY]: (): MimeBundle => ({ "text/plain": text, "text/html": html }) };
}

/**
 * Writes a view as a page of its own.
 *
 * @param path Ends in .html.
 * @throws {RangeError} If it does not.
 * @throws {FileError} If the file cannot be written.
 */
export async function saveView(path: string, { text, html }: View): Promise<void> {
  if (!/\.html?$/i.test(path)) {
    throw new RangeError(
      `Cannot save view at ${path}: name must end in .html, got ${path.split("/").at(-1)}`,
    );
  }
  const title = escapeHtml(text.split("\n")[0] ?? "");
  const page = `<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>${title}</title>\n` +
    `<body style="font-family:system-ui,sans-serif;margin:2em">\n${html}\n</body></html>\n`;
  await writeFileAside(path, page);
}

/** A text as HTML shows it. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replaceAll(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}

/** Bytes with a unit: `512 B`, `21.3 MB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return power === 0 ? `${bytes} B` : `${(bytes / 1000 ** power).toFixed(1)} ${units[power]}`;
}

/** Seconds as `0.4 s`, `9 s`, `2 min 5 s` or `3 h 20 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
}
