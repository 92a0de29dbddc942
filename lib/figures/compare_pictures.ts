import type { Picture } from "../core/mod.ts";
import { pictureBelow } from "./_canvas.ts";
import { axesOf, colorBar, createLayout, formatNumber, HEADER, LEFT, note, roundTicks } from "./_layout.ts";
import { MAGMA } from "./_palette.ts";
import { escapeXml } from "./_svg_text.ts";
import { type ColorBar, createFigure, type Figure, type HeatmapTrace } from "./figure.ts";
import { pictureUrl } from "./picture_url.ts";

/** What {@link plotReconstruction} says about the pictures. */
export interface PlotReconstructionOptions {
  /** @default "Reconstruction" */
  readonly title?: string;
  /** What the pictures are. @default ["original", "reconstruction"] */
  readonly labels?: readonly [string, string];
}

/**
 * Draws a picture and its reconstruction side by side, and where they differ: a heat map of the mean absolute difference.
 *
 * @throws {TypeError} If the pictures have different sizes.
 */
export function plotReconstruction(
  original: Picture,
  reconstruction: Picture,
  { title = "Reconstruction", labels = ["original", "reconstruction"] }: PlotReconstructionOptions = {},
): Figure {
  const [height = 1, width = 1] = assertSameSize(original, reconstruction);
  const block = Math.ceil(Math.max(height, width) / 96);
  const errors = averageErrors(original, reconstruction, block);
  const isWide = width > 1.3 * height, tile = isWide ? 560 : 270;
  const w = tile, h = tile * height / width;
  const boxes = Array.from({ length: 3 }, (_, i) => ({
    left: LEFT + (isWide ? 0 : i * (w + 14)),
    top: HEADER + 26 + (isWide ? i * (h + 28) : 0),
    width: w,
    height: h,
  }));
  const [first, second, third] = boxes;
  const size = {
    width: Math.ceil((third?.left ?? 0) + w + 80),
    height: Math.ceil((third?.top ?? 0) + h + 16),
  };
  const top = Math.max(1, ...errors.flat()), subtitle = sayDifference(original, reconstruction);
  const rows = errors.length, columns = errors[0]?.length ?? 1;
  const cover = { x: 0, y: 0, columns, rows };
  return createFigure({
    data: [
      drawErrors(errors, top, third && colorBar(size, third, "of 255", roundTicks(0, top, 4)), 2),
    ],
    layout: createLayout({
      ...size,
      title,
      subtitle,
      panels: boxes.map((box) => ({
        box,
        x: { range: [-0.5, columns - 0.5], ticks: [] },
        y: { range: [rows - 0.5, -0.5], ticks: [] },
      })),
      images: [
        ...(first === undefined ? [] : [pictureBelow(pictureUrl(original), 0, cover)]),
        ...(second === undefined ? [] : [pictureBelow(pictureUrl(reconstruction), 1, cover)]),
      ],
      annotations: boxes.map(({ left, top: above }, i) =>
        note(size, [...labels, "mean absolute difference"][i] ?? "", {
          left,
          top: above - 11,
        }, "left")
      ),
    }),
    alt: `${title}: ${labels.join(", ")}, and where they differ: ${subtitle}.`,
  });
}

/**
 * Draws where two pictures differ, and how much: a heat map of the mean absolute difference.
 *
 * @throws {TypeError} If the pictures have different sizes.
 *
 * @example Usage
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { createPicture, plotDifference } from "nuwa-infinity";
 * const before = createPicture(32, 64), after = createPicture(32, 64, before.data.map((_, i) => i < 96 ? 255 : 0));
 * assertStringIncludes(plotDifference(before, after).alt, "Where the pictures differ");
 * ```
 */
export function plotDifference(
  before: Picture,
  after: Picture,
  { title = "Where the pictures differ" }: Pick<PlotReconstructionOptions, "title"> = {},
): Figure {
  const [height = 1, width = 1] = assertSameSize(before, after);
  const errors = averageErrors(before, after, Math.ceil(Math.max(height, width) / 96));
  const rows = errors.length, columns = errors[0]?.length ?? 1, top = Math.max(1, ...errors.flat());
  const scale = Math.min(512 / width, 320 / height);
  const box = { left: LEFT, top: HEADER, width: width * scale, height: height * scale };
  const size = { width: Math.ceil(box.width + 110), height: Math.ceil(box.top + box.height + 16) };
  const subtitle = sayDifference(before, after);
  return createFigure({
    data: [drawErrors(errors, top, colorBar(size, box, "of 255", roundTicks(0, top, 4)), 0)],
    layout: createLayout({
      ...size,
      title,
      subtitle,
      panels: [{
        box,
        x: { range: [-0.5, columns - 0.5], ticks: [] },
        y: { range: [rows - 0.5, -0.5], ticks: [] },
      }],
    }),
    alt: `${title}: ${subtitle}.`,
  });
}

/**
 * Two pictures as a piece of HTML, one over the other, with a handle that wipes between them. Without scripts the first
 * picture shows.
 *
 * @param labels What the pictures are. @default ["original", "reconstruction"]
 */
export function swipePictures(
  before: Picture,
  after: Picture,
  labels: readonly [string, string] = ["original", "reconstruction"],
): string {
  const [height = 1, width = 1] = before.shape, [left, right] = labels.map(escapeXml);
  const layer = "position:absolute;inset:0;width:100%;height:100%";
  return `<div style="position:relative;max-width:${
    Math.min(900, Math.max(320, width))
  }px;aspect-ratio:${width}/${height};overflow:hidden;font:12px system-ui,sans-serif;color:#fff">
<img src="${pictureUrl(after, { maxSide: 900 })}" alt="${right}" style="${layer}">
<img src="${pictureUrl(before, { maxSide: 900 })}" alt="${left}" style="${layer};clip-path:inset(0 50% 0 0)">
<i style="position:absolute;top:0;bottom:0;left:50%;width:2px;margin-left:-1px;background:#fff;box-shadow:0 0 4px #000"></i>
<b style="position:absolute;left:8px;top:8px;padding:1px 6px;background:#0009;border-radius:4px">${left}</b>
<b style="position:absolute;right:8px;top:8px;padding:1px 6px;background:#0009;border-radius:4px">${right}</b>
<input type="range" min="0" max="100" step="0.1" value="50" aria-label="${left} to the left, ${right} to the right" style="${layer};margin:0;opacity:0;cursor:ew-resize" oninput="const d=this.parentNode;d.children[1].style.clipPath='inset(0 '+(100-this.value)+'% 0 0)';d.children[2].style.left=this.value+'%'">
</div>`;
}

function assertSameSize(original: Picture, { shape }: Picture): readonly number[] {
  if (original.shape.join() === shape.join()) return shape;
  throw new TypeError(
    `Cannot compare pictures: reconstruction must have shape [${original.shape.join(", ")}], got [${
      shape.join(", ")
    }]`,
  );
}

function drawErrors(
  errors: readonly (readonly number[])[],
  top: number,
  colorbar: ColorBar | undefined,
  panel: number,
): HeatmapTrace {
  return {
    type: "heatmap",
    z: errors,
    zmin: 0,
    zmax: top,
    colorscale: MAGMA,
    showscale: true,
    ...(colorbar === undefined ? {} : { colorbar }),
    hovertext: errors.map((row) => row.map((error) => `differs by ${formatNumber(error)} of 255`)),
    hoverinfo: "text",
    ...axesOf(panel),
  };
}

function sayDifference(a: Picture, b: Picture): string {
  const { mse, psnr } = measure(a, b), round = (value: number) => formatNumber(Math.round(value * 100) / 100);
  return `${a.shape[1]} x ${a.shape[0]} pixels; PSNR ${
    Number.isFinite(psnr) ? round(psnr) : "infinite"
  } dB, ` +
    `root mean square error ${round(Math.sqrt(mse))} of 255`;
}

/** Mean absolute difference of blocks of pixels. */
function averageErrors(a: Picture, b: Picture, block: number): number[][] {
  const [height = 1, width = 1] = a.shape;
  return Array.from(
    { length: Math.ceil(height / block) },
    (_, row) =>
      Array.from({ length: Math.ceil(width / block) }, (_, column) => {
        let sum = 0, count = 0;
        for (let y = row * block; y < Math.min(height, (row + 1) * block); y++) {
          for (let x = column * block; x < Math.min(width, (column + 1) * block); x++) {
            for (let c = 0; c < 3; c++, count++) sum += Math.abs(a.get(y, x, c) - b.get(y, x, c));
          }
        }
        return Math.round(10 * sum / count) / 10;
      }),
  );
}

function measure(a: Picture, b: Picture): { readonly mse: number; readonly psnr: number } {
  const [height = 1, width = 1] = a.shape;
  let sum = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < 3; c++) sum += (a.get(y, x, c) - b.get(y, x, c)) ** 2;
    }
  }
  const mse = sum / (height * width * 3);
  return { mse, psnr: 10 * Math.log10(255 ** 2 / mse) };
}
