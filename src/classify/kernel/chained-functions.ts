import type { Graph, Operation, Tensor } from './graph.js';
import type { NetworkPlan } from './network-plan.js';
import { reduction } from './shapes.js';

// `BuiltinOperator` of the schema.
const ADD = 0;
const MUL = 18;
const MEAN = 40;
const DIV = 42;
const EXP = 47;
const LOG = 73;
const SUM = 74;

/** Vectors of the module's sum. */
const LANES = 8;

/**
 * EXP or LOG in one pass with what stands around it, each of which may be missing: a product with one number, or before LOG a
 * quotient by one; a number that is added; after LOG a product with one number; and the sum or mean of all. The same numbers
 * to the bit as one after the other: where one is missing, the module multiplies with 1 or adds a negative 0.
 *
 * @param uses by tensor, see {@link usesOf}
 * @param at of the first operation
 * @returns how many operations it planned; 0 where no such function follows
 */
export function chainedFunction(
  plan: NetworkPlan,
  graph: Graph,
  uses: ReadonlyMap<number, number>,
  at: number,
): number {
  const chain = new Chain(graph, uses, at);
  const before = chain.scalar(MUL, DIV);
  const plus = chain.scalar(ADD);
  const code = before?.code === DIV ? chain.function(LOG) : chain.function(EXP, LOG);
  if (code === undefined) return 0;
  const after = code === LOG ? chain.scalar(MUL) : undefined;
  const total = chain.total();
  const address = (operation: Operation | undefined, otherwise: number) =>
    operation === undefined ? plan.float32s([otherwise]) : plan.addressOf(operation.inputs[1]);
  const from = plan.addressOf(graph.operations[at].inputs[0]);
  const [beforeAt, plusAt] = [address(before, 1), address(plus, -0)];
  const to = plan.allocate(chain.output);
  const totalAt = total === undefined ? 0 : plan.allocate(total.outputs[0]);
  const share = total?.code === MEAN ? Math.fround(1 / chain.elements) : 1;
  const { program } = plan;
  if (code === EXP) {
    program.add('scaledExponentials', from, chain.elements, beforeAt, plusAt, to, totalAt, share);
  } else {
    const which = before?.code === DIV ? 3 : 2;
    const afterAt = address(after, 1);
    program.add(
      'scaledLogarithms',
      from,
      chain.elements,
      which,
      beforeAt,
      plusAt,
      afterAt,
      to,
      totalAt,
      share,
    );
  }
  return chain.length;
}

/** Operations that follow each other, of which nobody else needs what is between them. */
class Chain {
  length = 0;
  /** Tensor that the last one computes. */
  output = -1;
  elements = 0;

  constructor(
    private readonly graph: Graph,
    private readonly uses: ReadonlyMap<number, number>,
    private readonly at: number,
  ) {}

  /** The next operation, where it is one of `codes`, its second side is one number and it has no activation. */
  scalar(...codes: readonly number[]): Operation | undefined {
    const operation = this.next(codes);
    if (operation === undefined) return undefined;
    const second = this.graph.tensors[operation.inputs[1]] as Tensor | undefined;
    const isScalar = second?.type === 'float32' && second.elements === 1;
    if (!isScalar || (operation.options?.int8(0) ?? 0) !== 0) return undefined;
    return this.take(operation);
  }

  function(...codes: readonly number[]): number | undefined {
    const operation = this.next(codes);
    return operation === undefined ? undefined : this.take(operation).code;
  }

  /** A sum or mean of all numbers that follows, whoever else needs them. */
  total(): Operation | undefined {
    const { tensors, operations } = this.graph;
    const operation = operations.at(this.at + this.length);
    if (operation === undefined || ![SUM, MEAN].includes(operation.code)) return undefined;
    const output = tensors[operation.outputs[0]];
    const isOfAll = operation.inputs[0] === this.output && output.elements === 1 && output.type === 'float32';
    if (!isOfAll || this.elements % LANES !== 0) return undefined;
    const axes = operation.inputs.length > 1 ? tensors[operation.inputs[1]] : undefined;
    reduction(tensors[this.output].shape, axes, 1);
    this.length++;
    return operation;
  }

  private next(codes: readonly number[]): Operation | undefined {
    const { tensors, operations, output } = this.graph;
    const operation = operations.at(this.at + this.length);
    if (operation === undefined || !codes.includes(operation.code)) return undefined;
    const [input] = operation.inputs;
    if (this.length > 0) {
      const isOnlyHere = input === this.output && this.uses.get(input) === 1 && input !== output;
      if (!isOnlyHere) return undefined;
    }
    const from = tensors[input] as Tensor | undefined;
    const to = tensors[operation.outputs[0]];
    const isAlike = from?.type === 'float32' && to.type === 'float32' && from.elements === to.elements;
    return isAlike ? operation : undefined;
  }

  private take(operation: Operation): Operation {
    [this.output] = operation.outputs;
    this.elements = this.graph.tensors[this.output].elements;
    this.length++;
    return operation;
  }
}

/** By tensor: how many operations need it, each as often as it does. */
export function usesOf({ operations }: Graph): ReadonlyMap<number, number> {
  const uses = new Map<number, number>();
  for (const index of operations.flatMap(({ inputs }) => inputs)) uses.set(index, (uses.get(index) ?? 0) + 1);
  return uses;
}
