import { expect } from 'chai';
import fc from 'fast-check';
import { SosFilter } from '../../src/condition/second-order-sections.js';
import { listeningSections, LISTENING_FILTERS } from '../../src/listen/listening-filter.js';
import { PlainCascade } from '../../src/listen/plain-cascade.js';

describe('PlainCascade', () => {
  it('hears what SosFilter hears, primed or not, in pieces of any length', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LISTENING_FILTERS),
        fc.constantFrom(1000, 2000, 4000, 8000),
        fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 60 }), { maxLength: 5 }),
        fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: null }),
        (filter, sampleRateHz, pieces, firstSample) => {
          const sos = listeningSections(filter, sampleRateHz);
          const [plain, other] = [new PlainCascade(sos), new SosFilter(sos)];
          if (firstSample !== null) for (const one of [plain, other]) one.prime(firstSample);
          for (const piece of pieces.map((values) => Float64Array.from(values))) {
            const [heard, expected] = [new Float64Array(piece.length), new Float64Array(piece.length)];
            plain.execute(piece, heard);
            other.execute(piece, expected);
            for (let i = 0; i < piece.length; i++) expect(heard[i]).to.be.closeTo(expected[i], 1e-12);
          }
        },
      ),
    );
  });
});
