import { expect } from 'chai';
import { from, lastValueFrom } from 'rxjs';
import type { SampleChunk } from '../../src/decode/samples.js';
import { loadRecording } from '../../src/present/load-recording.js';
import { Screener } from '../../src/screen/screener.js';
import type { RecordingOutcome } from '../../src/verdict/aggregate-verdict.js';

const SECONDS = 15;

/** Uniform in [-1, 1), the same on every machine. */
function noise(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Signals that are no heart, as functions of the sample's index. */
const poor: Record<string, (rateHz: number) => (i: number) => number> = {
  silence: () => () => 0,
  'dither of one bit': () => {
    const next = noise(1);
    return () => Math.round(next() * 0.75) / 32768;
  },
  'a flat line': () => () => 0.3,
  'white noise': () => noise(2),
  'pink noise': () => {
    const next = noise(3);
    const rows = Array.from({ length: 8 }, next);
    // Voss–McCartney.
    return (i) => {
      for (let row = 0; row < rows.length; row++) if (i % 2 ** row === 0) rows[row] = next();
      return rows.reduce((sum, value) => sum + value, 0) / rows.length;
    };
  },
  'a tone of 100 Hz': (rateHz) => (i) => Math.sin((2 * Math.PI * 100 * i) / rateHz),
  'hum of 50 Hz with harmonics': (rateHz) => (i) => {
    const phase = (2 * Math.PI * 50 * i) / rateHz;
    return 0.6 * Math.sin(phase) + 0.3 * Math.sin(3 * phase) + 0.1 * Math.sin(5 * phase);
  },
  'a square wave at full scale': (rateHz) => (i) =>
    (Math.floor((i * 80) / rateHz) % 2 === 0 ? 1 : -1) * 0.99999,
};

describe('a poor signal never gets a class', function () {
  let screener: Screener;
  before(async () => (screener = await Screener.open('models/heart-sound.json', 1)));
  after(() => screener.close());

  const screen = async (samples: Float64Array, sampleRateHz: number): Promise<RecordingOutcome> => {
    const chunks: SampleChunk[] = [];
    for (let at = 0; at < samples.length; at += sampleRateHz) {
      chunks.push({ kind: 'samples', firstSample: at, samples: samples.slice(at, at + sampleRateHz) });
    }
    const judged = await lastValueFrom(
      from(chunks).pipe(screener.screen({ sampleRateHz, bitsPerSample: 16 }, { capacity: Infinity })),
    );
    return judged as RecordingOutcome;
  };

  for (const [what, make] of Object.entries(poor)) {
    for (const rateHz of [1000, 2000, 4000, 44_100]) {
      it(`${what} at ${rateHz} Hz, at any gain`, async () => {
        for (const gain of what === 'dither of one bit' ? [1] : [1, 0.1, 0.003]) {
          const signal = make(rateHz);
          const samples = Float64Array.from({ length: SECONDS * rateHz }, (_, i) => {
            return Math.round(signal(i) * gain * 32767) / 32768;
          });
          const outcome = await screen(samples, rateHz);
          expect(outcome.verdict, `gain ${gain}`).to.equal('inconclusive');
          expect(outcome.reasons.length).to.be.above(0);
        }
      });
    }
  }

  it('a clipped heart sound', async () => {
    const { samples, sampleRateHz } = await loadRecording('test/recordings/e00089.wav');
    const loudest = samples.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
    const clipped = samples.map((x) => Math.max(-1, Math.min(1 - 2 ** -15, (x / loudest) * 30)));
    const outcome = await screen(clipped, sampleRateHz);
    expect(outcome.verdict).to.equal('inconclusive');
    expect(outcome.reasons).to.include('clipped');
  });

  it('one that is too short', async () => {
    const { samples, sampleRateHz } = await loadRecording('test/recordings/e00089.wav');
    const outcome = await screen(samples.slice(0, 4 * sampleRateHz), sampleRateHz);
    expect(outcome).to.deep.include({ verdict: 'inconclusive', reasons: ['too-short'] });
    expect(outcome.probability).to.be.a('number');
  });

  it('while a quiet heart sound is heard all the same', async () => {
    const { samples, sampleRateHz } = await loadRecording('test/recordings/e00089.wav');
    const quiet = samples.map((x) => Math.round(x * 0.02 * 32768) / 32768);
    expect((await screen(quiet, sampleRateHz)).verdict).to.equal('normal');
  });
});
