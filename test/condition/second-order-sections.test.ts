import { expect } from 'chai';
import fc from 'fast-check';
import { butterworthBandPass } from '../../src/condition/butterworth.js';
import { SosFilter } from '../../src/condition/second-order-sections.js';
import { PlainCascade } from '../../src/listen/plain-cascade.js';

describe('SosFilter', () => {
  it('gives the bits of the plain cascade, for any number of sections and any chunks', () => {
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
          const plain = new Float64Array(input.length);
          new PlainCascade(sos).execute(input, plain);
          expect(output).to.deep.equal(plain);
        },
      ),
    );
  });
});
