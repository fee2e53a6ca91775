import { expect } from 'chai';
import fc from 'fast-check';
import { chainedFunction, usesOf } from '../../src/classify/kernel/chained-functions.js';
import { readGraph } from '../../src/classify/kernel/graph.js';
import { KernelRuntime } from '../../src/classify/kernel/kernel-runtime.js';
import { NetworkPlan } from '../../src/classify/kernel/network-plan.js';
import { KernelModule } from '../../src/compute/kernel-module.js';
import { MadeUpNetwork, type Options } from '../support/made-up-network.js';

const CODES = { ADD: 0, MUL: 18, MEAN: 40, DIV: 42, EXP: 47, LOG: 73, SUM: 74 };
type Name = keyof typeof CODES;
const OPTIONS: Readonly<Record<Name, Options | undefined>> = {
  ADD: { type: 11, fields: [{ int8: 0 }] },
  MUL: { type: 21, fields: [{ int8: 0 }] },
  DIV: { type: 29, fields: [{ int8: 0 }] },
  MEAN: { type: 27, fields: [{ int8: 1 }] },
  SUM: { type: 27, fields: [{ int8: 1 }] },
  EXP: undefined,
  LOG: undefined,
};

/**
 * A network of operations one after the other, whose results are its output, one behind the other.
 *
 * @param wanted how many results from the last on; what is not wanted nobody needs but the next operation
 * @param isApart with a new shape, which is the old one, between them
 */
function networkOf(
  names: readonly Name[],
  count: number,
  scalars: readonly number[],
  wanted: number,
  isApart = false,
): Uint8Array {
  const network = new MadeUpNetwork([1, count]);
  let last = network.input;
  const results = names.map((name, i) => {
    if (isApart) last = network.operation(22, [last, network.int32([1, count])], [1, count]);
    const isTotal = name === 'SUM' || name === 'MEAN';
    const shape = isTotal ? [1, 1] : [1, count];
    const second = isTotal ? [network.int32([1])] : [network.float32([1], [scalars[i]])];
    const inputs = name === 'EXP' || name === 'LOG' ? [last] : [last, ...second];
    const options = OPTIONS[name];
    return (last = network.operation(CODES[name], inputs, shape, options === undefined ? {} : { options }));
  });
  const parts = results.slice(-wanted);
  const length = parts.reduce((sum, part) => sum + network.shapes[part][1], 0);
  const options: Options = { type: 10, fields: [{ int32: 1 }, { int8: 0 }] };
  return network.bytes(network.operation(2, parts, [1, length], { options }));
}

/** How many operations are planned at once. */
function chained(bytes: Uint8Array): number {
  const graph = readGraph(bytes);
  const plan = new NetworkPlan(graph, new KernelModule(), 0);
  plan.allocate(graph.input);
  return chainedFunction(plan, graph, usesOf(graph), 0);
}

const scalar = fc.float({ min: 0.125, max: 3, noNaN: true });
const maybe = (...names: Name[]) => fc.subarray(names, { maxLength: 1 });
const chains = fc.oneof(
  fc.tuple(maybe('MUL'), maybe('ADD'), fc.constant<Name[]>(['EXP']), maybe('SUM', 'MEAN')),
  fc.tuple(
    maybe('MUL', 'DIV'),
    maybe('ADD'),
    fc.constant<Name[]>(['LOG']),
    maybe('MUL'),
    maybe('SUM', 'MEAN'),
  ),
);

describe('a function with what stands around it', () => {
  it('gives the bits of one operation after the other', () => {
    fc.assert(
      fc.property(
        chains.map((parts) => parts.flat()),
        fc.integer({ min: 1, max: 9 }),
        fc.array(scalar, { minLength: 5, maxLength: 5 }),
        fc.array(fc.float({ min: -4, max: 9, noNaN: true }), { minLength: 3, maxLength: 50 }),
        (names, eights, scalars, numbers) => {
          const count = 8 * eights;
          const input = Float32Array.from({ length: count }, (_, i) => numbers[i % numbers.length] + (i % 5));
          const hasTotal = names.at(-1) === 'SUM' || names.at(-1) === 'MEAN';
          const wanted = hasTotal ? 2 : 1;
          const together = networkOf(names, count, scalars, wanted);
          const apart = networkOf(names, count, scalars, wanted, true);
          expect(chained(together), names.join()).to.equal(names.length);
          const [ours, plain] = [together, apart].map((bytes) => new KernelRuntime(bytes).runNow(input));
          expect([...ours]).to.deep.equal([...plain]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('takes no operation that it has no place for', () => {
    const of = (names: readonly Name[], count = 16, wanted = 1) =>
      chained(networkOf(names, count, [2, 2, 2, 2, 2], wanted));
    expect(of(['MUL', 'ADD'])).to.equal(0);
    expect(of(['DIV', 'EXP'])).to.equal(0);
    expect(of(['ADD', 'MUL', 'LOG'])).to.equal(0);
    expect(of(['EXP', 'MUL', 'SUM'])).to.equal(1);
    expect(of(['LOG', 'DIV'])).to.equal(1);
    // A sum of another number of elements is made in another order.
    expect(of(['EXP', 'SUM'], 12)).to.equal(1);
    // Somebody else needs the product.
    expect(of(['MUL', 'LOG', 'MUL'], 16, 3)).to.equal(0);
    expect(of(['MUL', 'LOG', 'MUL'], 16, 2)).to.equal(2);
  });
});
