import { expect } from 'chai';
import fc from 'fast-check';
import { MAX_LAG_FRAMES, RollingAutocorrelation } from '../../src/heart/heart-rhythm.js';
import { noiseFrom } from '../window/synthetic-signals.js';

const BLOCK = 50;
const LEAST_MODULATION = 0.06;

/** The readable twin: Pearson's correlation at every lag, from its definition. */
function direct(x: readonly number[], contextBlocks: number): number[] {
  const contextStart = Math.max(0, Math.ceil(x.length / BLOCK) - contextBlocks) * BLOCK;
  return Array.from({ length: MAX_LAG_FRAMES + 1 }, (_, lag) => {
    const first = Math.max(contextStart, lag);
    const pairs = x.length - first;
    if (pairs < BLOCK) return 0;
    const a = x.slice(first);
    const b = x.slice(first - lag, x.length - lag);
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / pairs;
    const [meanA, meanB] = [mean(a), mean(b)];
    let [ab, aa, bb, squares] = [0, 0, 0, 0];
    for (let i = 0; i < pairs; i++) {
      ab += (a[i] - meanA) * (b[i] - meanB);
      aa += (a[i] - meanA) ** 2;
      bb += (b[i] - meanB) ** 2;
      squares += a[i] ** 2;
    }
    const scale = Math.sqrt(aa * bb) + LEAST_MODULATION ** 2 * squares;
    return scale > 0 ? ab / scale : 0;
  });
}

const estimateOf = (
  x: readonly number[],
  contextBlocks = 8,
  rolling = new RollingAutocorrelation(contextBlocks),
) => {
  rolling.push(Float64Array.from(x));
  const output = new Float64Array(MAX_LAG_FRAMES + 1);
  rolling.estimate(output);
  return output;
};

describe('RollingAutocorrelation', () => {
  it('gives each of several bands, to the bit, what it gives a single one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        fc.array(fc.integer({ min: 1, max: 130 }), { minLength: 1, maxLength: 12 }),
        (bands, seed, lengths) => {
          const { uniform } = noiseFrom(seed);
          const together = new RollingAutocorrelation(8, bands);
          const alone = Array.from({ length: bands }, () => new RollingAutocorrelation());
          for (const length of lengths) {
            const values = Float64Array.from({ length: bands * length }, uniform);
            together.push(values);
            alone.forEach((each, band) => each.push(values.subarray(band * length, (band + 1) * length)));
          }
          const found = new Float64Array(bands * (MAX_LAG_FRAMES + 1));
          together.estimate(found);
          const expected = alone.flatMap((each) => {
            const output = new Float64Array(MAX_LAG_FRAMES + 1);
            each.estimate(output);
            return [...output];
          });
          expect([...found]).to.deep.equal(expected);
        },
      ),
    );
  });

  it('equals the correlation of its definition after any number of frames', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1400 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer(),
        (count, blocks, seed) => {
          const { uniform } = noiseFrom(seed);
          const x = Array.from({ length: count }, () => 0.5 + uniform());
          const output = estimateOf(x, blocks);
          direct(x, blocks).forEach((value, lag) =>
            expect(output[lag], `lag ${lag}`).to.be.closeTo(value, 1e-9),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is near 1 at the period and its multiples, near -1 half a period off', () => {
    const output = estimateOf(Array.from({ length: 400 }, (_, n) => 1 + Math.cos((2 * Math.PI * n) / 40)));
    for (const lag of [40, 80]) expect(output[lag]).to.be.closeTo(1, 0.02);
    for (const lag of [20, 60]) expect(output[lag]).to.be.closeTo(-1, 0.02);
  });

  it('finds no rhythm in a level that all but stands still', () => {
    const output = estimateOf(
      Array.from({ length: 400 }, (_, n) => 1 + 1e-3 * Math.cos((2 * Math.PI * n) / 40)),
    );
    for (const value of output) expect(Math.abs(value)).to.be.below(0.01);
  });

  it('forgets what is older than its context, and all on reset', () => {
    const { uniform } = noiseFrom(5);
    const early = Array.from({ length: 777 }, () => 10 * uniform());
    const late = Array.from({ length: 523 }, uniform);
    const rolling = new RollingAutocorrelation(3);
    expect(rolling.contextFrames).to.equal(0);
    estimateOf([...early, ...late], 3, rolling);
    expect(rolling.contextFrames).to.equal(150);
    rolling.reset();
    expect(rolling.contextFrames).to.equal(0);
    expect(estimateOf(late, 3, rolling)).to.deep.equal(estimateOf(late, 3));
    // Everything older than 3 s and the longest lag is out.
    const [a, b] = [
      estimateOf([...early.slice(0, 700), ...late.slice(0, 300)], 3),
      estimateOf([...early.slice(50, 750), ...late.slice(0, 300)], 3),
    ];
    a.forEach((value, lag) => expect(value).to.be.closeTo(b[lag], 1e-9));
  });
});
