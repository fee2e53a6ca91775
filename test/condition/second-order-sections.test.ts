import { expect } from 'chai';
import fc from 'fast-check';
import { butterworthBandPass } from '../../src/condition/butterworth.js';
import { SECTION_LENGTH, SosFilter } from '../../src/condition/second-order-sections.js';

/** One section after the other, as scipy.signal.sosfilt says it. */
function plain(sos: Float64Array, input: Float64Array): Float64Array {
  let samples = input;
  for (let row = 0; row < sos.length; row += SECTION_LENGTH) {
    const [b0, b1, b2, , a1, a2] = sos.subarray(row, row + SECTION_LENGTH);
    let z0 = 0;
    let z1 = 0;
    samples = samples.map((x) => {
      const y = b0 * x + z0;
      z0 = b1 * x - a1 * y + z1;
      z1 = b2 * x - a2 * y;
      return y;
    });
  }
  return samples;
}

describe('SosFilter', () => {
  it('gives the bits of one section after the other, for any number of sections and any chunks', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 300 }),
        fc.nat(300),
        (order, samples, cut) => {
          const sos = butterworthBandPass({ order, lowHz: 25, highHz: 400, sampleRateHz: 2000 });
          const input = Float64Array.from(samples);
          const output = new Float64Array(input.length);
          const filter = new SosFilter(sos);
          filter.execute(input.subarray(0, cut), output.subarray(0, cut));
          filter.execute(input.subarray(cut), output.subarray(cut));
          expect(output).to.deep.equal(plain(sos, input));
        },
      ),
    );
  });
});
