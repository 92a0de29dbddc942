import { drawValue } from "./draw_value.ts";
import { onInterrupt } from "./interrupts.ts";
import { DISPLAY, findKernel } from "./kernel.ts";
import { capBundle, standardOutput, toBundle } from "./output.ts";
import { createView, escapeHtml } from "./view.ts";

/**
 * To be called once at the top of a notebook. From then on
 * - pictures, canvases, plans, pools, runs and configs draw themselves as the last expression of a cell;
 * - the Stop button leaves the kernel and its variables alive;
 * - errors that nobody waits for are shown instead of vanishing.
 *
 * Outside of notebooks nothing happens.
 */
export function setUpNotebook(): void {
  if (findKernel() === undefined || Object.hasOwn(Object.prototype, DISPLAY)) return;
  onInterrupt(); // and never left
  for (const type of ["error", "unhandledrejection"]) {
    globalThis.addEventListener(type, (event) => {
      event.preventDefault();
      const cause = event instanceof ErrorEvent ? event.error : Reflect.get(event, "reason");
      const text = cause instanceof Error ? cause.stack ?? cause.message : String(cause);
      void standardOutput().display(createView(text, drawError(text)));
    });
  }
  drawPlainValues();
}

/**
 * Gives every object the display method that the kernel looks for, and answers it for the values that have a drawing
 * of their own: they are plain records, so there is no class to put it on.
 */
function drawPlainValues(): void {
  Object.defineProperty(Object.prototype, DISPLAY, {
    configurable: true,
    enumerable: false,
    get(this: unknown) {
      const draw = drawValue(this);
      return draw === undefined ? undefined : async () => capBundle(await toBundle(await draw()));
    },
    set(this: object, value: unknown) {
      Object.defineProperty(this, DISPLAY, { value, configurable: true, enumerable: true, writable: true });
    },
  });
}

function drawError(text: string): string {
  return `<pre style="border-left:4px solid #c0392b;padding:.5em;white-space:pre-wrap">${
    escapeHtml(text)
  }</pre>`;
}
