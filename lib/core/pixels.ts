import { createPicture, type Picture } from "./picture.ts";
import { createTensor, type Tensor } from "./tensor.ts";

/**
 * Turns pictures of one size into numbers in [-1, 1], as models read them: `x / 127.5 - 1`.
 *
 * @param pictures At least one, each `[H, W, 3]`; views are fine.
 * @returns Pixels, float32 `[B, 3, H, W]`.
 * @throws {TypeError} If there is none, or sizes differ.
 */
export function picturesToPixels(pictures: readonly Picture[]): Tensor<Float32Array> {
  const [H = 0, W = 0] = pictures[0]?.shape ?? [];
  const data = new Float32Array(pictures.length * 3 * H * W);
  let at = 0;
  for (const { shape, stride, offset, data: bytes } of pictures) {
    if (shape.length !== 3 || shape[0] !== H || shape[1] !== W || shape[2] !== 3) {
      throw new TypeError(
        `Cannot turn pictures into pixels: pictures must all have shape [${H}, ${W}, 3], got [${
          shape.join(", ")
        }]`,
      );
    }
    const [rowStride = 0, columnStride = 0, channelStride = 0] = stride;
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < H; y++) {
        let from = offset + y * rowStride + c * channelStride;
        for (let x = 0; x < W; x++, from += columnStride) data[at++] = (bytes[from] ?? 0) / 127.5 - 1;
      }
    }
  }
  if (data.length === 0) {
    throw new TypeError("Cannot turn pictures into pixels: pictures must have at least one pixel, got none");
  }
  return createTensor([pictures.length, 3, H, W], data);
}

/**
 * Turns a model's pixels into pictures: `127.5 (x + 1)`, rounded, and clamped to 0..255.
 *
 * @param pixels `[B, 3, H, W]`, nominally in [-1, 1]. NaN becomes 0.
 * @throws {TypeError} If the shape is another one.
 */
export function pixelsToPictures(pixels: Tensor): Picture[] {
  const [B = 0, C = 0, H = 0, W = 0] = pixels.shape;
  if (pixels.shape.length !== 4 || C !== 3) {
    throw new TypeError(
      `Cannot turn pixels into pictures: pixels must have shape [B, 3, H, W], got [${
        pixels.shape.join(", ")
      }]`,
    );
  }
  return Array.from({ length: B }, (_, b) => {
    const bytes = new Uint8ClampedArray(H * W * 3); // rounds and clamps
    let at = b * 3 * H * W;
    for (let c = 0; c < 3; c++) {
      for (let i = 0; i < H * W; i++) bytes[i * 3 + c] = 127.5 * ((pixels.data[at++] ?? 0) + 1);
    }
    return createPicture(H, W, new Uint8Array(bytes.buffer));
  });
}
