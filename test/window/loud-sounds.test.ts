import { expect } from 'chai';
import fc from 'fast-check';
import { SignalKernel } from '../../src/compute/signal-kernel.js';
import { EnvelopeBank } from '../../src/heart/envelope-bank.js';
import { KeptStretch } from '../../src/window/kept-stretch.js';
import { LOUD_SOUND_MEASURES, measureLoudSounds } from '../../src/window/loud-sounds.js';
import { plainLoudSounds } from '../support/plain-loud-sounds.js';
import { MODEL_RATE_HZ, heartSounds, noiseFrom } from './synthetic-signals.js';

function signal(seed: number, seconds: number, noise: number): Float64Array {
  const { normal } = noiseFrom(seed);
  const heart = heartSounds({ bpm: 50 + seed, seconds, rateHz: MODEL_RATE_HZ, level: 0.2, noise: 0.001 });
  return heart.map((x) => x + noise * normal());
}

function measured(kept: KeptStretch): number[] {
  const kernel = SignalKernel.get();
  const output = kernel.output.room(8 * LOUD_SOUND_MEASURES.length);
  measureLoudSounds(kept, output);
  return [...kernel.float64s(output, LOUD_SOUND_MEASURES.length)];
}

describe('measureLoudSounds', () => {
  it('is what its readable twin finds, in any noise, any chunking, after any history', () => {
    const used = new KeptStretch({ modelRateHz: MODEL_RATE_HZ });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        fc.integer({ min: 1, max: 13 }),
        fc.double({ min: 0, max: 0.2, noNaN: true }),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 }),
        (seed, seconds, noise, lengths) => {
          const samples = signal(seed, seconds, noise);
          const frames = new EnvelopeBank({ modelRateHz: MODEL_RATE_HZ }).execute(samples).slice();
          used.reset();
          const bank = new EnvelopeBank({ modelRateHz: MODEL_RATE_HZ });
          for (let at = 0, i = 0; at < samples.length; at += lengths[i++ % lengths.length]) {
            const chunk = samples.subarray(at, at + lengths[i % lengths.length]);
            used.push(chunk, bank.execute(chunk));
          }
          const expected = plainLoudSounds(samples, frames, MODEL_RATE_HZ);
          measured(used).forEach((value, i) => {
            const name = LOUD_SOUND_MEASURES[i];
            expect(value, name).to.be.closeTo(expected[name], 1e-9);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('finds nothing in nothing', () => {
    const skewOfNone = 1;
    expect(measured(new KeptStretch({ modelRateHz: MODEL_RATE_HZ }))).to.deep.equal([
      0,
      skewOfNone,
      0,
      0,
      0,
      0,
      0,
    ]);
  });
});
