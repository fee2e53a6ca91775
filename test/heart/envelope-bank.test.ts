import { expect } from 'chai';
import fc from 'fast-check';
import { ConfigurationError } from '../../src/errors.js';
import { EnvelopeBank, FRAME_LENGTH, FrameField } from '../../src/heart/envelope-bank.js';
import { plainEnvelopes } from '../support/plain-envelope-bank.js';
import { noiseFrom, signalOf } from '../window/synthetic-signals.js';

const frameOf = (frames: Float64Array, index: number, field: number) => frames[index * FRAME_LENGTH + field];
const tone = (hertz: number) => signalOf(4, 1000, (t) => Math.sin(2 * Math.PI * hertz * t));

describe('EnvelopeBank', () => {
  for (const [hertz, field] of [
    [40, FrameField.low],
    [100, FrameField.mid],
    [240, FrameField.high],
  ] as const) {
    it(`finds the energy of ${hertz} Hz in its band and little in the others`, () => {
      const frames = new EnvelopeBank({ modelRateHz: 1000 }).execute(tone(hertz));
      let inBand = 0;
      let outside = 0;
      for (let frame = 100; frame < 200; frame++) {
        for (const band of [FrameField.low, FrameField.mid, FrameField.high]) {
          if (band === field) inBand += frameOf(frames, frame, band) / 100;
          else outside += frameOf(frames, frame, band) / 100;
        }
      }
      // A sine's mean square is a half.
      expect(inBand).to.be.closeTo(0.5, 0.02);
      expect(outside).to.be.below(0.1);
    });
  }

  it('tells mean square, fourth power, peak and crossings of each frame', () => {
    const samples = signalOf(1, 1000, noiseFrom(3).normal);
    const frames = new EnvelopeBank({ modelRateHz: 1000 }).execute(samples);
    expect(frames.length).to.equal(50 * FRAME_LENGTH);
    for (let frame = 0; frame < 50; frame++) {
      const own = [...samples.subarray(20 * frame, 20 * frame + 20)];
      const mean = (f: (x: number) => number) => own.reduce((sum, x) => sum + f(x), 0) / 20;
      const before = (i: number) => (i === 0 ? (frame === 0 ? 0 : samples[20 * frame - 1]) : own[i - 1]);
      const crossings = own.filter((x, i) => x * before(i) < 0).length / 20;
      expect(frameOf(frames, frame, FrameField.total)).to.be.closeTo(
        mean((x) => x ** 2),
        1e-12,
      );
      expect(frameOf(frames, frame, FrameField.fourth)).to.be.closeTo(
        mean((x) => x ** 4),
        1e-12,
      );
      expect(frameOf(frames, frame, FrameField.peak)).to.equal(Math.max(...own.map(Math.abs)));
      expect(frameOf(frames, frame, FrameField.crossings)).to.be.closeTo(crossings, 1e-12);
    }
  });

  it('gives the bits of its plain twin', () => {
    for (const [rate, seconds] of [
      [1000, 21.3],
      [2000, 1.01],
    ]) {
      const samples = signalOf(seconds, rate, noiseFrom(rate).normal);
      const frames = new EnvelopeBank({ modelRateHz: rate }).execute(samples);
      expect([...frames]).to.deep.equal([...plainEnvelopes(samples, rate)]);
    }
  });

  it('gives the same frames for any chunking, empty chunks included, and after a reset', () => {
    const samples = signalOf(2.013, 1000, noiseFrom(4).normal);
    const expected = new EnvelopeBank({ modelRateHz: 1000 }).execute(samples).slice();
    const bank = new EnvelopeBank({ modelRateHz: 1000 });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 9 }), (sizes) => {
        bank.reset();
        const frames: number[] = [];
        for (let at = 0, i = 0; at < samples.length; i++) {
          const size = sizes[i % sizes.length] + (i % sizes.length === 0 ? 1 : 0);
          frames.push(...bank.execute(samples.subarray(at, at + size)));
          at += size;
        }
        expect(frames).to.deep.equal([...expected]);
      }),
    );
  });

  it('refuses rates without whole frames or room for its bands', () => {
    for (const modelRateHz of [500, 799, 1010, 1000.5, NaN]) {
      expect(() => new EnvelopeBank({ modelRateHz }), String(modelRateHz)).to.throw(
        ConfigurationError,
        /multiple of 50/,
      );
    }
  });
});
