import { expect } from 'chai';
import fc from 'fast-check';
import { PolyphaseTable } from '../../src/condition/polyphase-table.js';
import { RationalResampler } from '../../src/condition/rational-resampler.js';
import { PlainResampler } from '../support/plain-resampler.js';

const antiAlias = { passHz: 400, stopHz: 600, stopbandDb: 80 };
const tableFor = (inputRateHz: number) => new PolyphaseTable({ inputRateHz, outputRateHz: 1000, antiAlias });
const rates = [1000, 1001, 1500, 2000, 4000, 8000, 11_025, 44_100, 48_000, 191_999];

/** Numbers without a pattern, from a seed. */
function noise(length: number, seed: number): Float64Array {
  let state = seed;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

describe('RationalResampler', () => {
  const tables = new Map(rates.map((rate) => [rate, tableFor(rate)]));

  it('gives what its readable twin gives to 1e-12, for any rate and any chunks, with another at work between', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...rates),
        fc.constantFrom(...rates),
        fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 2 ** 31 }),
        (rate, otherRate, sizes, seed) => {
          const resampler = new RationalResampler(tables.get(rate)!);
          const twin = new PlainResampler(tables.get(rate)!);
          const other = new RationalResampler(tables.get(otherRate)!);
          sizes.forEach((size, i) => {
            const chunk = noise(size, seed + i);
            other.execute(chunk.subarray(0, 100));
            const [ours, expected] = [resampler.execute(chunk), twin.execute(chunk)];
            expect(ours.length).to.equal(expected.length);
            const worst = expected.reduce((most, y, n) => Math.max(most, Math.abs(y - ours[n])), 0);
            expect(worst).to.be.below(1e-12);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  for (const rate of [11_025, 2000, 4000]) {
    it(`gives the same bits for chunks that the module takes in several pieces, and for short ones, at ${rate} Hz`, () => {
      const signal = noise(40_000, 7);
      const whole = new RationalResampler(tables.get(rate)!).execute(signal);
      const pieces = new RationalResampler(tables.get(rate)!);
      const outputs = [0, 1, 2, 5, 8, 17, 8191, 8192, 8193, 30_000].map((begin, i, all) =>
        pieces.execute(signal.subarray(begin, all[i + 1] ?? signal.length)),
      );
      expect(outputs.flatMap((output) => [...output])).to.deep.equal([...whole]);
    });
  }

  it('is as new after reset()', () => {
    const [first, second] = [noise(5000, 1), noise(5000, 2)];
    const used = new RationalResampler(tables.get(4000)!);
    used.execute(first);
    used.reset();
    expect(used.execute(second)).to.deep.equal(new RationalResampler(tables.get(4000)!).execute(second));
  });
});
