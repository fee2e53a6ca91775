import { expect } from 'chai';
import fc from 'fast-check';
import { SignalKernel } from '../../src/compute/signal-kernel.js';
import { EnvelopeBank, FRAME_LENGTH } from '../../src/heart/envelope-bank.js';
import { HeartRate, type Beat } from '../../src/heart/heart-rate.js';
import { KeptStretch } from '../../src/window/kept-stretch.js';
import { QUALITY_MEASURES, QualityMeasures } from '../../src/window/signal-quality-measures.js';
import { PlainQualityMeasures } from '../support/plain-quality-measures.js';
import { condition, heartSounds, MODEL, noiseFrom, signalOf } from './synthetic-signals.js';

const NO_SAMPLES = new Float64Array(0);

/** Measures of the windows of a stretch of frames. */
class Measured {
  readonly measures: QualityMeasures;
  private readonly kept: KeptStretch;

  constructor(windowFrames: number) {
    this.kept = new KeptStretch({ modelRateHz: 1000, windowFrames });
    this.measures = new QualityMeasures(this.kept, windowFrames);
  }

  push(frames: Float64Array): void {
    this.kept.push(NO_SAMPLES, frames);
  }

  execute(beat: Beat | null, correlations: HeartRate['correlations']): number[] {
    this.measures.measureFrames();
    const at = this.measures.execute(beat, correlations);
    return [...SignalKernel.get().float64s(at, QUALITY_MEASURES.length)];
  }

  reset(): void {
    this.kept.reset();
  }
}

/** Measures of the last 3 s of a signal at 2,000 Hz, by name. */
function measuresOf(samples: Float64Array): Record<(typeof QUALITY_MEASURES)[number], number> {
  const frames = new EnvelopeBank({ modelRateHz: 1000 }).execute(condition(samples, 2000));
  const rate = new HeartRate(MODEL.heartRate);
  const measures = new Measured(150);
  rate.push(frames);
  measures.push(frames);
  const values = measures.execute(rate.beat(), rate.correlations);
  return Object.fromEntries(QUALITY_MEASURES.map((name, i) => [name, values[i]])) as ReturnType<
    typeof measuresOf
  >;
}

const heart = heartSounds({ bpm: 70, seconds: 12, rateHz: 2000, noise: 0.02 });
const noise = signalOf(12, 2000, noiseFrom(8).normal);

describe('QualityMeasures', () => {
  it('are what their readable twin finds, to the bit, for any chunking and any window', () => {
    const signals = [heart, noise].map((signal) =>
      new EnvelopeBank({ modelRateHz: 1000 }).execute(condition(signal, 2000)).slice(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...signals),
        fc.integer({ min: 50, max: 500 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 4 }),
        (frames, windowFrames, lengths) => {
          const rate = new HeartRate(MODEL.heartRate);
          const measures = new Measured(windowFrames);
          const twin = new PlainQualityMeasures(windowFrames);
          const step = FRAME_LENGTH;
          for (let at = 0, i = 0; at < frames.length; at += lengths[i++ % lengths.length] * step) {
            const chunk = frames.subarray(at, at + lengths[i % lengths.length] * step);
            for (const each of [rate, measures, twin]) each.push(chunk);
          }
          const found = measures.execute(rate.beat(), rate.correlations);
          expect(found).to.deep.equal([...twin.execute(rate.beat(), rate.correlations)]);
          const mean = measures.measures.meanPower();
          const median = measures.measures.medianPower();
          expect({ mean, median }).to.deep.equal(twin.powers());
          expect(measures.measures.loudLevel()).to.equal(twin.loudLevel());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('finds the kurtosis of Gaussian noise to be 3', () => {
    expect(10 ** measuresOf(noise).kurtosis).to.be.closeTo(3, 0.3);
  });

  it('finds the kurtosis of a sine to be 1.5 and its level steady', () => {
    const { kurtosis, unsteadiness, contrast } = measuresOf(
      signalOf(12, 2000, (t) => Math.sin(2 * Math.PI * 100 * t)),
    );
    expect(10 ** kurtosis).to.be.closeTo(1.5, 0.01);
    expect(unsteadiness).to.be.below(0.01);
    expect(contrast).to.be.below(0.05);
  });

  it('finds rhythm, contrast and agreement in a heart and not in noise', () => {
    const [h, n] = [measuresOf(heart), measuresOf(noise)];
    for (const name of [
      'rhythm',
      'rhythmLow',
      'echo',
      'prominence',
      'bandsTogether',
      'kurtosis',
      'contrast',
    ] as const) {
      expect(h[name], name).to.be.above(n[name] + 0.1);
    }
    expect(h.rateDisagreement).to.be.below(0.05);
    expect(h.bandRatio).to.be.below(n.bandRatio);
  });

  it('finds a level that jumps unsteady', () => {
    const jumping = signalOf(12, 2000, noiseFrom(9).normal).map((x, n) => (n % 8000 < 4000 ? x : 0.01 * x));
    expect(measuresOf(jumping).unsteadiness).to.be.above(1);
  });

  it('gives finite numbers for nothing at all', () => {
    for (const value of Object.values(measuresOf(new Float64Array(6000))))
      expect(value).to.satisfy(Number.isFinite);
  });

  it('does not change with the gain, whatever came long before, and starts anew on reset', () => {
    const quiet = measuresOf(heart.map((x) => 1e-4 * x));
    for (const [name, value] of Object.entries(measuresOf(heart))) {
      expect(quiet[name as 'echo'], name).to.be.closeTo(value, 1e-9);
    }
    const frames = new EnvelopeBank({ modelRateHz: 1000 }).execute(condition(heart, 2000));
    const beat = null;
    const correlations = new HeartRate(MODEL.heartRate).correlations;
    const fresh = new Measured(150);
    fresh.push(frames);
    const used = new Measured(150);
    for (let i = 0; i < 7; i++) used.push(frames);
    expect(used.execute(beat, correlations)).to.deep.equal(fresh.execute(beat, correlations));
    used.reset();
    used.push(frames);
    expect(used.execute(beat, correlations)).to.deep.equal(fresh.execute(beat, correlations));
  });
});
