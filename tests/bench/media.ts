import {
  createPicture,
  createTensor,
  createUniform,
  decodeSafetensors,
  decodeTensor,
  encodePicture,
  encodeSafetensors,
  encodeTensor,
} from "nuwa-infinity";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";

/** Weights and pictures in and out of files. */
export const MEDIA: Measurement = { name: "media", title: "Files: weights and pictures", run: measureMedia };

async function measureMedia({ clock }: BenchContext): Promise<Report> {
  const uniform = createUniform(1);
  const weights = createTensor([1024, 1024], Float32Array.from({ length: 2 ** 20 }, () => uniform() - 0.5));
  const stored = encodeTensor(weights, "F16");
  const file = encodeSafetensors({ tensors: { weights: stored }, metadata: {} });
  const picture = createPicture(512, 1024);
  const seconds = await measureInTurn({
    "a million weights to F16": () => encodeTensor(weights, "F16"),
    "a million weights from F16": () => decodeTensor(stored),
    "2 MiB of safetensors": () => decodeSafetensors(file),
    "1024 x 512 pixels to PNG": () => encodePicture(picture, "png"),
  }, { clock, rounds: 9 });
  return { rows: Object.entries(seconds).map(([what, time]) => ({ what, ms: 1000 * time })) };
}
