/** Eigenvalues, and eigenvectors as the rows of a matrix of shape `[d, d]`. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

const MAX_SWEEPS = 60;

/**
 * The eigen-decomposition of a symmetric matrix by Jacobi's cyclic rotations: `A = V^T diag(values) V`.
 *
 * Source: Golub and Van Loan 2013, Matrix Computations, section 8.5. Cubic per sweep: meant for d up to a few hundred.
 *
 * @param matrix Shape `[d, d]`, row-major.
 */
export function symmetricEigen(matrix: Float64Array): Eigen {
  const d = Math.round(Math.sqrt(matrix.length));
  const a = Float64Array.from(matrix); // [d, d]
  const vectors = new Float64Array(d * d); // [d, d]
  for (let i = 0; i < d; i++) vectors[i * d + i] = 1;
  for (let sweep = 0; sweep < MAX_SWEEPS && !isDiagonal(a, d); sweep++) {
    for (let p = 0; p < d; p++) {
      for (let q = p + 1; q < d; q++) rotate(a, vectors, d, p, q);
    }
  }
  return { values: Float64Array.from({ length: d }, (_, i) => a[i * d + i] ?? 0), vectors };
}

function isDiagonal(a: Float64Array, d: number): boolean {
  let off = 0, diagonal = 0;
  a.forEach((value, i) => i % (d + 1) === 0 ? diagonal += value * value : off += value * value);
  return off <= 1e-30 * diagonal;
}

/** One rotation, which makes `a[p, q]` zero. */
function rotate(a: Float64Array, vectors: Float64Array, d: number, p: number, q: number): void {
  const apq = a[p * d + q] ?? 0;
  if (apq === 0) return;
  const theta = ((a[q * d + q] ?? 0) - (a[p * d + p] ?? 0)) / (2 * apq);
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const cosine = 1 / Math.sqrt(tangent * tangent + 1), sine = tangent * cosine;
  turn(a, { start: p, other: q, stride: d }, cosine, sine); // columns p and q
  turn(a, { start: p * d, other: q * d, stride: 1 }, cosine, sine); // rows p and q
  turn(vectors, { start: p * d, other: q * d, stride: 1 }, cosine, sine);
}

/** Two rows or columns of a square matrix: where they start, and how far their elements lie apart. */
interface Lines {
  readonly start: number;
  readonly other: number;
  readonly stride: number;
}

function turn(a: Float64Array, { start, other, stride }: Lines, cosine: number, sine: number): void {
  const d = Math.round(Math.sqrt(a.length));
  for (let k = 0; k < d; k++) {
    const x = a[start + k * stride] ?? 0, y = a[other + k * stride] ?? 0;
    a[start + k * stride] = cosine * x - sine * y;
    a[other + k * stride] = sine * x + cosine * y;
  }
}
