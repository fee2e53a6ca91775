import { expect } from 'chai';
import fc from 'fast-check';
import type { ReportedRecording } from '../../src/report/reported-recording.js';
import { clearestSpan, counts, gapSpans, unusedSpans, windowCells } from '../../src/report/spans.js';
import type { WindowEvent } from '../../src/screen/result-events.js';

const window = (index: number, change: Partial<WindowEvent> = {}): WindowEvent => ({
  kind: 'window',
  index,
  startSeconds: index,
  endSeconds: index + 3,
  probability: 0.5,
  logit: 0,
  quality: 0.9,
  usable: true,
  heartRateBpm: null,
  reasons: [],
  dropped: null,
  ...change,
});

const recording = (windows: WindowEvent[], durationSeconds: number, gaps: ReportedRecording['gaps'] = []) =>
  ({ windows, durationSeconds, gaps, sampleRateHz: 100 }) as unknown as ReportedRecording;

describe('spans of a report', () => {
  it('count every moment once: used, not used, or lost', () => {
    const scene = fc.record({
      starts: fc.array(fc.tuple(fc.nat(30), fc.boolean(), fc.boolean()), { maxLength: 12 }),
      gaps: fc.array(fc.tuple(fc.nat(3000), fc.integer({ min: 1, max: 200 })), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(scene, ({ starts, gaps }) => {
        const windows = starts
          .sort(([a], [b]) => a - b)
          .map(([start, usable, scored]) => window(start, { usable, probability: scored ? 0.5 : null }));
        const holes = gaps.map(([atSample, lostSamples]) => ({
          kind: 'gap' as const,
          atSample,
          lostSamples,
          cause: 'lost' as const,
        }));
        const scene = recording(windows, 34, holes);
        const unused = unusedSpans(scene);
        const lost = gapSpans(scene);
        for (let at = 0.05; at < 34; at += 0.1) {
          const isIn = (span: { fromSeconds: number; toSeconds: number }) =>
            at >= span.fromSeconds && at < span.toSeconds;
          const used = windows.some((one) => counts(one) && at >= one.startSeconds && at < one.endSeconds);
          expect(unused.some(isIn), `at ${at}`).to.equal(!used && !lost.some(isIn));
        }
      }),
    );
  });

  it('draw windows side by side over all that they cover', () => {
    const cells = windowCells([window(0), window(1), window(10), window(12)]);
    expect(cells.map(({ span }) => [span.fromSeconds, span.toSeconds])).to.deep.equal([
      [0, 2],
      [2, 4],
      [10, 12.5],
      [12.5, 15],
    ]);
  });

  it('put neighbours together in a long recording, and keep its extremes', () => {
    const windows = Array.from({ length: 86_400 }, (_, i) => window(i, { probability: (i % 1000) / 1000 }));
    const cells = windowCells(windows);
    expect(cells.length).to.be.within(300, 600);
    expect(Math.min(...cells.map(({ least }) => least!))).to.equal(0);
    expect(Math.max(...cells.map(({ greatest }) => greatest!))).to.equal(0.999);
    expect(cells[0].span.fromSeconds).to.equal(0);
    expect(cells[cells.length - 1].span.toSeconds).to.equal(86_402);
  });

  it('find the clearest stretch, at most as long as asked for', () => {
    const windows = Array.from({ length: 20 }, (_, i) => window(i, { quality: i >= 8 && i <= 11 ? 1 : 0.5 }));
    expect(clearestSpan(recording(windows, 22), 6)).to.deep.equal({ fromSeconds: 8, toSeconds: 14 });
    expect(clearestSpan(recording([window(4)], 22), 6)).to.deep.equal({ fromSeconds: 4, toSeconds: 7 });
    expect(clearestSpan(recording([window(4, { usable: false })], 22), 6)).to.equal(null);
  });
});
