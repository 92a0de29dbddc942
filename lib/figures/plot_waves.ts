import type { Plan } from "../direction/mod.ts";
import {
  canvasCells,
  canvasPanel,
  createCanvas,
  frameMarks,
  framePictures,
  sayThinned,
  toMatrix,
} from "./_canvas.ts";
import { colorBar, createLayout, HEADER, LEFT, roundTicks } from "./_layout.ts";
import { VIRIDIS } from "./_palette.ts";
import { findPlanFacts } from "./_plan_facts.ts";
import { sayCount, sayPatch } from "./_words.ts";
import { chooseTimes, createCurtain, createSlider, curtainAt } from "./_replay.ts";
import { createFigure, type Figure, type Restyle } from "./figure.ts";
import type { CanvasFigureOptions } from "./plot_order.ts";

/**
 * Draws which patches are filled together: numbers and colours by wave; a slider replays them.
 *
 * @throws {RangeError} If there are pictures, but not one a frame.
 */
export function plotWaves(plan: Plan, { pictures = [] }: CanvasFigureOptions = {}): Figure {
  const inset = plan.grid.frames > 1 ? 18 : 8;
  const canvas = createCanvas(plan.grid, { left: LEFT, top: HEADER + inset, width: 800, height: 440 });
  const { box } = canvas, marks = frameMarks(canvas, 0);
  const size = {
    width: Math.ceil(Math.max(560, box.left + box.width + 90)),
    height: Math.ceil(box.top + box.height + 84),
  };
  const { stepOf, waveOf } = findPlanFacts(plan);
  const numWaves = plan.waves.length, widest = Math.max(0, ...plan.waves.map((steps) => steps.length));
  const describe = (patch: number) => {
    const wave = waveOf[patch] ?? -1;
    if (wave < 0) return `<b>known</b><br>${sayPatch(plan, patch)}`;
    const together = sayCount(plan.waves[wave]?.length ?? 0, "patch", "patches");
    return `<b>wave ${wave + 1}</b> of ${numWaves}: ${together}<br>${sayPatch(plan, patch)}<br>step ${
      (stepOf[patch] ?? 0) + 1
    }`;
  };
  const waves = toMatrix<number | null>(
    canvas,
    (patch) => (waveOf[patch] ?? -1) < 0 ? null : (waveOf[patch] ?? 0) + 1,
    null,
  );
  const subtitle = `${sayCount(plan.steps.length, "patch", "patches")} in ${sayCount(numWaves, "wave")}, ` +
    `up to ${widest} at once; order ${plan.orderName}${sayThinned(canvas)}`;
  const replay = (wave: number, label: string): Restyle => {
    const [zmin, zmax] = curtainAt(wave);
    return { label, method: "restyle", args: [{ zmin, zmax }, [1]] };
  };
  return createFigure({
    data: [{
      type: "heatmap",
      name: "waves",
      z: waves,
      ...canvasCells(canvas, 0),
      zmin: 1,
      zmax: Math.max(2, numWaves),
      colorscale: VIRIDIS,
      showscale: true,
      colorbar: colorBar(size, box, "wave", roundTicks(1, Math.max(2, numWaves), 4)),
      opacity: pictures.length > 0 ? 0.5 : 1,
      hovertext: toMatrix(canvas, describe, ""),
      hoverinfo: "text",
      ...(canvas.cell < 17 ? {} : {
        text: waves.map((row) => row.map((wave) => wave === null ? "" : String(wave))),
        texttemplate: "%{text}",
        textfont: { size: Math.min(15, Math.max(9, canvas.cell * 0.32)) },
      }),
    }, createCurtain(canvas, 0, (patch) => waveOf[patch] ?? -1, numWaves)],
    layout: createLayout({
      ...size,
      title: "Waves: patches that do not wait for each other",
      subtitle,
      panels: [canvasPanel(canvas)],
      images: framePictures(canvas, 0, pictures),
      ...marks,
      slider: createSlider(size, { left: LEFT, width: size.width - 2 * LEFT, top: size.height - 70 }, [
        ...chooseTimes(numWaves).map((wave) => replay(wave - 1, `wave ${wave}`)),
      ]),
    }),
    alt: `Waves: ${subtitle}.`,
  });
}
