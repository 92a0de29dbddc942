/** Axes `from` of one shape that together become axes `to` of another. */
export interface AxisGroup {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Cuts a reshape into the smallest groups of neighbouring axes with the same product; both shapes have one size, not 0. */
export function groupReshape(from: readonly number[], to: readonly number[]): AxisGroup[] {
  const groups: AxisGroup[] = [];
  let i = 0, j = 0;
  while (i < from.length || j < to.length) {
    if (from[i] === 1 && to[j] !== 1) groups.push({ from: [i++], to: [] });
    else if (to[j] === 1 && from[i] !== 1) groups.push({ from: [], to: [j++] });
    else {
      const group = { from: [i], to: [j] };
      let left = from[i++] ?? 1, right = to[j++] ?? 1;
      while (left !== right) {
        if (left < right) group.from.push(i), left *= from[i++] ?? 1;
        else group.to.push(j), right *= to[j++] ?? 1;
      }
      groups.push(group);
    }
  }
  return groups;
}

/** A transpose of a tensor held as `extents`. */
export interface Transposition {
  readonly extents: readonly number[];
  readonly perm: readonly number[];
}

/**
 * Moves a reshape in front of the transpose that it follows: the transpose that then gives the same result, and the
 * extents to which its operand must be reshaped. Undefined where the reshape joins axes that were not neighbours.
 */
export function reshapeFirst(
  { extents, perm }: Transposition,
  target: readonly number[],
): Transposition | undefined {
  if (extents.includes(0)) return undefined;
  const isHeld = (axis: number) => extents[axis] !== 1;
  const places = extents.map((_, axis) => axis).filter(isHeld);
  const groups = groupReshape(perm.map((axis) => extents[axis] ?? 1), target).map(({ from, to }) => {
    return {
      from: from.map((place) => perm[place] ?? 0).filter(isHeld).map((axis) => places.indexOf(axis)),
      to,
    };
  });
  const isTogether = groups.every(({ from }) =>
    from.every((place, index) => place === (from[0] ?? 0) + index)
  );
  if (!isTogether) return undefined;
  const inOrder = groups.toSorted((a, b) => (a.from[0] ?? places.length) - (b.from[0] ?? places.length));
  const order = inOrder.flatMap(({ to }) => to);
  return {
    extents: order.map((axis) => target[axis] ?? 1),
    perm: target.map((_, axis) => order.indexOf(axis)),
  };
}
