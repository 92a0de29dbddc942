import { isTensor, type Tensor } from "../core/mod.ts";
import { createView, escapeHtml, formatBytes, type View } from "./view.ts";

/** Children of a branch that are shown; more are counted. */
const MAX_CHILDREN = 200;
/** Levels that are open at first, and the deepest one shown. */
const OPEN_DEPTH = 1, MAX_DEPTH = 12;

/**
 * Draws nested records as a tree to unfold: configs with their values, parameters with shape, type and range. What is
 * not a number is never hidden: a tensor with NaN or infinity says so.
 *
 * @param name What to call the root.
 */
export function drawTree(value: object, name = Array.isArray(value) ? "list" : "record"): View {
  const { html, text } = drawBranch(name, value, 0);
  return createView(text, `<div style="font-family:ui-monospace,monospace;font-size:90%">${html}</div>`);
}

interface Drawing {
  readonly html: string;
  readonly text: string;
}

function drawBranch(name: string, value: unknown, depth: number): Drawing {
  const label = `<b>${escapeHtml(name)}</b>`, indent = "  ".repeat(depth);
  const summary = summarize(value);
  const children = depth < MAX_DEPTH ? listChildren(value) : [];
  if (children.length === 0) {
    return {
      html: `<div style="margin-left:1em">${label}: ${escapeHtml(summary)}</div>`,
      text: `${indent}${name}: ${summary}`,
    };
  }
  const shown = children.slice(0, MAX_CHILDREN).map(([key, child]) => drawBranch(key, child, depth + 1));
  const more = children.length - shown.length;
  if (more > 0) {
    shown.push({
      html: `<div style="margin-left:1em">... ${more} more</div>`,
      text: `${indent}  ... ${more} more`,
    });
  }
  return {
    html: `<details${depth < OPEN_DEPTH ? " open" : ""} style="margin-left:1em"><summary>${label} ` +
      `<span style="opacity:.7">${escapeHtml(summary)}</span></summary>${
        shown.map(({ html }) => html).join("")
      }</details>`,
    text: [`${indent}${name}: ${summary}`, ...shown.map(({ text }) => text)].join("\n"),
  };
}

/** What is under a branch; short lists of plain values are shown on one line instead. */
function listChildren(value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null || isTensor(value) || ArrayBuffer.isView(value)) return [];
  if (value instanceof Map) return [...value].map(([key, child]) => [String(key), child]);
  if (Array.isArray(value) && value.every((child) => typeof child !== "object")) return [];
  return Object.entries(value);
}

function summarize(value: unknown): string {
  if (isTensor(value)) return describeTensor(value);
  if (typeof value === "string") {
    return JSON.stringify(value.length > 200 ? `${value.slice(0, 200)} ...` : value);
  }
  if (typeof value === "function") return "function";
  if (typeof value !== "object" || value === null) return String(value);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}, ${formatBytes(value.byteLength)}`;
  if (Array.isArray(value) && listChildren(value).length === 0) {
    const text = value.slice(0, 20).map((child) => summarize(child)).join(", ");
    return `[${text}${value.length > 20 ? `, ... ${value.length - 20} more` : ""}]`;
  }
  const { numTensors, numNumbers } = countTensors(value);
  if (numTensors > 0) return `${numTensors} tensors, ${numNumbers.toLocaleString("en")} numbers`;
  const count = listChildren(value).length;
  return Array.isArray(value) ? `${count} entries` : count === 0 ? "{}" : "";
}

function countTensors(value: unknown): { readonly numTensors: number; readonly numNumbers: number } {
  if (isTensor(value)) return { numTensors: 1, numNumbers: value.data.length };
  return listChildren(value).map(([, child]) => countTensors(child)).reduce(
    (sum, { numTensors, numNumbers }) => ({
      numTensors: sum.numTensors + numTensors,
      numNumbers: sum.numNumbers + numNumbers,
    }),
    { numTensors: 0, numNumbers: 0 },
  );
}

/** Type, shape, range, mean and spread, and how many numbers are none: `float32 [4, 2], -1 to 3, mean 0.5 ± 1`. */
export function describeTensor({ shape, data }: Tensor): string {
  const type = data.constructor.name.replace("Array", "").toLowerCase();
  let least = Infinity, most = -Infinity, sum = 0, squares = 0, numFinite = 0;
  for (const number of data) {
    if (!Number.isFinite(number)) continue;
    least = Math.min(least, number);
    most = Math.max(most, number);
    sum += number;
    squares += number * number;
    numFinite++;
  }
  const short = (number: number) => String(Number(number.toPrecision(3)));
  const mean = sum / numFinite, spread = Math.sqrt(Math.max(squares / numFinite - mean * mean, 0));
  const range = numFinite === 0
    ? ""
    : `, ${short(least)} to ${short(most)}, mean ${short(mean)} ± ${short(spread)}`;
  const bad = data.length - numFinite;
  return `${type} [${shape.join(", ")}]${range}${bad > 0 ? `, ${bad} NaN or infinite` : ""}`;
}
