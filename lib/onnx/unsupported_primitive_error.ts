/** Thrown when a traced program uses a primitive of jax-js that has no lowering to ONNX. */
export class UnsupportedPrimitiveError extends Error {
  /** Name of the primitive, e.g. "fft". */
  readonly primitive: string;

  /** Names the primitive, and says why it cannot be lowered. */
  constructor(primitive: string, reason = "it has no lowering to ONNX") {
    super(
      `Cannot lower program: primitive must be one that ONNX can express, got ${primitive} (${reason}); ` +
        `rewrite the function without it, or compute that part outside the compiled function`,
    );
    this.name = "UnsupportedPrimitiveError";
    this.primitive = primitive;
  }
}
