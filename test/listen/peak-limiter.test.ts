import { expect } from 'chai';
import fc from 'fast-check';
import { LIMIT, PeakLimiter } from '../../src/listen/peak-limiter.js';

describe('PeakLimiter', () => {
  const sample = fc.oneof(
    fc.double({ min: -40, max: 40 }),
    fc.constantFrom(0, 1, -1, NaN, Infinity, -Infinity, 1e30, -1e30, 5e-324),
  );

  it('never lets anything over its limit, whatever goes in and in whatever blocks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(sample, { maxLength: 300 }), { maxLength: 6 }),
        fc.constantFrom(1000, 8000, 44_100),
        (blocks, rateHz) => {
          const limiter = new PeakLimiter(rateHz);
          for (const block of blocks) {
            const output = Float32Array.from(block);
            limiter.execute(output);
            for (const value of output) expect(Math.abs(value)).to.be.at.most(LIMIT);
          }
        },
      ),
    );
  });

  it('reaches its limit by gain alone: the clamp behind it has nothing left to do', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -40, max: 40, noNaN: true }), { minLength: 1, maxLength: 400 }),
        (x) => {
          // The same gains on a signal of ones show what each sample is multiplied by.
          const limiter = new PeakLimiter(8000);
          const input = [...x, ...new Array<number>(limiter.delaySamples).fill(0)];
          const output = Float32Array.from(input);
          limiter.execute(output);
          for (let i = 0; i < x.length; i++) {
            const single = Math.fround(x[i]);
            if (Math.abs(single) < 1e-3) continue;
            const gain = output[i + limiter.delaySamples] / single;
            expect(gain).to.be.within(0, 1 + 1e-6);
            // A clamped sample sits exactly on the limit although its gain would have gone beyond.
            expect(Math.abs(gain * single)).to.be.at.most(LIMIT + 1e-6);
          }
        },
      ),
    );
  });

  it('hands on what is soft to the last bit, later by its look-ahead', () => {
    const limiter = new PeakLimiter(8000);
    const input = Float32Array.from({ length: 1000 }, (_, i) => 0.8 * Math.sin(i / 3));
    const output = input.slice();
    limiter.execute(output);
    expect(limiter.delaySamples).to.equal(39);
    for (let i = limiter.delaySamples; i < 1000; i++) {
      expect(output[i]).to.be.closeTo(input[i - limiter.delaySamples], 1e-7);
    }
  });

  it('does not cut the waves of a loud tone: it stays a sine', () => {
    const limiter = new PeakLimiter(48_000);
    const tone = Float32Array.from(
      { length: 48_000 },
      (_, i) => 10 * Math.sin((2 * Math.PI * 100 * i) / 48_000),
    );
    limiter.execute(tone);
    const steady = tone.subarray(24_000);
    let [inPhase, across, power] = [0, 0, 0];
    steady.forEach((value, i) => {
      const angle = (2 * Math.PI * 100 * i) / 48_000;
      inPhase += value * Math.sin(angle);
      across += value * Math.cos(angle);
      power += value * value;
    });
    const fundamental = (2 * (inPhase ** 2 + across ** 2)) / steady.length;
    expect(1 - fundamental / power).to.be.below(0.003);
  });

  it('is as new after a reset', () => {
    const input = Float32Array.from({ length: 500 }, (_, i) => 5 * Math.sin(i));
    const limiter = new PeakLimiter(8000);
    const first = input.slice();
    limiter.execute(first);
    limiter.reset();
    const again = input.slice();
    limiter.execute(again);
    expect(again).to.deep.equal(first);
  });
});
