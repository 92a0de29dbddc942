import { grad, lax, numpy as np } from "@jax-js/jax";
import { compile, createTensor, createUniform, sizeOf, type Tensor } from "nuwa-infinity";
import { measureInTurn } from "./measure_in_turn.ts";
import type { BenchContext, Measurement, Report } from "./measurement.ts";

/** Convolutions as the tokenizer has them, with their gradients. */
export const CONVOLUTIONS: Measurement = {
  name: "convolutions",
  title: "Convolutions and their gradients, GFLOP/s",
  run: measureConvolutions,
};

/** A convolution of square pictures by square kernels. */
interface Sizes {
  readonly batch: number;
  readonly channels: number;
  readonly filters: number;
  readonly side: number;
  readonly kernel: number;
  readonly stride: number;
}

const SIZES: readonly Sizes[] = [
  { batch: 8, channels: 64, filters: 64, side: 64, kernel: 3, stride: 1 },
  { batch: 8, channels: 128, filters: 128, side: 32, kernel: 3, stride: 1 },
  { batch: 8, channels: 64, filters: 128, side: 64, kernel: 4, stride: 2 },
  { batch: 8, channels: 128, filters: 128, side: 32, kernel: 1, stride: 1 },
];

async function measureConvolutions(context: BenchContext): Promise<Report> {
  const rows = [];
  for (const sizes of SIZES) rows.push(await measureConvolution(sizes, context));
  return { rows };
}

async function measureConvolution(sizes: Sizes, { device, clock }: BenchContext) {
  const { batch, channels, filters, side, kernel, stride } = sizes;
  const margin: [number, number] = [Math.floor((kernel - 1) / 2), Math.floor((kernel - 1) / 2)];
  const conv = (x: np.Array, w: np.Array) => lax.conv(x, w, [stride, stride], [margin, margin]);
  const weighted = (x: np.Array, w: np.Array, weights: np.Array) => np.sum(conv(x, w).mul(weights));
  const out = side / stride;
  const tensors = [
    random([batch, channels, side, side]),
    random([filters, channels, kernel, kernel]),
    random([batch, filters, out, out]),
  ] as const;
  const [x, w] = tensors;
  const forward = await compile(conv, [x, w], { device });
  const toInput = await compile(grad(weighted), tensors, { device });
  const toKernel = await compile(grad(weighted, { argnums: 1 }), tensors, { device });
  const seconds = await measureInTurn({
    forward: () => forward(x, w),
    toInput: () => toInput(...tensors),
    toKernel: () => toKernel(...tensors),
  }, { clock, rounds: 7, warmup: 3 });
  await Promise.all([forward, toInput, toKernel].map((run) => run.dispose()));
  const flops = 2 * batch * channels * filters * (out * kernel) ** 2;
  return {
    pictures: `${batch} x ${channels} x ${side} x ${side}`,
    kernels: `${filters} x ${kernel} x ${kernel}, stride ${stride}`,
    GFLOP: flops / 1e9,
    forward: flops / seconds.forward / 1e9,
    "gradient of the input": flops / seconds.toInput / 1e9,
    "gradient of the kernels": flops / seconds.toKernel / 1e9,
  };
}

function random(shape: readonly number[]): Tensor<Float32Array> {
  const uniform = createUniform(1);
  return createTensor(shape, Float32Array.from({ length: sizeOf(shape) }, () => 0.04 * uniform() - 0.02));
}
