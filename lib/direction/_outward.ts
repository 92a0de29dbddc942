import type { Frame } from "./_frame_orders.ts";

/** The sides on which the spiral of `outward` can start, in the order in which it takes them. */
export const START_DIRECTIONS = ["left", "down", "right", "up"] as const;

/** One of {@link START_DIRECTIONS}. */
export type StartDirection = typeof START_DIRECTIONS[number];

/** A rectangle of cells; all four bounds are part of it. */
interface Box {
  readonly top: number;
  readonly left: number;
  readonly bottom: number;
  readonly right: number;
}

/**
 * The spiral of outpainting: the box around the known cells grows by one column or row at a time, left, down,
 * right, up. Every strip is filled top to bottom or left to right, as the order that grows to that side would do,
 * so a model meets contexts like those it was trained on. Holes inside the box come first; where nothing is known,
 * the box starts as the cell in the middle. A side that has reached the edge of the canvas is passed over.
 *
 * Source: Wu et al. 2022, NUWA-Infinity, arXiv:2207.09814, figure on outpainting (2 x 2 patches, 52 generated).
 */
export function outward(frame: Frame): number[] {
  let box = findKnownBox(frame);
  const cells: number[] = [];
  pushBox(cells, frame, box);
  const start = START_DIRECTIONS.indexOf(frame.startDirection);
  for (let turn = start; cells.length < frame.rows * frame.columns; turn++) {
    const strip = nextStrip(box, START_DIRECTIONS[turn % START_DIRECTIONS.length] ?? "left");
    if (strip.top < 0 || strip.left < 0 || strip.bottom >= frame.rows || strip.right >= frame.columns) {
      continue;
    }
    pushBox(cells, frame, strip);
    box = {
      top: Math.min(box.top, strip.top),
      left: Math.min(box.left, strip.left),
      bottom: Math.max(box.bottom, strip.bottom),
      right: Math.max(box.right, strip.right),
    };
  }
  return cells;
}

function findKnownBox({ rows, columns, known }: Frame): Box {
  let top = rows, left = columns, bottom = -1, right = -1;
  for (let cell = 0; cell < rows * columns; cell++) {
    if (!known[cell]) continue;
    const row = Math.floor(cell / columns), column = cell % columns;
    top = Math.min(top, row), left = Math.min(left, column);
    bottom = Math.max(bottom, row), right = Math.max(right, column);
  }
  if (bottom >= 0) return { top, left, bottom, right };
  const row = Math.floor((rows - 1) / 2), column = Math.floor((columns - 1) / 2);
  return { top: row, left: column, bottom: row, right: column };
}

function nextStrip(box: Box, side: StartDirection): Box {
  switch (side) {
    case "left":
      return { ...box, left: box.left - 1, right: box.left - 1 };
    case "down":
      return { ...box, top: box.bottom + 1, bottom: box.bottom + 1 };
    case "right":
      return { ...box, left: box.right + 1, right: box.right + 1 };
    case "up":
      return { ...box, top: box.top - 1, bottom: box.top - 1 };
  }
}

function pushBox(cells: number[], { columns }: Frame, box: Box): void {
  for (let row = box.top; row <= box.bottom; row++) {
    for (let column = box.left; column <= box.right; column++) cells.push(row * columns + column);
  }
}
