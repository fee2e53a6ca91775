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

describe('a convolution in tiles', () => {
  it('gives the sums of products, to the bit, for any shape and the largest numbers', () => {
    const shapes = fc.record({
      depth: fc.constantFrom(8, 16, 32),
      stride: fc.integer({ min: 1, max: 3 }),
      length: fc.integer({ min: 3, max: 17 }),
      positions: fc.integer({ min: 8, max: 40 }),
      channels: fc.constantFrom(8, 24),
    });
    let tiled = 0;
    fc.assert(
      fc.property(
        shapes,
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 1, max: 2 ** 31 - 2 }),
        fc.boolean(),
        (shape, before, seed, extreme) => {
          const tiling = planTiles(shape);
          if (tiling === undefined) return;
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
          const input = Int16Array.from({ length: width * depth }, () => draw(-116, 255));
          const weights = Int16Array.from({ length: channels * length * depth }, () => draw(-127, 127));
          const offsets = Int32Array.from({ length: channels }, () => draw(-50_000, 50_000));
          const factors = Float32Array.from(
            { length: channels },
            () => draw(1, 100) * (extreme ? 1e-7 : 1e-5),
          );

          const kernel = new KernelModule();
          const plan = new NetworkPlan({ tensors: [] } as unknown as Graph, kernel, 0);
          const edge = (length + 8 * stride + before) * depth;
          const padded = new Int16Array(input.length + 2 * edge);
          padded.set(input, edge);
          const from = plan.int16s(padded) + 2 * edge - 2 * before * depth;
          // What stands behind the output must stay.
          const to = plan.int16s(new Int16Array(positions * channels + 8).fill(99));
          const [offsetsAt, factorsAt] = [plan.int32s(offsets), plan.float32s(factors)];
          addTiled(plan, tiling, {
            ...shape,
            from,
            weights,
            offsetsAt,
            factorsAt,
            to,
            least: -128,
            most: 127,
          });
          for (const step of plan.steps) step();
          const output = [...kernel.int16s(to, positions * channels + 8)];
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

  it('is not for what it does not pay for, or what its sums are too long for', () => {
    const shape = { depth: 32, stride: 1, length: 13, positions: 74, channels: 32 };
    expect(planTiles(shape)).to.deep.equal({ groupTaps: 4, groups: 4, tiles: 19 });
    expect(planTiles({ ...shape, length: 5 })?.groupTaps).to.equal(5);
    for (const other of [{ depth: 12 }, { channels: 9 }, { length: 1 }, { positions: 3 }, { depth: 640 }]) {
      expect(planTiles({ ...shape, ...other }), JSON.stringify(other)).to.equal(undefined);
    }
  });
});
