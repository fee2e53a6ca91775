import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { LogFilterBank, type LogFilterBankParameters } from '../../src/window/log-filter-bank.js';
import { RealFft } from '../../src/window/real-fft.js';
import { PlainLogFilterBank } from '../support/plain-log-filter-bank.js';

interface Golden {
  sampleRateHz: number;
  windowSamples: number;
  frames: number;
  parameters: LogFilterBankParameters;
  windows: { source: string; samples: string; features: string }[];
}

const golden = JSON.parse(readFileSync('test/golden/front-end.json', 'utf8')) as Golden;
const options = {
  ...golden.parameters,
  sampleRateHz: golden.sampleRateHz,
  windowSamples: golden.windowSamples,
};

function floats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

const samplesOf = (window: { samples: string }) => Float64Array.from(floats(window.samples));

describe('LogFilterBank', () => {
  for (const window of golden.windows) {
    it(`gives the features of the Python front end to 1e-5: ${window.source}`, () => {
      const bank = new LogFilterBank(options);
      bank.execute(samplesOf(window));
      const features = bank.window()!;
      const expected = floats(window.features);
      expect(bank.frames).to.equal(golden.frames);
      expect(features.length).to.equal(expected.length);
      const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - features[i])), 0);
      expect(worst).to.be.below(1e-5);
    });
  }

  it('gives the same features for any chunking and after any history', () => {
    const [first, second] = golden.windows.map(samplesOf);
    const alone = new LogFilterBank(options);
    alone.execute(second);
    const expected = alone.window()!;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 0, max: 100 }),
        (sizes, historyFrames) => {
          const bank = new LogFilterBank(options);
          bank.execute(first.subarray(0, historyFrames * options.hopSamples));
          for (let at = 0, i = 0; at < second.length; i++) {
            const size = sizes[i % sizes.length] + (i % 2);
            bank.execute(second.subarray(at, at + size));
            at += size;
          }
          expect(bank.window()).to.deep.equal(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('gives what its readable twin gives, for any parameters and any signal', () => {
    fc.assert(
      fc.property(
        fc.record({
          fftSize: fc.constantFrom(8, 16, 64, 128, 256),
          frameShare: fc.double({ min: 0.3, max: 1, noNaN: true }),
          hopShare: fc.double({ min: 0.1, max: 1, noNaN: true }),
          bandCount: fc.integer({ min: 2, max: 40 }),
          bandMeanRemoval: fc.double({ min: 0, max: 1, noNaN: true }),
          frames: fc.integer({ min: 1, max: 30 }),
          scale: fc.double({ min: 0.1, max: 3, noNaN: true }),
          clip: fc.double({ min: 0.5, max: 5, noNaN: true }),
        }),
        fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 64, maxLength: 64 }),
        ({ fftSize, frameShare, hopShare, frames, ...others }, few) => {
          const frameSamples = Math.floor(fftSize * frameShare);
          const hopSamples = Math.ceil(frameSamples * hopShare);
          const windowSamples = frameSamples + (frames - 1) * hopSamples;
          const drawn = { ...options, ...others, fftSize, frameSamples, hopSamples, windowSamples };
          const samples = Float64Array.from(
            { length: windowSamples + 3 * hopSamples + 1 },
            (_, i) => (few[i % 64] * few[(i >> 3) % 64]) / 2 ** 30,
          );
          const [bank, twin] = [new LogFilterBank(drawn), new PlainLogFilterBank(drawn)];
          for (const each of [bank, twin]) each.execute(samples);
          const [ours, expected] = [bank.window(), twin.window()];
          expect(ours?.length).to.equal(expected?.length);
          expected?.forEach((value, i) => expect(Math.abs(value - ours![i])).to.be.below(1e-6));
        },
      ),
    );
  });

  it('does not depend on the gain', () => {
    const samples = samplesOf(golden.windows[0]);
    const features = [1, 1e-3, 64].map((gain) => {
      const bank = new LogFilterBank(options);
      bank.execute(samples.map((x) => x * gain));
      return bank.window()!;
    });
    for (const other of features.slice(1)) {
      const worst = features[0].reduce((max, value, i) => Math.max(max, Math.abs(value - other[i])), 0);
      expect(worst).to.be.below(1e-5);
    }
  });

  it('has no features for a window without energy', () => {
    const bank = new LogFilterBank(options);
    bank.execute(new Float64Array(options.windowSamples));
    expect(bank.window()).to.equal(undefined);
  });

  it('is as new after reset()', () => {
    const [first, second] = golden.windows.map(samplesOf);
    const used = new LogFilterBank(options);
    used.execute(first.subarray(0, 1234));
    used.reset();
    const fresh = new LogFilterBank(options);
    for (const bank of [used, fresh]) bank.execute(second);
    expect(used.window()).to.deep.equal(fresh.window());
  });
});

describe('RealFft', () => {
  it('gives the power of the discrete Fourier transform, by its definition', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(4, 8, 64, 128),
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 128 }),
        (length, values) => {
          const input = Float64Array.from(values.slice(0, length));
          const power = new Float64Array(length / 2 + 1);
          new RealFft(length).execute(input, power);
          const total = input.reduce((sum, x) => sum + x * x, 0);
          for (let k = 0; k <= length / 2; k++) {
            let re = 0;
            let im = 0;
            input.forEach((x, n) => {
              re += x * Math.cos((2 * Math.PI * k * n) / length);
              im -= x * Math.sin((2 * Math.PI * k * n) / length);
            });
            expect(Math.abs(power[k] - (re * re + im * im))).to.be.below(1e-12 * (1 + length * total));
          }
        },
      ),
    );
  });

  it('refuses a length that is no power of two', () => {
    expect(() => new RealFft(100)).to.throw(/power of two/);
  });
});
