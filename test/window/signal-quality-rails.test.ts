import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigurationError } from '../../src/errors.js';
import { RAIL_FRAME_LENGTH, RailDetector, RailField } from '../../src/window/signal-quality-rails.js';
import { PlainRailDetector } from '../support/plain-rail-detector.js';
import { noiseFrom, signalOf } from './synthetic-signals.js';

function detect(samples: Float64Array, sampleRateHz: number): Float64Array {
  const detector = new RailDetector({ sampleRateHz });
  detector.push(samples);
  return detector.frames;
}

function shareAtRail(frames: Float64Array): number {
  let atRail = 0;
  let samples = 0;
  for (let row = 0; row < frames.length; row += RAIL_FRAME_LENGTH) {
    atRail += frames[row + RailField.atRail];
    samples += frames[row + RailField.samples];
  }
  return atRail / samples;
}

describe('RailDetector', () => {
  it('counts what a clipped sine spends at its rails, wherever they are', () => {
    for (const clip of [0.5, 0.8, 0.95]) {
      for (const level of [1, 0.3, 1e-3]) {
        const samples = signalOf(30, 8000, (t) => {
          const x = Math.sin(2 * Math.PI * 3.7 * t);
          return level * Math.max(-clip, Math.min(clip, x));
        });
        const expected = 1 - (2 / Math.PI) * Math.asin(clip * 0.99);
        expect(shareAtRail(detect(samples, 8000)), `${clip} ${level}`).to.be.closeTo(expected, 0.01);
      }
    }
  });

  it('counts full scale of 16 and 24 bits from the first sample on', () => {
    for (const rail of [32767 / 32768, -1, 8388607 / 8388608, 1.2]) {
      expect(shareAtRail(detect(new Float64Array(2000).fill(rail), 2000)), String(rail)).to.equal(1);
    }
  });

  it('finds next to nothing at the rails of noise, and nothing where nothing moves', () => {
    const noise = signalOf(10, 2000, noiseFrom(1).normal).map((x) => 0.1 * x);
    expect(shareAtRail(detect(noise, 2000))).to.be.below(0.002);
    expect(shareAtRail(detect(new Float64Array(2000).fill(0.25), 2000))).to.equal(0);
  });

  it('finds one rail where only one side is clipped', () => {
    const samples = signalOf(5, 4000, (t) => Math.min(0.2, Math.sin(2 * Math.PI * 3.7 * t)));
    expect(shareAtRail(detect(samples, 4000))).to.be.above(0.4);
  });

  it("measures runs across frames, up to each frame's end", () => {
    const samples = signalOf(1, 1000, noiseFrom(2).normal);
    samples.fill(samples[110], 110, 250);
    const frames = detect(samples, 1000);
    const runs = Array.from(
      { length: 15 },
      (_, frame) => frames[frame * RAIL_FRAME_LENGTH + RailField.longestRun],
    );
    expect(runs).to.deep.equal([1, 1, 1, 1, 1, 10, 30, 50, 70, 90, 110, 130, 140, 1, 1]);
  });

  it('puts sample n into frame floor(n * 50 / rate) at any rate, for any chunking, and after a reset', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 48000 }),
        fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 6 }),
        (sampleRateHz, sizes) => {
          const { normal } = noiseFrom(sampleRateHz);
          const samples = Float64Array.from(
            { length: Math.floor(0.33 * sampleRateHz) },
            () => Math.round(2 * normal()) / 8,
          );
          const whole = [...detect(samples, sampleRateHz)];
          const counts = new Array<number>(Math.floor((samples.length * 50) / sampleRateHz)).fill(0);
          for (let n = 0; n < samples.length; n++) counts[Math.floor((n * 50) / sampleRateHz)]++;
          counts.length = whole.length / RAIL_FRAME_LENGTH;
          expect(counts).to.deep.equal(whole.filter((_, i) => i % RAIL_FRAME_LENGTH === RailField.samples));
          const detector = new RailDetector({ sampleRateHz });
          detector.push(Float64Array.of(9, -9, 9));
          detector.reset();
          for (let at = 0, i = 0; at < samples.length; i++) {
            const size = sizes[i % sizes.length] + (i % sizes.length === 0 ? 1 : 0);
            detector.push(samples.subarray(at, at + size));
            at += size;
          }
          expect([...detector.frames]).to.deep.equal(whole);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is what its readable twin finds, to the bit, for any signal, rate and chunking', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 50, max: 200_000 }),
        fc.integer({ min: 0, max: 99 }),
        fc.constantFrom(0.01, 0.6, 3),
        fc.constantFrom(4, 64, 32_768),
        fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 5 }),
        (sampleRateHz, seed, level, steps, lengths) => {
          const { normal } = noiseFrom(seed);
          const samples = Float64Array.from({ length: 20_000 }, (_, n) => {
            const x = level * (0.3 * normal() + Math.sin(n / 700));
            return Math.max(-1, Math.min(1, Math.round(steps * x) / steps));
          });
          const detector = new RailDetector({ sampleRateHz });
          const twin = new PlainRailDetector({ sampleRateHz });
          for (let at = 0, i = 0; at < samples.length; at += lengths[i++ % lengths.length]) {
            const chunk = samples.subarray(at, at + lengths[i % lengths.length]);
            const before = detector.frames.length;
            detector.push(chunk);
            expect(detector.frames.slice(before).join()).to.equal(twin.execute(chunk).join());
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('judges any frames in order, and forgets those before them', () => {
    const { normal } = noiseFrom(4);
    const samples = signalOf(40, 1000, () => Math.max(-1, Math.min(1, Math.round(4 * normal()) / 4)));
    const whole = detect(samples, 1000);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 0, max: 99 })), {
          maxLength: 9,
        }),
        (steps) => {
          const detector = new RailDetector({ sampleRateHz: 1000 });
          let at = 0;
          let first = 0;
          for (const [length, later] of steps) {
            detector.push(samples.subarray(at, at + length));
            at = Math.min(samples.length, at + length);
            const end = detector.frameCount;
            expect(end).to.equal(Math.floor(at / 20));
            first = Math.min(first + later, end);
            const rows = Array.from({ length: end - first }, (_, i) =>
              whole.subarray((first + i) * RAIL_FRAME_LENGTH, (first + i + 1) * RAIL_FRAME_LENGTH),
            );
            const column = (field: number) => rows.map((row) => row[field]);
            const total = (field: number) => column(field).reduce((sum, x) => sum + x, 0);
            expect(detector.judge(first, end)).to.deep.equal({
              share: total(RailField.atRail) / total(RailField.samples),
              longestRunSeconds: Math.max(0, ...column(RailField.longestRun)) / 1000,
              range: Math.max(...column(RailField.largest)) - Math.min(...column(RailField.smallest)),
            });
            expect(detector.frames).to.have.lengthOf(rows.length * RAIL_FRAME_LENGTH);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses rates that are none', () => {
    for (const sampleRateHz of [0, 49, 1000.5, NaN]) {
      expect(() => new RailDetector({ sampleRateHz })).to.throw(ConfigurationError, /sampleRateHz must be/);
    }
  });
});
