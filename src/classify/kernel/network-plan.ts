import type { Address, KernelModule } from '../../compute/kernel-module.js';
import type { FlatTable } from './flat-buffer.js';
import { need, valuesOf, type Graph, type Operation, type Tensor } from './graph.js';
import { NetworkProgram } from './network-program.js';

/** A whole network, its constants and all that it computes; a model is under a megabyte. */
const MOST_BYTES = 64 * 2 ** 20;
/** Of one window: a hundred times the model that ships, a tenth of a second. */
const MOST_MULTIPLICATIONS = 1e9;

/** Limits of an activation that is part of another operation: `ActivationFunctionType` of the schema. */
const ACTIVATIONS: Readonly<Record<number, { readonly least: number; readonly most: number }>> = {
  0: { least: -Infinity, most: Infinity },
  1: { least: 0, most: Infinity },
  2: { least: -1, most: 1 },
  3: { least: 0, most: 6 },
};

export function activationOf(code: number) {
  const limits = ACTIVATIONS[code];
  need(limits !== undefined, `it has an activation of code ${code}`);
  return limits;
}

/** An operation that is being planned, with its tensors. */
export interface Planned {
  readonly operation: Operation;
  readonly options: FlatTable | undefined;
  readonly inputs: readonly (Tensor | undefined)[];
  readonly output: Tensor;
}

/**
 * Where every tensor of a network stands in the module's memory, and the calls that compute it.
 *
 * float32 stands as it is. int8 stands as int16 less its zero point, with {@link edge} zeros on both sides, so that a
 * convolution may reach over the edges. Nothing is shared: a network is small, and the zeros must stay.
 */
export class NetworkPlan {
  /** What computes the network, call by call. */
  readonly program = new NetworkProgram();
  private readonly addresses: (Address | undefined)[];
  private bytes = 0;
  private scratchAt: Address = 0;
  private scratchBytes = 0;
  private multiplications = 0;

  constructor(
    private readonly graph: Graph,
    private readonly kernel: KernelModule,
    /** Elements. */
    private readonly edge: number,
  ) {
    this.addresses = graph.tensors.map(() => undefined);
  }

  planned(operation: Operation): Planned {
    const { tensors } = this.graph;
    return {
      operation,
      options: operation.options,
      inputs: operation.inputs.map((index) => (index === -1 ? undefined : tensors[index])),
      output: tensors[operation.outputs[0]],
    };
  }

  /** Where a float32 or int8 tensor stands that was computed before or is constant. */
  addressOf(index: number): Address {
    const address = this.addresses[index];
    if (address !== undefined) return address;
    const tensor = this.graph.tensors[index];
    need(tensor.data !== undefined && tensor.type === 'float32', 'a constant is not of float32');
    return (this.addresses[index] = this.float32s(valuesOf(tensor)));
  }

  /** Room for what an operation computes. */
  allocate(index: number): Address {
    const { elements, type } = this.graph.tensors[index];
    if (type === 'float32') return (this.addresses[index] = this.room(4 * elements));
    need(type === 'int8', 'it computes numbers that are neither float32 nor int8');
    const start = this.room(2 * (elements + 2 * this.edge));
    return (this.addresses[index] = start + 2 * this.edge);
  }

  /** The same numbers under another shape. */
  alias(index: number, of: number): void {
    this.addresses[index] = this.addressOf(of);
  }

  float32s(values: ArrayLike<number>): Address {
    const address = this.room(4 * values.length);
    this.kernel.float32s(address, values.length).set(values);
    return address;
  }

  int32s(values: ArrayLike<number>): Address {
    const address = this.room(4 * values.length);
    this.kernel.int32s(address, values.length).set(values);
    return address;
  }

  int16s(values: ArrayLike<number>): Address {
    const address = this.room(2 * values.length);
    this.kernel.int16s(address, values.length).set(values);
    return address;
  }

  /** Room whose contents a step needs no longer than it runs: the same for all, so that it stays in the cache. */
  scratch(bytes: number): Address {
    if (bytes > this.scratchBytes) {
      this.scratchAt = this.room(bytes);
      this.scratchBytes = bytes;
    }
    return this.scratchAt;
  }

  /** Adds what a step costs, so that no file keeps the processor for long. */
  count(multiplications: number): void {
    this.multiplications += multiplications;
    need(this.multiplications <= MOST_MULTIPLICATIONS, 'it takes too many multiplications');
  }

  /** What runs all that was planned; nothing may be planned any more. */
  finish(): () => void {
    return this.program.load(this.kernel, this.room(this.program.bytes));
  }

  private room(bytes: number): Address {
    this.bytes += bytes;
    need(this.bytes <= MOST_BYTES, 'it takes too much memory');
    return this.kernel.allocate(bytes);
  }
}
