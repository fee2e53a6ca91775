import { KernelModule } from '../../compute/kernel-module.js';
import { notFinite, type LoadedTensors, type SynchronousRuntime } from '../runtime.js';
import { chainedFunction, usesOf } from './chained-functions.js';
import { concatenation, reshape, slice, tile, turn } from './copy-steps.js';
import {
  averagePoolOf,
  combination,
  matrixProduct,
  product,
  rectified,
  reductionOf,
  sigmoids,
  softmaxOf,
} from './float-steps.js';
import { need, readGraph, UnsupportedModel } from './graph.js';
import { NetworkPlan, type Planned } from './network-plan.js';
import {
  CONV_2D,
  convolution,
  dequantisation,
  edgeOf,
  quantisation,
  quantisedMean,
  quantisedProduct,
} from './quantised-steps.js';
import { reduction } from './shapes.js';

type Planner = (plan: NetworkPlan, planned: Planned) => void;

/** What the kernel computes, by `BuiltinOperator` of the schema; EXP and LOG it computes with their neighbours. */
const PLANNERS: Readonly<Record<number, Planner>> = {
  0: (plan, planned) => combination(plan, planned, 0), // ADD
  1: averagePoolOf, // AVERAGE_POOL_2D
  2: concatenation, // CONCATENATION
  [CONV_2D]: convolution,
  6: dequantisation, // DEQUANTIZE
  9: (plan, planned) => (isQuantised(planned) ? quantisedProduct : product)(plan, planned), // FULLY_CONNECTED
  14: sigmoids, // LOGISTIC
  18: (plan, planned) => combination(plan, planned, 2), // MUL
  19: (plan, planned) => rectified(plan, planned, 1), // RELU
  21: (plan, planned) => rectified(plan, planned, 3), // RELU6
  22: reshape, // RESHAPE
  25: softmaxOf, // SOFTMAX
  39: turn, // TRANSPOSE
  40: mean, // MEAN
  41: (plan, planned) => combination(plan, planned, 1), // SUB
  42: (plan, planned) => combination(plan, planned, 3), // DIV
  43: reshape, // SQUEEZE
  45: slice, // STRIDED_SLICE
  69: tile, // TILE
  70: reshape, // EXPAND_DIMS
  74: (plan, planned) => reductionOf(plan, planned, 'sum'), // SUM
  82: (plan, planned) => reductionOf(plan, planned, 'maximum'), // REDUCE_MAX
  89: (plan, planned) => reductionOf(plan, planned, 'minimum'), // REDUCE_MIN
  114: quantisation, // QUANTIZE
  126: matrixProduct, // BATCH_MATMUL
};

const isQuantised = ({ inputs }: Planned) => inputs[0]?.type === 'int8';

function mean(plan: NetworkPlan, planned: Planned): void {
  if (!isQuantised(planned)) return reductionOf(plan, planned, 'mean');
  const { inputs, output } = planned;
  const { outer, count } = reduction(inputs[0]!.shape, inputs[1], output.elements);
  need(outer === 1, 'a mean of int8 is not over the first axes');
  quantisedMean(plan, planned, count);
}

/**
 * lubdub's own runtime for networks like the one that ships: the compute module, called once for a window, in the caller's
 * thread and without waiting. It starts in a few milliseconds and takes about a megabyte.
 *
 * What is quantised is computed as LiteRT does to the bit; float32 differs in its last digits.
 */
export class KernelRuntime implements SynchronousRuntime {
  readonly tensors: LoadedTensors;
  private readonly compute: () => void;
  private readonly isFinite: () => boolean;
  private readonly input: Float32Array;
  private readonly output: Float32Array;

  /**
   * @param modelBytes a .tflite file, of anybody
   * @throws UnsupportedModel where it is no network that the kernel can run
   */
  constructor(modelBytes: Uint8Array) {
    const graph = readGraph(modelBytes);
    const kernel = new KernelModule();
    const edge = edgeNeeded(
      graph.operations.map((operation) => new NetworkPlan(graph, kernel, 0).planned(operation)),
    );
    const plan = new NetworkPlan(graph, kernel, edge);
    const [input, output] = [graph.tensors[graph.input], graph.tensors[graph.output]];
    need(input.type === 'float32' && output.type === 'float32', 'its input or output is not float32');
    const inputAt = plan.allocate(graph.input);
    const uses = usesOf(graph);
    for (let i = 0; i < graph.operations.length; i++) {
      const chained = chainedFunction(plan, graph, uses, i);
      if (chained > 0) {
        i += chained - 1;
        continue;
      }
      const operation = graph.operations[i];
      const planner = PLANNERS[operation.code];
      need(planner !== undefined, `it has an operation of code ${operation.code}`);
      planner(plan, plan.planned(operation));
    }
    this.compute = plan.finish();
    const { allFinite } = kernel.functions;
    this.isFinite = () => allFinite(inputAt, input.elements) !== 0;
    // The memory has its final size now.
    this.input = kernel.float32s(inputAt, input.elements);
    this.output = kernel.float32s(plan.addressOf(graph.output), output.elements);
    this.tensors = {
      runtime: "lubdub's kernel",
      inputShape: [...input.shape],
      outputShape: [...output.shape],
    };
  }

  runNow(input: Float32Array): Float32Array {
    this.input.set(input);
    if (!this.isFinite()) throw notFinite(input);
    this.compute();
    return this.output.slice();
  }

  run(input: Float32Array): Promise<Float32Array> {
    return Promise.resolve(this.runNow(input));
  }
}

export { UnsupportedModel };

/** Zeros that the widest convolution needs beside its input. */
function edgeNeeded(operations: readonly Planned[]): number {
  const edge = operations.reduce((most, planned) => Math.max(most, edgeOf(planned)), 0);
  return Math.ceil((edge + QUAD_AND_GROUP) / QUAD_AND_GROUP) * QUAD_AND_GROUP;
}

/** What the module reads behind the last element. */
const QUAD_AND_GROUP = 8;
