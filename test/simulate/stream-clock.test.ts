import { expect } from 'chai';
import fc from 'fast-check';
import { StreamClock } from '../../src/simulate/stream-clock.js';

describe('StreamClock', () => {
  const options = fc.record({
    sampleRateHz: fc.integer({ min: 1000, max: 48_000 }),
    speed: fc.constantFrom(0.5, 1, 3, 100),
    devicePpm: fc.integer({ min: -500, max: 500 }),
    samplesPpm: fc.integer({ min: -500, max: 500 }),
  });

  it('has taken the samples that it said it would, at the time that it said', () => {
    fc.assert(
      fc.property(
        options,
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.integer({ min: 1, max: 1e6 }),
        (settings, startMs, position) => {
          const clock = new StreamClock(settings);
          clock.start(startMs);
          const atMs = clock.takenAtMs(position);
          expect(clock.taken(atMs)).to.equal(position);
          expect(clock.taken(atMs - 2)).to.be.below(position);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('can be started in the middle', () => {
    const clock = new StreamClock({ sampleRateHz: 2000, speed: 1, devicePpm: 0, samplesPpm: 0 });
    clock.start(5000, 700);
    expect([clock.taken(5000), clock.taken(6000)]).to.deep.equal([700, 2700]);
  });

  it('has a clock of its own that wraps', () => {
    const clock = new StreamClock({ sampleRateHz: 2000, speed: 4, devicePpm: 300, samplesPpm: 0 });
    expect(clock.deviceMicros(2000)).to.equal(1_000_000);
    expect(clock.deviceMicros(2000 * 4295)).to.equal(4_295_000_000 - 2 ** 32);
  });
});
