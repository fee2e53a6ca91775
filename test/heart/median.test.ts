import { expect } from 'chai';
import fc from 'fast-check';
import { medianOf } from '../../src/heart/median.js';

describe('medianOf', () => {
  it('is the middle of the sorted numbers, or the mean of the two in the middle, and leaves them as they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), {
          minLength: 1,
          maxLength: 150,
          size: 'max',
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const count = Math.max(1, Math.round(share * values.length));
          const sorted = values.slice(0, count).sort((a, b) => a - b);
          const expected = (sorted[Math.floor((count - 1) / 2)] + sorted[Math.floor(count / 2)]) / 2;
          const given = values.slice();
          expect(medianOf(given, count) === expected).to.equal(true);
          expect(given).to.deep.equal(values);
        },
      ),
    );
  });

  it('is no number of nothing', () => {
    expect(medianOf([])).to.deep.equal(NaN);
  });
});
