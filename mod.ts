/**
 * NUWA-Infinity as composable steps: tokenize, schedule an order, fill patches, update the context pool, decode.
 *
 * @module
 */
// By name: `ndarray`, which core hands to the rest of lib/, is not ours to document.
export {
  assertGrid,
  countPatches,
  createPicture,
  createTensor,
  createTokenGrid,
  createUniform,
  type Extent,
  type Grid,
  patchAt,
  patchIndex,
  type PatchPosition,
  philox4x32,
  type Picture,
  picturesToPixels,
  pixelsToPictures,
  sizeOf,
  type Tensor,
  type TensorData,
  type TokenGrid,
  type Tree,
  type Uniform,
} from "./lib/core/mod.ts";
export * from "./lib/context_pool/mod.ts";
export * from "./lib/direction/mod.ts";
export * from "./lib/figures/mod.ts";
export * from "./lib/jupyter/mod.ts";
export * from "./lib/media/mod.ts";
export * from "./lib/metrics/mod.ts";
export * from "./lib/runtime/mod.ts";
export * from "./lib/steps/mod.ts";
export * from "./lib/data/mod.ts";
export * from "./lib/models/mod.ts";
export * from "./lib/nn/mod.ts";
export * from "./lib/tasks/mod.ts";
export * from "./lib/training/mod.ts";
