import { expect } from 'chai';
import fc from 'fast-check';
import { ClockDrift } from '../../src/device/clock-drift.js';
import { SeededRandom } from '../../src/simulate/seeded-random.js';

const PACKET_SECONDS = 0.02;

interface Line {
  readonly ppm: number;
  readonly seconds: number;
  readonly seed: number;
  /** Mean of what most packets are late by; a USB host asks every millisecond, a busy one is later. */
  readonly delayMs?: number;
  /** Share of the packets that are late by up to 200 ms besides. */
  readonly stalls?: number;
}

/** Packets of a device whose clock is `ppm` fast, late by chance and never early. */
function feed(drift: ClockDrift, line: Line, run = 0, hostStartMs = 0): void {
  const { ppm, seconds, seed, delayMs = 2, stalls = 0.02 } = line;
  const random = new SeededRandom(seed);
  for (let at = 0; at < seconds; at += PACKET_SECONDS) {
    const trueMs = (1000 * at) / (1 + ppm / 1e6);
    const jitterMs = -delayMs * Math.log(1 - random.fraction());
    const stallMs = random.fraction() < stalls ? 200 * random.fraction() : 0;
    drift.push(
      { atSample: 0, deviceMicros: Math.floor(at * 1e6), run },
      hostStartMs + trueMs + jitterMs + stallMs,
    );
  }
}

describe('ClockDrift', () => {
  it('finds the drift to 5 ppm in a minute, through jitter and stalls', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -500, max: 500, noNaN: true }),
        fc.integer({ min: 0, max: 2 ** 31 }),
        (ppm, seed) => {
          const drift = new ClockDrift();
          feed(drift, { ppm, seconds: 60, seed });
          expect(drift.ppm).to.be.closeTo(ppm, 5);
        },
      ),
      { numRuns: 60 },
    );
  });

  for (const ppm of [-500, -50, 0, 50, 500]) {
    it(`finds ${ppm} ppm to half a ppm in an hour on a host that is often late`, () => {
      const drift = new ClockDrift();
      feed(drift, { ppm, seconds: 3600, seed: 5, delayMs: 10, stalls: 0.2 });
      expect(drift.ppm).to.be.closeTo(ppm, 0.5);
    });
  }

  it('says nothing before half a minute', () => {
    const drift = new ClockDrift();
    expect(drift.ppm).to.equal(null);
    feed(drift, { ppm: 100, seconds: 29, seed: 1 });
    expect(drift.ppm).to.equal(null);
  });

  it('begins anew with a device that restarted its clock', () => {
    const drift = new ClockDrift();
    feed(drift, { ppm: 400, seconds: 60, seed: 1 });
    feed(drift, { ppm: -300, seconds: 20, seed: 2 }, 1, 61_000);
    expect(drift.ppm, 'too short again').to.equal(null);
    const again = new ClockDrift();
    feed(again, { ppm: 400, seconds: 60, seed: 1 });
    feed(again, { ppm: -300, seconds: 60, seed: 2 }, 1, 61_000);
    expect(again.ppm).to.be.closeTo(-300, 5);
  });

  it('is as good after a day, with memory for half an hour of it', function () {
    const drift = new ClockDrift();
    feed(drift, { ppm: 73, seconds: 86_400, seed: 3 });
    expect(drift.ppm).to.be.closeTo(73, 0.05);
    expect((drift as unknown as { anchors: unknown[] }).anchors.length).to.be.at.most(2048);
  });
});
