import { expect } from 'chai';
import fc from 'fast-check';
import { neighboursOf } from '../../src/classify/kernel/neighbours.js';
import { KernelModule } from '../../src/compute/kernel-module.js';

/** `[columns][depth]`: four columns of four inputs each from each of `firsts`. */
function sumsOf(firsts: readonly number[], depth: number, weight: number): Float32Array {
  const weights = new Float32Array(4 * firsts.length * depth);
  firsts.forEach((first, block) => {
    for (let i = 0; i < 16; i++) weights[(4 * block + (i >> 2)) * depth + first + i] = weight;
  });
  return weights;
}

const shapes = fc.integer({ min: 16, max: 70 }).chain((depth) =>
  fc.record({
    depth: fc.constant(depth),
    rows: fc.integer({ min: 1, max: 9 }),
    firsts: fc.array(fc.integer({ min: 0, max: depth - 16 }), { minLength: 1, maxLength: 12 }),
    weight: fc.float({ min: 0.125, max: 12, noNaN: true }),
  }),
);

describe('a product with sums of four neighbours', () => {
  it('is what a whole product gives, to the bit, with what stands behind it', () => {
    fc.assert(
      fc.property(
        shapes,
        fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 7, maxLength: 40 }),
        fc.constantFrom([-Infinity, Infinity], [0, 6]),
        ({ depth, rows, firsts, weight }, numbers, [least, most]) => {
          const columns = 4 * firsts.length;
          const weights = sumsOf(firsts, depth, weight);
          const found = neighboursOf(weights, columns, depth)!;
          expect(found.weight).to.equal(Math.fround(weight));
          const kernel = new KernelModule();
          const place = (values: readonly number[]) => {
            const at = kernel.allocate(4 * values.length);
            kernel.float32s(at, values.length).set(values);
            return at;
          };
          const a = place(
            Array.from({ length: rows * depth }, (_, i) => numbers[i % numbers.length] + (i % 3)),
          );
          const offsets = place(Array.from({ length: columns }, (_, i) => numbers[(5 * i) % numbers.length]));
          const turned = place(
            Array.from(
              { length: depth * columns },
              (_, i) => weights[(i % columns) * depth + Math.floor(i / columns)],
            ),
          );
          const whole = place(Array<number>(rows * columns).fill(0));
          const sparse = place([...Array<number>(rows * columns).fill(0), 99]);
          const blocks = kernel.allocate(4 * found.blocks.length);
          kernel.int32s(blocks, found.blocks.length).set(found.blocks);
          const { multiply, multiplyNeighbours } = kernel.functions;
          multiply(a, 4 * depth, 4, turned, 4 * columns, offsets, whole, rows, depth, columns, least, most);
          multiplyNeighbours(a, weight, blocks, offsets, sparse, rows, depth, columns, least, most);
          expect([...kernel.float32s(sparse, rows * columns + 1)]).to.deep.equal([
            ...kernel.float32s(whole, rows * columns),
            99,
          ]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is not for any other matrix', () => {
    const weights = sumsOf([0, 16, 8], 33, 0.25);
    expect(neighboursOf(weights, 12, 33)?.blocks).to.deep.equal([0, 0, 32, 32, 64, 16]);
    const changed = (at: number, to: number) => neighboursOf(weights.with(at, to), 12, 33);
    for (const [at, to] of [
      [0, 0.5],
      [4, 0.25],
      [33, 0.1],
      [32, 0.1],
      [11 * 33 + 32, 1e-9],
      [11 * 33 + 23, 0],
      [7, NaN],
    ]) {
      expect(changed(at, to), `${to} at ${at}`).to.equal(undefined);
    }
    expect(neighboursOf(new Float32Array(12 * 33), 12, 33)).to.equal(undefined);
    expect(neighboursOf(weights, 11, 33)).to.equal(undefined);
    expect(neighboursOf(sumsOf([0], 16, 1).subarray(0, 60), 4, 15)).to.equal(undefined);
  });
});
