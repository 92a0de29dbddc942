import {
  Array as JaxArray,
  type ClosedJaxpr,
  defaultDevice,
  init,
  type Jaxpr,
  type JsTree,
  makeJaxpr,
  numpy as np,
  tree,
} from "@jax-js/jax";
import type { TensorData, Tree } from "../core/mod.ts";
import { assertDType, type DType } from "./dtype.ts";
import type { TensorType } from "./value.ts";

/** A pure function of trees of jax-js arrays; it owns its arguments. */
// `never[]` accepts functions of any parameters; traceProgram alone calls one, with arguments of the examples' structure.
export type Traceable = (...args: never[]) => Tree<JaxArray>;

/** A constant that a traced function closed over. */
export interface ProgramConstant extends TensorType {
  readonly data: TensorData;
}

/** A traced function: straight-line code over typed values, its constants, and the tree of its result. */
export interface Program {
  readonly jaxpr: Jaxpr;
  readonly constants: readonly ProgramConstant[];
  readonly outputs: readonly TensorType[];
  /** Rebuilds the result from its leaves, in the order of `outputs`. */
  readonly rebuild: <Leaf>(leaves: readonly Leaf[]) => JsTree<Leaf>;
}

/**
 * Traces a function once with arguments of the given types.
 *
 * @param f Pure function of jax-js arrays.
 * @param exampleTypes One tree of types for each argument.
 */
export async function traceProgram(
  f: Traceable,
  exampleTypes: readonly JsTree<TypeLeaf>[],
): Promise<Program> {
  await init("cpu");
  const usualDevice = defaultDevice();
  defaultDevice("cpu");
  const examples = exampleTypes.map((type) => {
    return tree.map(
      (leaf: TypeLeaf) => np.zeros([...leaf.type.shape], { dtype: jaxDType(leaf.type.dtype) }),
      type,
    );
  });
  try {
    // Traceable hides the parameters' types; the examples have the structure that the caller vouches for.
    const trace = makeJaxpr(f as unknown as (...args: JsTree<unknown>[]) => JsTree<JaxArray>);
    const { jaxpr: closed, treedef } = trace(...examples);
    defaultDevice(usualDevice);
    const constants = await Promise.all(closed.consts.map((constant) => readConstant(constant)));
    const jaxpr = closed.jaxpr.flatten().simplify();
    const outputs = jaxpr.outs.map(({ aval }) => ({ shape: aval.shape, dtype: assertDType(aval.dtype) }));
    return { jaxpr, constants, outputs, rebuild: (leaves) => tree.unflatten(treedef, leaves) };
  } finally {
    defaultDevice(usualDevice);
    examples.forEach((example) => tree.dispose(example));
  }
}

/** A leaf of a tree of types. A class, since jax-js takes plain records for branches. */
export class TypeLeaf {
  readonly type: TensorType;

  constructor(type: TensorType) {
    this.type = type;
  }
}

function jaxDType(dtype: DType) {
  return np[dtype];
}

/** The elements of a constant, whose reference is given up. */
async function readConstant(constant: ClosedJaxpr["consts"][number]): Promise<ProgramConstant> {
  if (!(constant instanceof JaxArray)) {
    throw new TypeError("Cannot trace function: it must not close over values of another transformation");
  }
  const { shape } = constant, dtype = assertDType(constant.dtype);
  return { shape, dtype, data: storedData(await constant.data(), dtype) };
}

/** Elements as a graph stores them: booleans as bytes, unsigned integers as signed ones with the same bits. */
function storedData(data: ArrayBufferView, dtype: DType): TensorData {
  if (data instanceof Float32Array) return data;
  if (data instanceof Int32Array) return dtype === "bool" ? Uint8Array.from(data) : data;
  if (data instanceof Uint32Array) return new Int32Array(data.buffer, data.byteOffset, data.length);
  throw new TypeError(
    `Cannot trace function: constants must be float32, int32, uint32 or bool, got ${dtype}`,
  );
}
