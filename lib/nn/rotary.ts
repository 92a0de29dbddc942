import { numpy as np } from "@jax-js/jax";

/** The slowest pair of channels turns this many times slower than the fastest, which turns by 1 radian a step. */
const BASE = 100;

/** Cosines and sines of the angles by which pairs of channels are turned, `[..., headDim / 2]` each. */
export type Rotation = {
  readonly cos: np.Array;
  readonly sin: np.Array;
};

/**
 * The rotation of each position. Pairs of channels belong to the axes in turn; along its axis a pair turns by
 * `position * BASE ** -(i / n)`, where i counts the n pairs of an axis.
 *
 * Source: Su et al. 2021, RoFormer, arXiv:2104.09864, section 3.2. Ours differs: positions have several axes, and
 * BASE is 100, for distances of a few dozen tokens.
 *
 * @param positions `[..., A]`, in steps along A axes; consumed.
 */
export function rotationAt(positions: np.Array, headDim: number): Rotation {
  if (headDim % 2 !== 0) {
    throw new RangeError(`Cannot rotate by position: headDim must be even, got ${headDim}`);
  }
  const numAxes = positions.shape.at(-1) ?? 1, numPairs = headDim / 2;
  const perAxis = Math.ceil(numPairs / numAxes);
  const frequencies = Array.from(
    { length: numAxes },
    (_, axis) =>
      Array.from(
        { length: numPairs },
        (_, pair) => pair % numAxes === axis ? BASE ** -(Math.floor(pair / numAxes) / perAxis) : 0,
      ),
  ); // [A, headDim / 2]
  const lead = positions.shape.slice(0, -1);
  const angles = np.matmul(positions.reshape([-1, numAxes]), np.array(frequencies)).reshape([
    ...lead,
    numPairs,
  ]);
  return { cos: np.cos(angles.ref), sin: np.sin(angles) };
}

/**
 * Turns pairs of channels, so that the product of a query and a key depends on how far apart they lie.
 *
 * Source: Su et al. 2021, RoFormer, arXiv:2104.09864, equation 34; channel i is paired with i + headDim / 2.
 *
 * @param x `[..., headDim]`; consumed.
 * @param rotation Broadcast to `[..., headDim / 2]`; borrowed.
 */
export function rotate(x: np.Array, { cos, sin }: Rotation): np.Array {
  const [a, b] = np.split(x, 2, -1);
  if (a === undefined || b === undefined) throw new TypeError("Cannot rotate: channels must split in two");
  return np.concatenate([
    a.ref.mul(cos.ref).sub(b.ref.mul(sin.ref)),
    a.mul(sin.ref).add(b.mul(cos.ref)),
  ], -1);
}
