import { expect } from 'chai';
import fc from 'fast-check';
import { Playhead } from '../../src/page/browser/playhead.js';
import { COLUMN_SECONDS, SpectrumColumns } from '../../src/page/spectrum-columns.js';
import { TraceRing } from '../../src/page/trace-ring.js';
import { decodeTraceFrame, encodeTraceFrame } from '../../src/page/page-messages.js';
import { TraceFeed } from '../../src/page/server/trace-feed.js';

const RATE = 1000;
const frame = (startSeconds: number, samples: ArrayLike<number>) => ({
  recording: 1,
  sampleRateHz: RATE,
  startSeconds,
  samples: Float32Array.from(samples),
});
const ramp = (from: number, count: number) => Float64Array.from({ length: count }, (_, i) => from + i);

describe('trace frames', () => {
  it('come out of the wire as they went in', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 32 - 1),
        fc.double({ noNaN: true, min: 0, max: 1e6 }),
        fc.float32Array({ noNaN: true }),
        (recording, startSeconds, samples) => {
          const sent = { recording, sampleRateHz: RATE, startSeconds, samples };
          const bytes = encodeTraceFrame(sent);
          const got = decodeTraceFrame(bytes.buffer as ArrayBuffer);
          expect(got).to.deep.equal(sent);
        },
      ),
    );
  });
});

describe('TraceFeed', () => {
  it('joins contiguous chunks, whatever the chunking, and keeps gaps apart', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const feed = new TraceFeed();
        let at = 0;
        for (const size of sizes) {
          feed.push({ startSeconds: at / RATE, sampleRateHz: RATE, samples: ramp(at, size) });
          at += size;
        }
        feed.push({ startSeconds: (at + 50) / RATE, sampleRateHz: RATE, samples: ramp(at + 50, 3) });
        const frames = feed.take();
        expect(frames.map(({ samples }) => samples.length)).to.deep.equal([at, 3]);
        expect([...frames[0].samples]).to.deep.equal([...ramp(0, at)]);
        expect(feed.take()).to.deep.equal([]);
      }),
    );
  });

  it('keeps the last seconds for late pages, and no more', () => {
    const feed = new TraceFeed();
    for (let second = 0; second < 100; second++) {
      feed.push({ startSeconds: second, sampleRateHz: RATE, samples: ramp(second * RATE, RATE) });
      feed.take();
    }
    const kept = feed.history.reduce((sum, { samples }) => sum + samples.length, 0);
    expect(kept).to.be.within(10 * RATE, 13 * RATE);
    expect(feed.history.at(-1)!.startSeconds).to.equal(99);
  });
});

describe('TraceRing', () => {
  it('gives each column the least and the greatest of its samples', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 400 }),
        fc.double({ min: 1, max: 9, noNaN: true }),
        fc.integer({ min: -20, max: 100 }),
        (samples, perColumn, first) => {
          const ring = new TraceRing();
          ring.push(frame(0, samples));
          const extremes = new Float32Array(40);
          ring.extremes(first, perColumn, samples.length, extremes);
          for (let column = 0; column < 20; column++) {
            const inside = samples.filter(
              (_, i) => i >= first + column * perColumn && i < first + (column + 1) * perColumn,
            );
            const expected = inside.length === 0 ? [NaN, NaN] : [Math.min(...inside), Math.max(...inside)];
            expect([...extremes.subarray(2 * column, 2 * column + 2)]).to.deep.equal(expected);
          }
        },
      ),
    );
  });

  it('shows what is missing as missing, also after it has been all around', () => {
    const ring = new TraceRing();
    for (let second = 0; second < 40; second++) ring.push(frame(second, new Float32Array(RATE).fill(1)));
    ring.push(frame(41, [2, 2]));
    expect(ring.at(40 * RATE - 1)).to.equal(1);
    expect(ring.at(40 * RATE)).to.be.NaN;
    expect(ring.at(41 * RATE - 1)).to.be.NaN;
    expect(ring.at(41 * RATE + 1)).to.equal(2);
    expect(ring.at(0)).to.be.NaN;
    expect(ring.at(41 * RATE + 2)).to.be.NaN;
  });

  it('takes a trace that begins late, or jumps far ahead', () => {
    const ring = new TraceRing();
    ring.push(frame(3600, [5]));
    ring.push(frame(90_000, [6]));
    expect(ring.at(90_000 * RATE)).to.equal(6);
    expect(ring.at(90_000 * RATE - 1)).to.be.NaN;
  });
});

describe('Playhead', () => {
  /** Trace in pieces that come up to `lateMs` late, frames at 60 a second. */
  function play(speed: number, seconds: number, pieceMs: number, lateMs: number) {
    const playhead = new Playhead();
    const steps: { nowMs: number; position: number; end: number }[] = [];
    let jitter = 7;
    let end = 0;
    for (let nowMs = 0; nowMs < seconds * 1000; nowMs += 1000 / 60) {
      jitter = (jitter * 16807) % 2147483647;
      const due = Math.floor((nowMs - (jitter % 40 > 30 ? lateMs : 0)) / pieceMs) * pieceMs;
      end = Math.max(end, (Math.max(0, due) / 1000) * speed);
      steps.push({ nowMs, position: playhead.advance(nowMs, end), end });
    }
    return steps;
  }

  // As a busy line brings it, and a calm one that is read by the clock.
  const arrivals = [
    { pieceMs: 50, lateMs: 50 },
    { pieceMs: 100, lateMs: 40 },
  ];
  for (const speed of [1, 4])
    for (const { pieceMs, lateMs } of arrivals) {
      it(`moves evenly at ${speed} times real time in pieces of ${pieceMs} ms, and never beyond what has come`, () => {
        const steps = play(speed, 12, pieceMs, lateMs);
        steps.forEach(({ position, end }) => expect(position).to.be.at.most(end + 1e-9));
        const settled = steps.filter(({ nowMs }) => nowMs > 4000);
        for (let i = 1; i < settled.length; i++) {
          const step = (settled[i].position - settled[i - 1].position) * 60;
          expect(step).to.be.within(0.8 * speed, 1.2 * speed);
        }
        expect(steps.at(-1)!.end - steps.at(-1)!.position).to.be.below(0.6 * speed);
      });
    }

  it('comes to rest where the trace ends', () => {
    const playhead = new Playhead();
    for (let nowMs = 0; nowMs < 9000; nowMs += 16) playhead.advance(nowMs, Math.min(3, nowMs / 1000));
    const rest = playhead.advance(9016, 3);
    expect(rest).to.be.within(2.7, 3);
    expect(playhead.advance(9032, 3)).to.be.closeTo(rest, 1e-3);
  });
});

describe('SpectrumColumns', () => {
  it('finds a tone in its row, and columns at their time', () => {
    const columns = new SpectrumColumns(25, 400, 75);
    const ring = new TraceRing();
    const found: number[] = [];
    ring.push(
      frame(
        0,
        Float32Array.from({ length: 2000 }, (_, i) => Math.sin((2 * Math.PI * 150 * i) / RATE)),
      ),
    );
    columns.advance(ring, (column, levels) => {
      found.push(column);
      if (levels === null) return;
      const loudest = levels.indexOf(Math.max(...levels));
      expect(25 + (loudest + 0.5) * 5).to.be.closeTo(150, 5);
    });
    expect(found[0]).to.be.at.most(1);
    expect(found.at(-1)! * COLUMN_SECONDS).to.be.closeTo(1.93, 0.03);
    expect(found).to.deep.equal([...found].sort((a, b) => a - b));
  });

  it('has no level where a sample is missing', () => {
    const columns = new SpectrumColumns(25, 400, 10);
    const ring = new TraceRing();
    ring.push(frame(0, new Float32Array(1000).fill(0.1)));
    ring.push(frame(1.2, new Float32Array(1000).fill(0.1)));
    const missing: number[] = [];
    columns.advance(
      ring,
      (column, levels) => levels === null && column * COLUMN_SECONDS > 0.2 && missing.push(column),
    );
    expect(missing.length).to.be.above(8);
    missing.forEach((column) => expect(column * COLUMN_SECONDS).to.be.within(0.92, 1.28));
  });
});
