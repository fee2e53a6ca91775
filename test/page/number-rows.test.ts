import { expect } from 'chai';
import fc from 'fast-check';
import { NumberRows } from '../../src/page/server/look-back/number-rows.js';

describe('rows of numbers', () => {
  it('are those that came last, as an array would keep them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 700 }),
        fc.nat(3000),
        fc.integer({ min: 1, max: 5 }),
        (width, most, count, step) => {
          const rows = new NumberRows(width, most);
          const plain: number[][] = [];
          for (let i = 0; i < count; i++) {
            const row = Array.from({ length: width }, (_, column) => (column === 1 ? NaN : i / 7 + column));
            rows.push(row);
            plain.push(row);
          }
          const isWanted = (first: number) => Math.round(7 * first) % step === 0;
          const found = rows.find((numbers, at) => isWanted(numbers[at])).map((at) => rows.row(at));
          expect(found).to.deep.equal(plain.slice(-most).filter(([first]) => isWanted(first)));
        },
      ),
      { numRuns: 60 },
    );
  });
});
