import { createTensor, createUniform, sizeOf, type Tensor } from "../core/mod.ts";

/** Draws the starting values of parameters: the same ones for the same seed. */
export interface Initializer {
  /** Normally distributed values of mean 0. */
  normal(shape: readonly number[], deviation: number): Tensor<Float32Array>;
  /** One value everywhere. */
  constant(shape: readonly number[], value: number): Tensor<Float32Array>;
}

/** Creates an {@link Initializer} from a seed. Without one all values are 0, for who wants structure and shapes alone. */
export function createInitializer(seed: number | undefined): Initializer {
  if (seed === undefined) return { normal: createZeros, constant: createZeros };
  const uniform = createUniform(seed, 1);
  return {
    normal(shape, deviation) {
      const data = new Float32Array(sizeOf(shape));
      for (let i = 0; i < data.length; i++) {
        // Box-Muller; 1 - u keeps the logarithm finite.
        data[i] = deviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
      }
      return createTensor(shape, data);
    },
    constant(shape, value) {
      return createTensor(shape, new Float32Array(sizeOf(shape)).fill(value));
    },
  };
}

function createZeros(shape: readonly number[]): Tensor<Float32Array> {
  return createTensor(shape, new Float32Array(sizeOf(shape)));
}
