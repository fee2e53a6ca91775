import { expect } from 'chai';
import fc from 'fast-check';
import { MOST_TAPS } from '../../src/condition/kaiser-low-pass.js';
import { PolyphaseTable } from '../../src/condition/polyphase-table.js';
import { RationalResampler } from '../../src/condition/rational-resampler.js';
import { ConfigurationError } from '../../src/errors.js';

const antiAlias = { passHz: 400, stopHz: 600, stopbandDb: 80 };

describe('PolyphaseTable', () => {
  it('is made for every rate that a source may have, and stays within its bound', () => {
    const make = (inputRateHz: number) => new PolyphaseTable({ inputRateHz, outputRateHz: 1000, antiAlias });
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 192_000 }), (rateHz) => {
        const { phases, up, down } = make(rateHz);
        expect(up * rateHz).to.equal(down * 1000);
        expect(phases.length).to.be.below(MOST_TAPS);
        // Unity gain at 0 Hz, over all phases.
        expect(phases.reduce((sum, tap) => sum + tap, 0) / up).to.be.closeTo(1, 1e-9);
      }),
      { numRuns: 8 },
    );
    expect(make(191_999).phases.length).to.be.within(4_800_000, 4_900_000);
  });

  it('refuses before it allocates what no source has', () => {
    fc.assert(
      fc.property(fc.integer({ min: 400_000_000, max: 2 ** 32 - 1 }), (inputRateHz) => {
        expect(() => new PolyphaseTable({ inputRateHz, outputRateHz: 1000, antiAlias })).to.throw(
          ConfigurationError,
          /must have at most 8388608 taps, got \d+/,
        );
      }),
    );
    const narrow = { ...antiAlias, stopHz: 400.000001 };
    const steep = { ...antiAlias, stopbandDb: 1e9 };
    const beyondFloat64 = { ...antiAlias, stopbandDb: 201 };
    for (const impossible of [narrow, steep, beyondFloat64]) {
      expect(
        () => new PolyphaseTable({ inputRateHz: 2000, outputRateHz: 1000, antiAlias: impossible }),
      ).to.throw(ConfigurationError);
    }
  });

  it('serves several resamplers at once', () => {
    const options = { inputRateHz: 2205, outputRateHz: 1000, antiAlias };
    const table = new PolyphaseTable(options);
    const [a, b, alone] = [table, table, options].map((design) => new RationalResampler(design));
    const first = Float64Array.from({ length: 500 }, (_, i) => Math.sin(i / 5));
    const second = first.map((x) => x * x);
    const outputs = [a.execute(first), b.execute(second), a.execute(second)];
    expect(outputs[0]).to.deep.equal(alone.execute(first));
    expect(outputs[2]).to.deep.equal(alone.execute(second));
    expect(outputs[1]).to.deep.equal(new RationalResampler(options).execute(second));
  });
});
