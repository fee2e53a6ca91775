import { expect } from 'chai';
import fc from 'fast-check';
import { readWav } from '../../src/decode/file/wav-file.js';
import { EnvelopeBank, FRAME_LENGTH, FRAME_RATE_HZ, FrameField } from '../../src/heart/envelope-bank.js';
import { HeartRate, type HeartRateEstimate } from '../../src/heart/heart-rate.js';
import { RecordingHeartRate } from '../../src/heart/heart-rate-of-recording.js';
import { condition, heartSounds, judge, MODEL, noiseFrom, signalOf } from '../window/synthetic-signals.js';

function rateOf(
  samples: Float64Array,
  rateHz: number,
  rate = new HeartRate(MODEL.heartRate),
): HeartRateEstimate | null {
  rate.push(new EnvelopeBank({ modelRateHz: 1000 }).execute(condition(samples, rateHz)));
  return rate.estimate();
}

/** Clicks of a known rate: one sound a beat. */
function clicks(bpm: number, seconds: number, rateHz: number, noise: number): Float64Array {
  const { normal } = noiseFrom(bpm);
  return signalOf(seconds, rateHz, (t) => {
    const since = (t + 0.1) % (60 / bpm);
    return (
      noise * normal() +
      (since < 0.06 ? Math.sin((Math.PI * since) / 0.06) * Math.sin(2 * Math.PI * 70 * since) : 0)
    );
  });
}

describe('HeartRate', () => {
  for (const bpm of [30, 37, 45, 60, 72, 88, 101, 120, 143, 170, 200, 220]) {
    it(`counts clicks at ${bpm} a minute, clean and in noise`, () => {
      for (const noise of [0.001, 0.1]) {
        const estimate = rateOf(clicks(bpm, 9, 2000, noise), 2000);
        expect(estimate, `noise ${noise}`).to.not.equal(null);
        expect(estimate!.bpm, `noise ${noise}`).to.be.closeTo(bpm, Math.max(0.5, 0.01 * bpm));
      }
    });
  }

  for (const bpm of [40, 55, 75, 100, 130]) {
    it(`takes S1 and S2 of a heart at ${bpm} a minute for one beat`, () => {
      for (const rateHz of [1000, 4000, 44100]) {
        const estimate = rateOf(heartSounds({ bpm, seconds: 10, rateHz, noise: 0.1 }), rateHz);
        expect(estimate!.bpm).to.be.closeTo(bpm, 1);
        expect(estimate!.confidence).to.be.above(0.9);
      }
    });
  }

  it('does not measure the beat by multiples of it that hardly repeat', () => {
    // Pairs of beats 24 frames of 20 ms apart, and pauses that differ; once in three a pause is 25 frames, so that
    // something repeats at 49 as well, half as much as at 24.
    const pauses = [25, 44, 51];
    const frames = new Float64Array(420 * FRAME_LENGTH);
    const envelope = new Float64Array(420).fill(0.1);
    for (let at = 4, beat = 0; at < 416; beat++) {
      [0.5, 1, 0.5].forEach((height, i) => (envelope[at - 1 + i] += height));
      at += beat % 2 === 0 ? 24 : pauses[(beat >> 1) % pauses.length];
    }
    envelope.forEach((height, row) => {
      for (const field of [FrameField.low, FrameField.mid, FrameField.high]) {
        frames[row * FRAME_LENGTH + field] = height ** 4;
      }
    });
    const rate = new HeartRate(MODEL.heartRate);
    rate.push(frames);
    const beat = rate.beat()!;
    const { mean } = rate.correlations;
    expect(mean[49] / mean[24]).to.be.within(0.4, 0.6);
    expect(beat.bpm).to.be.closeTo((60 * FRAME_RATE_HZ) / 24, 1.5);
  });

  it('is unsure of noise, silence and a tone', () => {
    const { normal } = noiseFrom(4);
    expect(rateOf(signalOf(9, 2000, normal), 2000)).to.equal(null);
    expect(
      rateOf(
        signalOf(9, 2000, () => 0.3),
        2000,
      ),
    ).to.equal(null);
    expect(
      rateOf(
        signalOf(9, 2000, (t) => Math.sin(2 * Math.PI * 90 * t)),
        2000,
      ),
    ).to.equal(null);
  });

  it('has no estimate before it heard two beats, and never looks further back than 8 s', () => {
    expect(new HeartRate(MODEL.heartRate).estimate()).to.equal(null);
    expect(rateOf(heartSounds({ bpm: 60, seconds: 0.7, rateHz: 2000 }), 2000)).to.equal(null);
    const changing = new Float64Array(20 * 2000);
    changing.set(heartSounds({ bpm: 60, seconds: 10, rateHz: 2000 }));
    changing.set(heartSounds({ bpm: 110, seconds: 10, rateHz: 2000 }), 10 * 2000);
    expect(rateOf(changing, 2000)!.bpm).to.be.closeTo(110, 1);
  });

  it('gives the same for any chunking, and after a reset', () => {
    const frames = new EnvelopeBank({ modelRateHz: 1000 }).execute(
      condition(heartSounds({ bpm: 93, seconds: 9, rateHz: 2000, noise: 0.3 }), 2000),
    );
    const whole = new HeartRate(MODEL.heartRate);
    whole.push(frames);
    const expected = whole.estimate();
    const rate = new HeartRate(MODEL.heartRate);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 99 }), { minLength: 1, maxLength: 5 }), (sizes) => {
        rate.reset();
        for (let at = 0, i = 0; at < frames.length; i++) {
          const length = 7 * sizes[i % sizes.length];
          rate.push(frames.subarray(at, at + length));
          at += length;
        }
        expect(rate.estimate()).to.deep.equal(expected);
      }),
      { numRuns: 30 },
    );
  });

  // The hand-corrected states of the data set give these rates, as the median of their beats.
  for (const [record, bpm] of Object.entries({
    a0050: 69.8,
    b0416: 88.2,
    c0001: 111.1,
    c0016: 76.9,
    d0007: 92.3,
    e00089: 88.2,
    e00647: 58.8,
    f0107: 81.1,
  })) {
    it(`finds the rate of ${record} to within 5 beats a minute`, async () => {
      const { samples, sampleRateHz } = await readWav(`test/recordings/${record}.wav`);
      const recording = new RecordingHeartRate();
      for (const window of judge(samples, sampleRateHz)) recording.push(window.heartRate);
      expect(recording.estimate()!.bpm).to.be.closeTo(bpm, 5);
    });
  }
});

describe('RecordingHeartRate', () => {
  it("is the confident windows' rate, however many doubtful ones differ", () => {
    const recording = new RecordingHeartRate();
    for (let i = 0; i < 10; i++) recording.push({ bpm: 71 + 0.1 * i, confidence: 0.99 });
    for (let i = 0; i < 12; i++) recording.push({ bpm: 142, confidence: 0.71 });
    for (let i = 0; i < 30; i++) recording.push(null);
    expect(recording.estimate()!.bpm).to.be.closeTo(71.5, 1);
    expect(recording.estimate()!.confidence).to.be.closeTo(9.9 / 22, 1e-9);
  });

  it('has no answer without windows, or where they disagree', () => {
    const recording = new RecordingHeartRate();
    expect(recording.estimate()).to.equal(null);
    recording.push(null);
    expect(recording.estimate()).to.equal(null);
    for (let bpm = 40; bpm < 200; bpm += 20) recording.push({ bpm, confidence: 0.8 });
    expect(recording.estimate()).to.equal(null);
    recording.reset();
    recording.push({ bpm: 60, confidence: 0.8 });
    expect(recording.estimate()).to.deep.equal({ bpm: 60, confidence: 0.8 });
  });

  it('takes the ends of the range', () => {
    for (const bpm of [30, 220]) {
      const recording = new RecordingHeartRate();
      recording.push({ bpm, confidence: 1 });
      expect(recording.estimate()).to.deep.equal({ bpm, confidence: 1 });
    }
  });
});
