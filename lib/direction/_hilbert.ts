/** A step on the plane: x to the right, y down. */
interface Vector {
  readonly x: number;
  readonly y: number;
}

/**
 * A Hilbert curve over a rectangle of any size: the cells, row-major indices, along the curve. Neighbours on the
 * curve are neighbours on the canvas (diagonal ones once in a while, where a side is odd).
 *
 * Source: Cerveny 2018, the generalised Hilbert ("gilbert") curve: a rectangle is cut into three, of which the
 * first and the last are turned; a long one is cut in two.
 */
export function hilbert({ rows, columns }: { readonly rows: number; readonly columns: number }): number[] {
  const cells: number[] = [];
  const right = { x: columns, y: 0 }, down = { x: 0, y: rows };
  const visit = ({ x, y }: Vector) => cells.push(y * columns + x);
  if (columns >= rows) walk({ x: 0, y: 0 }, right, down, visit);
  else walk({ x: 0, y: 0 }, down, right, visit);
  return cells;
}

/** Visits the rectangle spanned by `along` and `across` from `start`, ending at the far end of `along`. */
function walk(start: Vector, along: Vector, across: Vector, visit: (cell: Vector) => void): void {
  const length = size(along), width = size(across);
  if (length === 1 || width === 1) {
    const step = unit(width === 1 ? along : across);
    for (let i = 0, cell = start; i < length * width; i++, cell = add(cell, step)) visit(cell);
    return;
  }
  let halfAlong = half(along);
  if (2 * length > 3 * width) {
    if (size(halfAlong) % 2 === 1 && length > 2) halfAlong = add(halfAlong, unit(along));
    walk(start, halfAlong, across, visit);
    walk(add(start, halfAlong), subtract(along, halfAlong), across, visit);
    return;
  }
  let halfAcross = half(across);
  if (size(halfAcross) % 2 === 1 && width > 2) halfAcross = add(halfAcross, unit(across));
  walk(start, halfAcross, halfAlong, visit);
  walk(add(start, halfAcross), along, subtract(across, halfAcross), visit);
  const end = add(subtract(along, unit(along)), subtract(halfAcross, unit(across)));
  walk(add(start, end), negate(halfAcross), negate(subtract(along, halfAlong)), visit);
}

/** The length of a vector along an axis. */
function size({ x, y }: Vector): number {
  return Math.abs(x + y);
}

function unit({ x, y }: Vector): Vector {
  return { x: Math.sign(x), y: Math.sign(y) };
}

function half({ x, y }: Vector): Vector {
  return { x: Math.floor(x / 2), y: Math.floor(y / 2) };
}

function add(a: Vector, b: Vector): Vector {
  return { x: a.x + b.x, y: a.y + b.y };
}

function subtract(a: Vector, b: Vector): Vector {
  return { x: a.x - b.x, y: a.y - b.y };
}

function negate({ x, y }: Vector): Vector {
  return { x: -x, y: -y };
}
