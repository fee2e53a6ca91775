import { expect } from 'chai';
import fc from 'fast-check';
import { OrderStatistics } from '../../src/window/order-statistics.js';
import { RecentValues } from '../../src/window/recent-values.js';

/** The readable twin: sorts. */
function sortedQuantile(values: ArrayLike<number>, share: number, fallback: number): number {
  if (values.length === 0) return fallback;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.round(share * (sorted.length - 1))];
}

const anyValues = fc.oneof(
  fc.array(fc.double({ noNaN: true }), { maxLength: 60 }),
  // Many that are equal, and enough of them for the pivot to be sampled.
  fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1000, maxLength: 2500, size: 'max' }),
  fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 600, maxLength: 2500, size: 'max' }),
);

describe('OrderStatistics', () => {
  it('finds the quantiles that sorting finds, one after the other, and is used again', () => {
    const statistics = new OrderStatistics(8);
    fc.assert(
      fc.property(anyValues, fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (values, shares) => {
        statistics.take(Float64Array.from(values));
        expect(statistics.length).to.equal(values.length);
        for (const share of [...shares, 0, 0.5, 1]) {
          // Equal, as 0 and -0 are.
          expect(statistics.quantile(share, -7) === sortedQuantile(values, share, -7)).to.equal(true);
        }
      }),
    );
  });

  it('takes a part, numbers one by one and those of another, and forgets', () => {
    const statistics = new OrderStatistics(1);
    expect(statistics.median(3)).to.equal(3);
    statistics.take(Float64Array.of(9, 1, 5, 9), 1, 3);
    expect([statistics.ranked(0), statistics.ranked(1), statistics.length]).to.deep.equal([1, 5, 2]);
    for (const value of [4, 8, 2]) statistics.push(value);
    const other = new OrderStatistics();
    other.push(0);
    statistics.pushAll(other);
    expect([0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => statistics.quantile(share, -1))).to.deep.equal([
      0, 1, 2, 4, 5, 8,
    ]);
    statistics.clear();
    expect(statistics.median(3)).to.equal(3);
  });
});

describe('RecentValues', () => {
  it('has the last values, whether they came one by one or together', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.array(fc.integer(), { maxLength: 40 })),
        (most, runs) => {
          const [single, together] = [new RecentValues(most), new RecentValues(most)];
          const all: number[] = [];
          for (const run of runs) {
            all.push(...run);
            for (const value of run) single.push(value);
            together.pushAll(Float64Array.from(run));
            for (const recent of [single, together]) {
              expect([...recent.last()]).to.deep.equal(all.slice(-most));
              expect([...recent.last(3)]).to.deep.equal(all.slice(-Math.min(most, 3)));
            }
          }
          together.reset();
          expect(together.last()).to.have.lengthOf(0);
        },
      ),
    );
  });
});
