import { expect } from 'chai';
import fc from 'fast-check';
import { RecentValues } from '../../src/window/recent-values.js';

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
