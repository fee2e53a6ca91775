import { expect } from 'chai';
import fc from 'fast-check';
import { WindowDelay } from '../../src/health/window-delay.js';

const RATE_HZ = 1000;
const chunk = (startSeconds: number, seconds: number) => ({
  startSeconds,
  sampleRateHz: RATE_HZ,
  samples: new Float64Array(Math.round(seconds * RATE_HZ)),
});

describe('WindowDelay', () => {
  it('measures from the arrival of the last sample', () => {
    const delay = new WindowDelay();
    delay.begin();
    for (let i = 0; i < 40; i++) delay.hear(chunk(i / 10, 0.1), 1000 + 100 * i);
    // The sample that ends the window came with the 30th chunk.
    expect(delay.settle({ endSeconds: 3 }, 4500)).to.be.closeTo((4500 - 3900) / 1000, 1e-9);
    expect(delay.waitingSeconds).to.be.closeTo(1, 1e-9);
    expect(delay.settle({ endSeconds: 9 }, 5000)).to.equal(null);
  });

  it('begins anew behind a gap', () => {
    const delay = new WindowDelay();
    delay.begin();
    delay.hear(chunk(0, 2), 0);
    expect(delay.waitingSeconds).to.equal(2);
    delay.hear(chunk(10, 1), 100);
    expect(delay.waitingSeconds).to.equal(1);
  });

  it('is never negative, whatever the chunks, and does not grow', () => {
    const lengths = fc.array(fc.double({ min: 0.001, max: 2, noNaN: true }), { maxLength: 200 });
    fc.assert(
      fc.property(lengths, (seconds) => {
        const delay = new WindowDelay();
        delay.begin();
        let at = 0;
        let now = 0;
        for (const length of seconds) {
          const next = chunk(at, length);
          at += next.samples.length / RATE_HZ;
          delay.hear(next, (now += 10));
          const measured = delay.settle({ endSeconds: at }, now + 1);
          if (measured === null || Math.abs(measured - 0.001) > 1e-9 || delay.waitingSeconds > 1e-6)
            return false;
        }
        return true;
      }),
    );
  });
});
