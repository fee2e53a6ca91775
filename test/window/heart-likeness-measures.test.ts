import { expect } from 'chai';
import fc from 'fast-check';
import { SignalKernel } from '../../src/compute/signal-kernel.js';
import { EnvelopeBank } from '../../src/heart/envelope-bank.js';
import { HeartRate } from '../../src/heart/heart-rate.js';
import { HeartSounds, type HeartSound } from '../../src/heart/heart-sounds.js';
import { HeartLikenessMeasures, LIKENESS_MEASURES } from '../../src/window/heart-likeness-measures.js';
import { KeptStretch } from '../../src/window/kept-stretch.js';
import { readSignalQualityModel } from '../../src/window/signal-quality-model.js';
import { plainSoundMeasures } from '../support/plain-heart-likeness.js';
import { MODEL_RATE_HZ, heartSounds, noiseFrom } from './synthetic-signals.js';

describe('HeartLikenessMeasures', () => {
  const { heartSounds: network, heartRate } = readSignalQualityModel();
  const rate = new HeartRate(heartRate);
  const detector = new HeartSounds({ modelRateHz: MODEL_RATE_HZ, network, heartRate, rate });
  const kept = new KeptStretch({ modelRateHz: MODEL_RATE_HZ });
  const used = new HeartLikenessMeasures(kept);

  it('says of heart sounds what its readable twin does, in any noise, any chunking, after any history', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 30 }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        fc.array(fc.integer({ min: 1, max: 12_000 }), { minLength: 1, maxLength: 8 }),
        (seed, seconds, noise, lengths) => {
          const { normal } = noiseFrom(seed);
          const bpm = 50 + seed;
          const heart = heartSounds({ bpm, seconds, rateHz: MODEL_RATE_HZ, level: 0.2, noise: 0.001 });
          const samples = heart.map((x) => x + noise * normal());
          const frames = new EnvelopeBank({ modelRateHz: MODEL_RATE_HZ }).execute(samples);
          for (const each of [detector, kept, used]) each.reset();
          const bank = new EnvelopeBank({ modelRateHz: MODEL_RATE_HZ });
          const sounds: HeartSound[] = [];
          for (let at = 0, i = 0; at < samples.length; at += lengths[i++ % lengths.length]) {
            const chunk = samples.subarray(at, at + lengths[i % lengths.length]);
            const frames = bank.execute(chunk);
            kept.push(chunk, frames);
            const settled = detector.executeFrames(frames);
            used.push(settled);
            sounds.push(...settled);
          }
          const beat = rate.beat();
          const at = used.execute(beat, rate.correlations.mean);
          const found = SignalKernel.get().float64s(at, LIKENESS_MEASURES.length);
          const expected = plainSoundMeasures(frames, sounds, beat === null ? 0 : 60 / beat.bpm);
          expected.forEach((value, i) => expect(found[i], LIKENESS_MEASURES[i]).to.be.closeTo(value, 1e-9));
        },
      ),
      { numRuns: 60 },
    );
  });
});
