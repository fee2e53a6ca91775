import { expect } from 'chai';
import fc from 'fast-check';
import { addTiled, planTiles, type ConvolutionShape } from '../../src/classify/kernel/fast-convolution.js';
import type { Graph } from '../../src/classify/kernel/graph.js';
import { NetworkPlan } from '../../src/classify/kernel/network-plan.js';
import { KernelModule } from '../../src/compute/kernel-module.js';

/** The readable twin: sums of products, scaled, rounded to the nearest and from halfway to even. */
function plainConvolution(
  shape: ConvolutionShape,
  before: number,
  input: Int16Array,
  weights: Int16Array,
  offsets: Int32Array,
  factors: Float32Array,
): number[] {
  const { depth, stride, length, positions, channels } = shape;
  const output: number[] = [];
  for (let position = 0; position < positions; position++) {
    for (let channel = 0; channel < channels; channel++) {
      let sum = offsets[channel];
      for (let k = 0; k < length * depth; k++) {
        const at = (position * stride - before) * depth + k;
        sum += (input[at] ?? 0) * weights[channel * length * depth + k];
      }
      const scaled = Math.fround(Math.fround(sum) * factors[channel]);
      const down = Math.floor(scaled);
      const rest = scaled - down;
      const rounded = rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
      output.push(Math.max(-128, Math.min(127, rounded)));
    }
  }
  return output;
}

interface Numbers {
  readonly input: Int16Array;
  readonly weights: Int16Array;
  readonly offsets: Int32Array;
  readonly factors: Float32Array;
}

/** The module's. @param behind what stands behind the output, and is given with it */
function tiledConvolution(
  shape: ConvolutionShape,
  before: number,
  { input, weights, offsets, factors }: Numbers,
  behind: readonly number[] = [],
): number[] {
  const { depth, stride, length, positions, channels } = shape;
  const kernel = new KernelModule();
  const plan = new NetworkPlan({ tensors: [] } as unknown as Graph, kernel, 0);
  const edge = (length + 9 * stride + before) * depth;
  const padded = new Int16Array(input.length + 2 * edge);
  padded.set(input, edge);
  const from = plan.int16s(padded) + 2 * edge - 2 * before * depth;
  const to = plan.int16s([...Array<number>(positions * channels).fill(0), ...behind]);
  const [offsetsAt, factorsAt] = [plan.int32s(offsets), plan.float32s(factors)];
  const limits = { least: -128, most: 127 };
  addTiled(plan, planTiles(shape)!, { ...shape, from, weights, offsetsAt, factorsAt, to, ...limits });
  plan.finish()();
  return [...kernel.int16s(to, positions * channels + behind.length)];
}

describe('a convolution in tiles', () => {
  it('gives the sums of products, to the bit, for any shape and the largest numbers', () => {
    const shapes = fc.record({
      depth: fc.constantFrom(8, 16, 32),
      stride: fc.integer({ min: 1, max: 3 }),
      length: fc.integer({ min: 3, max: 23 }),
      positions: fc.integer({ min: 8, max: 40 }),
      channels: fc.constantFrom(8, 24),
    });
    let tiled = 0;
    fc.assert(
      fc.property(
        shapes,
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: -128, max: 127 }),
        fc.integer({ min: 1, max: 2 ** 31 - 2 }),
        fc.boolean(),
        (shape, before, zeroPoint, seed, extreme) => {
          if (planTiles(shape) === undefined) return;
          tiled++;
          const { depth, stride, length, positions, channels } = shape;
          let state = seed;
          const draw = (least: number, most: number) => {
            state = Math.imul(state, 48_271) >>> 0 || 1;
            const share = (state >>> 8) / 2 ** 24;
            if (extreme) return share < 0.8 ? most : least;
            return Math.round(least + share * (most - least));
          };
          const width = Math.max(1, (positions - 1) * stride + length - 2 * before);
          const input = Int16Array.from({ length: width * depth }, () =>
            draw(-128 - zeroPoint, 127 - zeroPoint),
          );
          const weights = Int16Array.from({ length: channels * length * depth }, () => draw(-128, 127));
          const offsets = Int32Array.from({ length: channels }, () => draw(-50_000, 50_000));
          const factors = Float32Array.from(
            { length: channels },
            () => draw(1, 100) * (extreme ? 1e-7 : 1e-5),
          );

          // What stands behind the output must stay.
          const output = tiledConvolution(
            shape,
            before,
            { input, weights, offsets, factors },
            Array(8).fill(99),
          );
          expect(output.slice(0, -8)).to.deep.equal(
            plainConvolution(shape, before, input, weights, offsets, factors),
          );
          expect(output.slice(-8)).to.deep.equal(Array(8).fill(99));
        },
      ),
      { numRuns: 150 },
    );
    expect(tiled).to.be.above(30);
  });

  it('holds the largest that nine inputs and five taps can come to', () => {
    const shape = { depth: 8, stride: 1, length: 5, positions: 11, channels: 32 };
    const { depth, length, positions, channels } = shape;
    const weights = Int16Array.from({ length: channels * length * depth }, (_, i) =>
      (Math.floor(i / depth / length) >> (Math.floor(i / depth) % length)) & 1 ? 127 : -128,
    );
    const offsets = new Int32Array(channels);
    const factors = new Float32Array(channels).fill(9e-5);
    for (const zeroPoint of [-128, -3, 127]) {
      for (let pattern = 0; pattern < 512; pattern++) {
        const input = Int16Array.from({ length: (positions + length - 1) * depth }, (_, i) => {
          const isMost = (pattern >> (Math.floor(i / depth) % 9)) & 1;
          return (isMost ? 127 : -128) - zeroPoint;
        });
        const output = tiledConvolution(shape, 0, { input, weights, offsets, factors });
        const plain = plainConvolution(shape, 0, input, weights, offsets, factors);
        if (output.join() !== plain.join()) expect.fail(`${pattern} with zero point ${zeroPoint}`);
      }
    }
  });

  it('is not for what it does not pay for, or what its sums are too long for', () => {
    const shape = { depth: 32, stride: 1, length: 13, positions: 74, channels: 32 };
    expect(planTiles(shape)).to.deep.equal({ groups: 3, tiles: 15 });
    expect(planTiles({ ...shape, length: 5 })).to.deep.equal({ groups: 1, tiles: 15 });
    for (const other of [{ depth: 12 }, { channels: 9 }, { length: 1 }, { positions: 10 }, { depth: 640 }]) {
      expect(planTiles({ ...shape, ...other }), JSON.stringify(other)).to.equal(undefined);
    }
  });
});
