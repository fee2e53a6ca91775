import { expect } from 'chai';
import fc from 'fast-check';
import { EnvelopeBank } from '../../src/heart/envelope-bank.js';
import { KeptStretch } from '../../src/window/kept-stretch.js';
import { mainsHum } from '../../src/window/mains-hum.js';
import { PlainMainsHum } from '../support/plain-mains-hum.js';
import {
  MODEL_RATE_HZ,
  condition,
  heartSounds,
  judge,
  noiseFrom,
  signalOf,
  toSixteenBits,
} from './synthetic-signals.js';

const SECONDS = 12;

/** A stretch with the frames of its samples. */
class Kept extends KeptStretch {
  private readonly bank = new EnvelopeBank({ modelRateHz: MODEL_RATE_HZ });

  constructor() {
    super({ modelRateHz: MODEL_RATE_HZ });
  }

  hear(samples: Float64Array): this {
    this.push(samples, this.bank.execute(samples));
    return this;
  }

  override reset(): void {
    super.reset();
    this.bank.reset();
  }
}

const keptOf = (samples: Float64Array): Kept => new Kept().hear(samples);
const humOf = (samples: Float64Array) => mainsHum(keptOf(samples));

/** Mains as they are: off by a tenth, drifting by another in 10 s, with odd harmonics. */
function mains(hertz: number, level: number, seconds = SECONDS, rateHz = MODEL_RATE_HZ): Float64Array {
  let phase = 0.3;
  return signalOf(seconds, rateHz, (t) => {
    phase += (2 * Math.PI * (hertz + 0.1 + 0.1 * Math.sin(0.6 * t))) / rateHz;
    return level * (Math.sin(phase) + 0.4 * Math.sin(3 * phase + 1) + 0.2 * Math.sin(5 * phase + 2));
  });
}

describe('mainsHum', () => {
  for (const hertz of [50, 60]) {
    it(`finds ${hertz} Hz that drift, alone and, at least by its harmonics, under a heart five times as loud`, () => {
      const heart = heartSounds({
        bpm: 70,
        seconds: SECONDS,
        rateHz: MODEL_RATE_HZ,
        level: 0.25,
        noise: 0.005,
      });
      const hum = mains(hertz, 0.05);
      const found = humOf(heart.map((x, n) => x + hum[n]));
      expect(found?.hertz).to.equal(hertz);
      const power = hum.reduce((sum, x) => sum + x * x, 0) / hum.length;
      expect(found!.power / power).to.be.within(0.1, 1.3);
      const alone = humOf(hum);
      expect(alone?.hertz).to.equal(hertz);
      expect(alone!.power / power).to.be.within(0.9, 1.1);
    });
  }

  it('finds none in hearts, noise, voices and tones beside the mains', () => {
    const { normal } = noiseFrom(5);
    const signals = {
      heart: heartSounds({ bpm: 75, seconds: SECONDS, rateHz: MODEL_RATE_HZ, noise: 0.02 }),
      noise: signalOf(SECONDS, MODEL_RATE_HZ, () => 0.1 * normal()),
      'a tone of 48 Hz': signalOf(SECONDS, MODEL_RATE_HZ, (t) => Math.sin(2 * Math.PI * 48 * t)),
      'a tone of 52 Hz': signalOf(SECONDS, MODEL_RATE_HZ, (t) => Math.sin(2 * Math.PI * 52 * t)),
      'a voice about 100 Hz': signalOf(SECONDS, MODEL_RATE_HZ, (t) =>
        Math.sin(2 * Math.PI * 100 * t + 6 * Math.sin(2 * Math.PI * 0.7 * t)),
      ),
      silence: new Float64Array(SECONDS * MODEL_RATE_HZ),
    };
    for (const [what, signal] of Object.entries(signals)) expect(humOf(signal), what).to.equal(null);
  });

  it('never misses a power that is looked for, and says nothing more than what is there', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(50, 60),
        fc.integer(),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        fc.double({ min: 0, max: 0.1, noNaN: true }),
        (hertz, seed, level, noise) => {
          const { normal } = noiseFrom(seed);
          const kept = keptOf(mains(hertz, level).map((x) => x + noise * normal()));
          const found = mainsHum(kept);
          for (const share of [0, 0.01, 0.5, 0.999, 1, 1.001, 2, 100]) {
            const least = share * (found?.power ?? 1e-3);
            if (share <= 1) expect(mainsHum(kept, least)).to.deep.equal(found);
            else expect([null, found?.power]).to.include(mainsHum(kept, least)?.power ?? null);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('needs a moment, and forgets on reset', () => {
    const kept = keptOf(mains(50, 0.1, 1));
    expect(mainsHum(kept)).to.equal(null);
    kept.hear(mains(50, 0.1, 2));
    expect(mainsHum(kept)?.hertz).to.equal(50);
    kept.reset();
    expect(mainsHum(kept)).to.equal(null);
  });

  it('gives the same for any chunking, and after reset', () => {
    const signal = mains(60, 0.2, 5);
    const whole = humOf(signal);
    const used = keptOf(mains(50, 0.7, 3.1));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 20 }), (lengths) => {
        used.reset();
        for (let at = 0, i = 0; at < signal.length; i++) {
          const end = at + lengths[i % lengths.length];
          used.hear(signal.subarray(at, end));
          at = end;
        }
        expect(mainsHum(used)).to.deep.equal(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('is what its readable twin finds, for hum of any strength in any noise, and whatever came before', () => {
    const used = keptOf(mains(60, 1, 4));
    fc.assert(
      fc.property(
        fc.constantFrom(50, 60),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0.5, max: 13, noNaN: true }),
        (hertz, level, seed, seconds) => {
          const { normal } = noiseFrom(seed);
          const signal = mains(hertz, level, seconds).map((x) => x + 0.3 * normal());
          used.reset();
          used.hear(signal);
          const twin = new PlainMainsHum(MODEL_RATE_HZ);
          twin.execute(signal);
          const [ours, expected] = [mainsHum(used), twin.hum()];
          expect(ours?.hertz).to.equal(expected?.hertz);
          if (expected !== null) expect(ours!.power / expected.power).to.be.closeTo(1, 1e-9);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is the reason where windows are only poor because of it, and a warning where they are not', () => {
    const rateHz = 2000;
    const heart = heartSounds({ bpm: 70, seconds: 15, rateHz, level: 0.2, noise: 0.005 });
    const clean = judge(toSixteenBits(heart), rateHz);
    expect(clean.every(({ usable, reasons }) => usable && reasons.length === 0)).to.equal(true);
    for (const hertz of [50, 60]) {
      const loud = mains(hertz, 0.4, 15, rateHz);
      const drowned = judge(toSixteenBits(heart.map((x, n) => x + loud[n])), rateHz);
      for (const { usable, reasons } of drowned.slice(1)) {
        expect(usable).to.equal(false);
        expect(reasons[0]).to.equal('mains-hum');
      }
    }
    const some = mains(50, 0.05, 15, rateHz);
    const disturbed = judge(toSixteenBits(heart.map((x, n) => x + some[n])), rateHz);
    expect(disturbed.slice(1).every(({ reasons }) => reasons.includes('mains-hum'))).to.equal(true);
    expect(disturbed.filter(({ usable }) => usable)).to.not.be.empty;
  });

  it('is not found in what conditioning makes of an offset', () => {
    const step = signalOf(SECONDS, 4000, (t) => (t < 5 ? 0.2 : 0.6));
    expect(humOf(condition(step, 4000))).to.equal(null);
  });
});
