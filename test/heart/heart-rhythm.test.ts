import { expect } from 'chai';
import fc from 'fast-check';
import { FRAME_LENGTH } from '../../src/heart/envelope-bank.js';
import { HeartRate } from '../../src/heart/heart-rate.js';
import { MAX_LAG_FRAMES } from '../../src/heart/heart-rhythm.js';
import { MODEL, noiseFrom } from '../window/synthetic-signals.js';

const BLOCK = 50;
const CONTEXT_BLOCKS = 8;
const LEAST_MODULATION = 0.06;

/** The readable twin: Pearson's correlation at every lag, from its definition. */
function direct(x: readonly number[]): number[] {
  const contextStart = Math.max(0, Math.ceil(x.length / BLOCK) - CONTEXT_BLOCKS) * BLOCK;
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

/** Frames whose envelopes, fourth roots of energies, are these, by band. */
function framesOf(...envelopes: readonly (readonly number[])[]): Float64Array {
  const frames = new Float64Array(envelopes[0].length * FRAME_LENGTH);
  envelopes.forEach((envelope, band) =>
    envelope.forEach((value, row) => (frames[row * FRAME_LENGTH + band] = value ** 4)),
  );
  return frames;
}

const newRate = () => new HeartRate(MODEL.heartRate);

function correlationsOf(x: readonly number[], rate = newRate()): Float64Array {
  rate.push(framesOf(x, x, x));
  return rate.correlations.low.slice();
}

describe("a heart rate's correlations", () => {
  it('equal those of their definition, band by band, after any number of frames', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1400 }), fc.integer(), (count, seed) => {
        const { uniform } = noiseFrom(seed);
        const [x, y, z] = [0, 1, 2].map(() => Array.from({ length: count }, () => 0.5 + uniform()));
        const rate = newRate();
        rate.push(framesOf(x, y, z));
        const { low, mid, high, mean } = rate.correlations;
        for (const [envelope, found] of [
          [x, low],
          [y, mid],
          [z, high],
        ] as const) {
          direct(envelope).forEach((value, lag) =>
            expect(found[lag], `lag ${lag}`).to.be.closeTo(value, 1e-9),
          );
        }
        mean.forEach((value, lag) => expect(value).to.equal((low[lag] + mid[lag]) / 2));
      }),
      { numRuns: 60 },
    );
  });

  it('are the same to the bit, and so is the beat, however frames come and whoever asked before', () => {
    const beating = (seed: number, count: number, beat: number) => {
      const { uniform } = noiseFrom(seed);
      return Array.from({ length: count }, (_, i) => (i % beat < 5 ? 1 : 0.2) + 0.5 * uniform());
    };
    let beats = 0;
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 15, max: 95 }),
        fc.array(fc.integer({ min: 1, max: 130 }), { minLength: 1, maxLength: 12 }),
        (seed, beat, lengths) => {
          const count = lengths.reduce((a, b) => a + b);
          const frames = framesOf(...[0, 1, 2].map((band) => beating(seed + band, count, beat)));
          const [once, asked, other] = [newRate(), newRate(), newRate()];
          once.push(frames);
          for (let at = 0, i = 0; i < lengths.length; i++) {
            const end = at + lengths[i] * FRAME_LENGTH;
            asked.push(frames.subarray(at, end));
            // It takes turns with another one.
            other.push(frames.subarray(0, end - at));
            if (seed % 2 === 0) asked.beat();
            at = end;
          }
          const { low, mid, high, mean } = once.correlations;
          const found = asked.beat();
          expect(found).to.deep.equal(once.beat());
          for (const [a, b] of [
            [low, asked.correlations.low],
            [mid, asked.correlations.mid],
            [high, asked.correlations.high],
            [mean, asked.correlations.mean],
          ])
            expect([...b]).to.deep.equal([...a]);
          if (found === null) return;
          beats++;
          expect([found.low, found.mid, found.high]).to.deep.equal([low, mid, high].map((r) => r[found.lag]));
          expect(found.correlation).to.equal(mean[found.lag]);
        },
      ),
    );
    expect(beats).to.be.above(50);
  });

  it('are near 1 at the period and its multiples, near -1 half a period off', () => {
    const output = correlationsOf(
      Array.from({ length: 400 }, (_, n) => 1 + Math.cos((2 * Math.PI * n) / 40)),
    );
    for (const lag of [40, 80]) expect(output[lag]).to.be.closeTo(1, 0.02);
    for (const lag of [20, 60]) expect(output[lag]).to.be.closeTo(-1, 0.02);
  });

  it('find no rhythm in a level that all but stands still', () => {
    const output = correlationsOf(
      Array.from({ length: 400 }, (_, n) => 1 + 1e-3 * Math.cos((2 * Math.PI * n) / 40)),
    );
    for (const value of output) expect(Math.abs(value)).to.be.below(0.01);
  });

  it('forget what is older than their context, and all on reset', () => {
    const { uniform } = noiseFrom(5);
    const early = Array.from({ length: 777 }, () => 10 * uniform());
    const late = Array.from({ length: 623 }, uniform);
    const rate = newRate();
    expect(rate.contextSeconds).to.equal(0);
    correlationsOf([...early, ...late], rate);
    expect(rate.contextSeconds).to.equal(8);
    rate.reset();
    expect(rate.contextSeconds).to.equal(0);
    expect([...rate.correlations.low]).to.deep.equal(Array.from({ length: MAX_LAG_FRAMES + 1 }, () => 0));
    expect(correlationsOf(late, rate)).to.deep.equal(correlationsOf(late));
    // Everything older than 8 s and the longest lag is out.
    const [a, b] = [
      correlationsOf([...early.slice(0, 700), ...late.slice(0, 550)]),
      correlationsOf([...early.slice(50, 750), ...late.slice(0, 550)]),
    ];
    a.forEach((value, lag) => expect(value).to.be.closeTo(b[lag], 1e-9));
  });
});
