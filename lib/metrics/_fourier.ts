/** A square plane of complex numbers, `n` a power of two; shape `[n, n]` each. */
export interface ComplexPlane {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** The two-dimensional discrete Fourier transform, in place: rows, then columns. */
export function transformPlane(plane: ComplexPlane, n: number): void {
  for (let i = 0; i < n; i++) transformLine(plane, n, i * n, 1);
  for (let i = 0; i < n; i++) transformLine(plane, n, i, n);
}

/** Cooley and Tukey's transform of one line: reorder by reversed bits, then combine halves of growing length. */
function transformLine({ real, imaginary }: ComplexPlane, n: number, start: number, stride: number): void {
  const swap = (values: Float64Array, i: number, j: number) => {
    const kept = values[i] ?? 0;
    values[i] = values[j] ?? 0;
    values[j] = kept;
  };
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(real, start + i * stride, start + j * stride),
        swap(imaginary, start + i * stride, start + j * stride);
    }
  }
  for (let length = 2; length <= n; length *= 2) {
    for (let k = 0; k < length / 2; k++) {
      const cosine = Math.cos(2 * Math.PI * k / length), sine = -Math.sin(2 * Math.PI * k / length);
      for (let first = k; first < n; first += length) {
        const a = start + first * stride, b = a + length / 2 * stride;
        const x = (real[b] ?? 0) * cosine - (imaginary[b] ?? 0) * sine;
        const y = (real[b] ?? 0) * sine + (imaginary[b] ?? 0) * cosine;
        real[b] = (real[a] ?? 0) - x, imaginary[b] = (imaginary[a] ?? 0) - y;
        real[a] = (real[a] ?? 0) + x, imaginary[a] = (imaginary[a] ?? 0) + y;
      }
    }
  }
}
