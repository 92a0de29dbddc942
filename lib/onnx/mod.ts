/** Lowering of traced jax-js programs to ONNX graphs. */
export { assertDType, type DType, ELEMENT_TYPES, storageOf } from "./dtype.ts";
export { countNodes, encodeModel } from "./encode_model.ts";
export { expand } from "./elementwise.ts";
export { type Graph, GraphBuilder } from "./graph_builder.ts";
export { lowerProgram } from "./lower_program.ts";
export { type Program, type Traceable, traceProgram, TypeLeaf } from "./trace_program.ts";
export {
  type BlockFormat,
  dequantizeBlocks,
  quantizeBlocks,
  type QuantizedMatrix,
} from "./quantize_blocks.ts";
export { quantizeWeights, weightGraph } from "./quantize_weights.ts";
export { UnsupportedPrimitiveError } from "./unsupported_primitive_error.ts";
export type { TensorType, Value } from "./value.ts";
