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

const uniform = createUniform(1);
const weights = createTensor([1024, 1024], Float32Array.from({ length: 2 ** 20 }, () => uniform() - 0.5));
const stored = encodeTensor(weights, "F16");
const file = encodeSafetensors({ tensors: { weights: stored }, metadata: {} });
const picture = createPicture(512, 1024);

Deno.bench("encodeTensor() a million weights as F16", () => void encodeTensor(weights, "F16"));
Deno.bench("decodeTensor() a million weights from F16", () => void decodeTensor(stored));
Deno.bench("decodeSafetensors() 2 MiB", () => void decodeSafetensors(file));
Deno.bench("encodePicture() 1024x512 as PNG", async () => void await encodePicture(picture, "png"));
