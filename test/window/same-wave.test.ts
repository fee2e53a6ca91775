import { expect } from 'chai';
import fc from 'fast-check';
import { KeptStretch } from '../../src/window/kept-stretch.js';
import { sameWave } from '../../src/window/same-wave.js';
import { noiseFrom } from './synthetic-signals.js';

const NO_FRAMES = new Float64Array(0);

function sameWaveOf(x: Float64Array, lag: number, modelRateHz: number): number {
  const kept = new KeptStretch({ modelRateHz });
  kept.push(x, NO_FRAMES);
  return sameWave(kept, lag);
}

/** The readable twin: each lag for itself. */
function plainSameWave(x: Float64Array, lag: number, rateHz: number): number {
  const reach = Math.round(0.008 * rateHz);
  if (lag === 0 || x.length - lag - reach < 0.8 * rateHz) return 0;
  let best = 0;
  for (let late = lag - reach; late <= lag + reach; late += 2) {
    let [both, squares, lateSquares] = [0, 1e-20, 1e-20];
    for (let n = late; n < x.length; n += 2) {
      both += x[n] * x[n - late];
      squares += x[n] * x[n];
      lateSquares += x[n - late] * x[n - late];
    }
    best = Math.max(best, both / Math.sqrt(squares * lateSquares));
  }
  return best;
}

describe('sameWave', () => {
  it('is what its readable twin gives, for any signal, lag and rate', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99 }),
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 30, max: 900 }),
        fc.constantFrom(820, 1000, 1900),
        (seed, length, lag, rateHz) => {
          const { normal } = noiseFrom(seed);
          const x = Float64Array.from({ length }, (_, n) => normal() + 2 * Math.sin(n / seed));
          expect(sameWaveOf(x, lag, rateHz)).to.be.closeTo(plainSameWave(x, lag, rateHz), 1e-12);
        },
      ),
    );
  });

  it('looks back 8 s and no further, for any chunking, beside another, and after reset', () => {
    const [rateHz, lag] = [1000, 700];
    const { normal } = noiseFrom(7);
    const x = Float64Array.from({ length: 28_000 }, () => normal());
    const expected = sameWaveOf(x.slice(-8 * rateHz), lag, rateHz);
    expect(expected).to.be.above(0);
    const other = new KeptStretch({ modelRateHz: rateHz });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 9 }), (lengths) => {
        const wave = new KeptStretch({ modelRateHz: rateHz });
        wave.push(x.subarray(0, lengths[0]), NO_FRAMES);
        wave.reset();
        for (let at = 0, i = 0; at < x.length; at += lengths[i++ % lengths.length]) {
          wave.push(x.subarray(at, at + lengths[i % lengths.length]), NO_FRAMES);
          other.push(x.subarray(0, 99), NO_FRAMES);
        }
        expect(sameWave(wave, lag)).to.equal(expected);
      }),
    );
  });

  it('is 1 for a wave that repeats, and nothing without a beat or in silence', () => {
    const wave = Float64Array.from(
      { length: 4000 },
      (_, n) => Math.sin(n % 700) + Math.cos(((n % 700) / 9) ** 2),
    );
    expect(sameWaveOf(wave, 698, 1000)).to.be.closeTo(1, 1e-12);
    expect(sameWaveOf(wave, 650, 1000)).to.be.below(0.5);
    expect(sameWaveOf(wave, 0, 1000)).to.equal(0);
    expect(sameWaveOf(new Float64Array(4000), 700, 1000)).to.equal(0);
  });
});
