import * as ort from "onnxruntime-node";
import { sizeOf, type Tensor, type TensorData } from "../core/mod.ts";
import { encodeModel, type Graph } from "../onnx/mod.ts";
import type { DeviceName } from "./device.ts";

/** A loaded graph. */
export interface Session {
  /** The device that it runs on. */
  readonly device: DeviceName;
  /** Size of the encoded model, in bytes. */
  readonly bytes: number;
  /** Runs the graph on tensors in the order of its inputs; results come in the order of its outputs. */
  run(inputs: readonly Tensor[]): Promise<readonly Tensor[]>;
  /** Frees the session. */
  dispose(): Promise<void>;
}

/** Loads a graph into ONNX Runtime on one device; its errors are ONNX Runtime's. */
export async function openSession(graph: Graph, device: DeviceName, numThreads?: number): Promise<Session> {
  ort.env.logLevel = "fatal"; // Errors are thrown; ONNX Runtime would print them too, even for a device only tried.
  const model = encodeModel(graph);
  const session = await ort.InferenceSession.create(model, sessionSettings(device, numThreads));
  return wrapSession(graph, session, device, model.length);
}

/**
 * A thread without work waits this long for more, then sleeps: long enough to catch the next operator of a small graph,
 * short enough to leave the core to another program that wants it.
 */
const SPINNING = { "allow_spinning": "1", "spin_duration_us": "50" };

function sessionSettings(
  device: DeviceName,
  numThreads: number | undefined,
): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    graphOptimizationLevel: "all",
    intraOpNumThreads: numThreads ?? navigator.hardwareConcurrency,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    extra: { session: { set_denormal_as_zero: "1", intra_op: SPINNING } },
  };
}

function wrapSession(
  graph: Graph,
  session: ort.InferenceSession,
  device: DeviceName,
  bytes: number,
): Session {
  const { inputs, outputs } = graph;
  return {
    device,
    bytes,
    async run(tensors) {
      const feeds = Object.fromEntries(inputs.map(({ name }, index) => [name, toOrt(tensors[index])]));
      const results = await session.run(feeds);
      return outputs.map(({ name }) => fromOrt(results[name]));
    },
    dispose: () => session.release(),
  };
}

/** Wraps a tensor's own memory. */
function toOrt(tensor: Tensor | undefined): ort.Tensor {
  if (!tensor) throw new TypeError("Cannot run compiled function: every input must be given, got too few");
  const { data, shape } = tensor;
  if (data instanceof Float32Array) return new ort.Tensor("float32", data, shape);
  if (data instanceof Int32Array) return new ort.Tensor("int32", data, shape);
  return new ort.Tensor("bool", data, shape);
}

/** Takes over a result's memory. */
function fromOrt(tensor: ort.Tensor | undefined): Tensor {
  if (!tensor) {
    throw new TypeError("Cannot run compiled function: every output must be returned, got too few");
  }
  return { shape: tensor.dims, data: ownedData(tensor.data, sizeOf(tensor.dims)) };
}

function ownedData(data: ort.Tensor["data"], size: number): TensorData {
  if (
    (data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array) &&
    data.length === size
  ) {
    return data;
  }
  throw new TypeError(
    `Cannot run compiled function: outputs must be float32, int32 or bool of ${size} elements`,
  );
}
