import type { MimeBundle } from "../figures/mod.ts";

/** The part of `Deno.jupyter` that is used. */
export interface Kernel {
  /** Sends a message to all front ends. */
  broadcast(
    type: string,
    content: Readonly<Record<string, unknown>>,
    extra?: {
      readonly metadata?: Readonly<Record<string, unknown>>;
      readonly buffers?: readonly Uint8Array[];
    },
  ): unknown;
}

/** The method that says what a notebook shows of a value. */
export const DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/** A value that draws itself in a notebook. */
export interface Displayable {
  /** What to show. */
  [DISPLAY](): MimeBundle | Promise<MimeBundle>;
}

/** Whether a value draws itself. */
export function isDisplayable(value: unknown): value is Displayable {
  return typeof value === "object" && value !== null && DISPLAY in value &&
    typeof value[DISPLAY] === "function";
}

/** The kernel that runs this program; nothing outside of notebooks, where `Deno.jupyter` throws. */
export function findKernel(): Kernel | undefined {
  try {
    const { jupyter } = Deno as unknown as { readonly jupyter: Kernel }; // typed only where unstable APIs are on
    return typeof jupyter.broadcast === "function" ? jupyter : undefined;
  } catch {
    return undefined;
  }
}
