import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { from, lastValueFrom, toArray } from 'rxjs';
import type { Conditioned } from '../../src/condition/conditioned.js';
import { slideWindows } from '../../src/window/slide-windows.js';
import type { QualityJudge } from '../../src/window/window-assembler.js';
import type { HeartSoundWindow } from '../../src/window/window.js';
import { itIsAnOperator } from '../support/operator-cases.js';
import type { LogFilterBankParameters } from '../../src/window/log-filter-bank.js';

const { parameters } = JSON.parse(readFileSync('test/golden/front-end.json', 'utf8')) as {
  parameters: LogFilterBankParameters;
};

/** Says what it was given: that is what chunking could spoil. */
class CountingJudge implements QualityJudge {
  private raw = 0;
  private conditioned = 0;

  executeRaw(samples: Float64Array): void {
    this.raw += samples.length;
  }

  executeConditioned(samples: Float64Array): void {
    this.conditioned += samples.length;
  }

  window() {
    // In one number, so that a sample more or less of either shows.
    return { sqi: this.raw + this.conditioned / 1e6, usable: true, reasons: [], heartRate: null };
  }

  reset(): void {
    this.raw = this.conditioned = 0;
  }
}

const options = {
  sourceRateHz: 2000,
  modelRateHz: 1000,
  windowSamples: 3000,
  hopSamples: 1000,
  features: parameters,
  quality: () => new CountingJudge(),
};

const ramp = (length: number) => Float64Array.from({ length }, (_, i) => Math.sin(i * i));

/** A stretch of `length` model-rate samples that starts at `stretchStart`, in chunks of the given sizes. */
function stretch(length: number, sizes: number[], stretchStart = 0): Conditioned[] {
  const chunks: Conditioned[] = [];
  const samples = ramp(length);
  for (let at = 0, i = 0; at < length; i++) {
    const size = Math.min(Math.max(1, sizes[i % sizes.length]), length - at);
    chunks.push({
      kind: 'conditioned',
      stretchStart,
      firstSample: at,
      samples: samples.slice(at, at + size),
      raw: {
        kind: 'samples',
        firstSample: stretchStart + 2 * at,
        samples: new Float64Array(2 * size),
      },
    });
    at += size;
  }
  return chunks;
}

const slide = (input: Conditioned[]) => lastValueFrom(from(input).pipe(slideWindows(options), toArray()));
const isWindow = (value: { kind: string }): value is HeartSoundWindow => value.kind === 'window';

describe('slideWindows', () => {
  itIsAnOperator(() => slideWindows(options), stretch(4000, [500]));

  it('hands out a window with its last sample, then one every hop', async () => {
    const windows = (await slide(stretch(5999, [100]))).filter(isWindow);
    expect(windows.map((w) => [w.index, w.startSeconds, w.endSeconds])).to.deep.equal([
      [0, 0, 3],
      [1, 1, 4],
      [2, 2, 5],
    ]);
  });

  it('gives equal windows for any chunking', async () => {
    const whole = await slide(stretch(6500, [6500]));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3500 }), { minLength: 1, maxLength: 6 }),
        async (sizes) => {
          expect(await slide(stretch(6500, sizes))).to.deep.equal(whole);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('never lets a window span a gap, and goes on counting windows and time after it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 7000 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 5000 }),
        async (lengths, lost) => {
          const input: Conditioned[] = [];
          const stretches: { start: number; end: number }[] = [];
          let at = 0;
          for (const length of lengths) {
            input.push(...stretch(length, [777], at));
            stretches.push({ start: at / 2000, end: at / 2000 + length / 1000 });
            at += 2 * length;
            input.push({ kind: 'gap', atSample: at, lostSamples: lost, cause: 'lost' });
            at += lost;
          }
          const windows = (await slide(input)).filter(isWindow);
          const expected = lengths.reduce(
            (n, l) => n + (l < 3000 ? 0 : Math.floor((l - 3000) / 1000) + 1),
            0,
          );
          expect(windows.length).to.equal(expected);
          windows.forEach((window, i) => {
            expect(window.index).to.equal(i);
            const inside = stretches.some(
              ({ start, end }) => window.startSeconds >= start - 1e-9 && window.endSeconds <= end + 1e-9,
            );
            expect(inside, `window ${i} lies in one stretch`).to.equal(true);
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('refuses a hop that would not share frames', () => {
    expect(() => slideWindows({ ...options, hopSamples: 1001 })).to.throw(
      /multiple of the frames' 20, got 1001/,
    );
  });
});
