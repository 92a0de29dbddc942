/** Measures of pictures, codes and sets of features; none of them needs a downloaded network. */
export * from "./codebook_use.ts";
export * from "./drift.ts";
export * from "./frechet_distance.ts";
export * from "./inception_score.ts";
export * from "./kernel_distance.ts";
export * from "./power_spectrum_slope.ts";
export * from "./precision_recall.ts";
export * from "./psnr.ts";
export * from "./repetition.ts";
export * from "./seam_ratio.ts";
export * from "./sliced_wasserstein.ts";
export * from "./ssim.ts";
export * from "./evaluate.ts";
