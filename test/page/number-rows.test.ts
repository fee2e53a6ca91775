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
        fc.tuple(fc.integer({ min: -1, max: 500 }), fc.integer({ min: -1, max: 500 })),
        (width, most, count, [from, to]) => {
          const rows = new NumberRows(width, most);
          const plain: number[][] = [];
          for (let i = 0; i < count; i++) {
            const row = Array.from({ length: width }, (_, column) => i / 7 + 2 * column);
            rows.push(row);
            plain.push(row);
          }
          const end = width - 1;
          const found = rows.within(0, end, from, to).map((at) => rows.row(at));
          expect(found).to.deep.equal(plain.slice(-most).filter((row) => row[end] >= from && row[0] <= to));
        },
      ),
      { numRuns: 60 },
    );
  });
});
