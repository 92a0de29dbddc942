import type { Tensor } from "../core/mod.ts";

/** How many bits a weight gets, and how many weights of a column share a scale. */
export interface BlockFormat {
  /** Bits of a code. */
  readonly bits: 4 | 8;
  /** A power of two, 16 at least. */
  readonly blockSize: number;
}

/** A matrix `[K, N]` in blocks of one scale each, as the operator MatMulNBits reads it. */
export interface QuantizedMatrix extends BlockFormat {
  /** K, the rows. */
  readonly numRows: number;
  /** N, the columns. */
  readonly numColumns: number;
  /** `[N, blocks, blockSize * bits / 8]`; of two codes in a byte the first is low. The last block is padded with zeros. */
  readonly codes: Uint8Array<ArrayBuffer>;
  /** `[N, blocks]` */
  readonly scales: Float32Array<ArrayBuffer>;
}

/**
 * Rounds a matrix to the nearest multiples of a scale, block by block down its columns.
 *
 * `w = scale * (code - 2^(bits - 1))`. Codes reach one step further down than up, so the scale takes the sign that puts
 * the weight of largest magnitude at the far end, where it is exact. Any other is off by half a scale at most, but by up
 * to a whole one where it is nearly as large and of the other sign.
 *
 * @param matrix Float32 `[K, N]`.
 */
export function quantizeBlocks(
  { shape, data }: Tensor<Float32Array>,
  { bits, blockSize }: BlockFormat,
): QuantizedMatrix {
  const [numRows = 0, numColumns = 0] = shape;
  if (shape.length !== 2) {
    throw new TypeError(`Cannot quantize matrix: shape must be [K, N], got [${shape.join(", ")}]`);
  }
  const numBlocks = Math.ceil(numRows / blockSize), half = 2 ** (bits - 1), perByte = 8 / bits;
  const scales = new Float32Array(numColumns * numBlocks);
  // Padding is code `half`, which is 0: 0x80 or 0x88 in every byte.
  const codes = new Uint8Array(numColumns * numBlocks * blockSize / perByte).fill(bits === 8 ? 0x80 : 0x88);
  for (let column = 0; column < numColumns; column++) {
    for (let block = 0; block < numBlocks; block++) {
      const start = block * blockSize, end = Math.min(start + blockSize, numRows);
      const peak = peakOf(data, start * numColumns + column, end * numColumns, numColumns);
      if (peak === 0) continue;
      const place = column * numBlocks + block;
      const scale = scales[place] = peak / -half;
      for (let row = start; row < end; row++) {
        const weight = data[row * numColumns + column] ?? 0;
        const code = Math.min(Math.round(weight / scale) + half, 2 * half - 1);
        const index = place * blockSize + row - start;
        const byte = Math.floor(index / perByte), shift = index % perByte * bits;
        codes[byte] = (codes[byte] ?? 0) & ~((2 * half - 1) << shift) | code << shift;
      }
    }
  }
  return { bits, blockSize, numRows, numColumns, codes, scales };
}

/** The element of largest magnitude, of those from `start` to before `end`, `stride` apart. */
function peakOf(data: Float32Array, start: number, end: number, stride: number): number {
  let peak = 0;
  for (let place = start; place < end; place += stride) {
    const element = data[place] ?? 0;
    if (Math.abs(element) > Math.abs(peak)) peak = element;
  }
  return peak;
}

/** The matrix that codes and scales stand for: float32 `[K, N]`. */
export function dequantizeBlocks(matrix: QuantizedMatrix): Tensor<Float32Array> {
  const { bits, blockSize, numRows, numColumns, codes, scales } = matrix;
  const half = 2 ** (bits - 1), perByte = 8 / bits, numBlocks = Math.ceil(numRows / blockSize);
  const data = Float32Array.from({ length: numRows * numColumns }, (_, place) => {
    const row = Math.floor(place / numColumns), column = place % numColumns;
    const block = column * numBlocks + Math.floor(row / blockSize);
    const index = block * blockSize + row % blockSize;
    const code = (codes[Math.floor(index / perByte)] ?? 0) >> index % perByte * bits & 2 * half - 1;
    return (scales[block] ?? 0) * (code - half);
  });
  return { shape: [numRows, numColumns], data };
}
