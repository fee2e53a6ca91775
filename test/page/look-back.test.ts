import { expect } from 'chai';
import fc from 'fast-check';
import { measuredWords, tapped } from '../../src/page/browser/look-back/measurement.js';
import {
  clock,
  dragged,
  LEAST_SPAN_SECONDS,
  secondsAt,
  timeTicks,
  whole,
  xOf,
  zoomed,
} from '../../src/page/browser/look-back/time-axis.js';
import { TraceTiles } from '../../src/page/browser/look-back/trace-tiles.js';
import {
  binLength,
  keptLevel,
  levelFor,
  toBandLevel,
  TRACE_LEVELS,
  TRACE_TILE_BINS,
} from '../../src/page/look-back-grid.js';
import { NoContactTimes } from '../../src/page/no-contact-times.js';
import { HeardEvents } from '../../src/page/server/look-back/heard-events.js';
import { SoundPyramids } from '../../src/page/server/look-back/sound-pyramids.js';
import { TracePyramid } from '../../src/page/server/look-back/trace-pyramid.js';
import { SkinContact } from '../../src/window/skin-contact.js';

const ALL = new Array<number>(TRACE_LEVELS).fill(1000);
const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const axis = fc.record({ fromSeconds: real(0, 4000), spanSeconds: real(0.5, 4000), width: real(200, 2000) });

/** Samples of a recording, NaN where they are missing, cut anywhere. */
const recording = fc
  .record({
    samples: fc.array(fc.integer({ min: -999, max: 999 }), { minLength: 1, maxLength: 3000 }),
    gaps: fc.array(fc.tuple(fc.nat(3000), fc.integer({ min: 1, max: 400 })), { maxLength: 3 }),
    cuts: fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 }),
  })
  .map(({ samples, gaps, cuts }) => {
    const all = samples.slice();
    for (const [from, count] of gaps) all.fill(NaN, from, from + count);
    return { all, cuts };
  });

function fill(pyramid: TracePyramid, all: readonly number[], cuts: readonly number[]): void {
  for (let at = 0, i = 0; at < all.length; i++) {
    let end = Math.min(all.length, at + cuts[i % cuts.length]);
    const isMissing = Number.isNaN(all[at]);
    // A piece is contiguous; what is missing does not come.
    for (let k = at; k < end; k++) if (Number.isNaN(all[k]) !== isMissing) end = k;
    if (!isMissing) pyramid.push(at, all.slice(at, end));
    at = end;
  }
}

function plain(all: readonly number[], from: number, to: number): [number, number] {
  const inside = all.slice(Math.max(0, from), Math.max(0, to)).filter((value) => !Number.isNaN(value));
  return inside.length === 0 ? [NaN, NaN] : [Math.min(...inside), Math.max(...inside)];
}

describe('a time axis', () => {
  it('gives each pixel one moment and each moment one pixel', () => {
    fc.assert(
      fc.property(axis, real(0, 1), (shown, share) => {
        const x = share * shown.width;
        expect(xOf(shown, secondsAt(shown, x))).to.be.closeTo(x, 1e-6);
      }),
    );
  });

  it('keeps the moment under the finger while it is dragged, as far as the recording reaches', () => {
    fc.assert(
      fc.property(axis, real(-3000, 3000), real(0, 1), (shown, pixels, share) => {
        const end = shown.fromSeconds + shown.spanSeconds + 100;
        const x = share * shown.width;
        const moved = dragged(shown, pixels, end);
        expect(moved.spanSeconds).to.equal(shown.spanSeconds);
        expect(moved.fromSeconds).to.be.within(0, end - shown.spanSeconds + 1e-9);
        const isAtEdge = moved.fromSeconds === 0 || moved.fromSeconds === end - shown.spanSeconds;
        if (!isAtEdge) expect(xOf(moved, secondsAt(shown, x))).to.be.closeTo(x + pixels, 1e-5);
      }),
    );
  });

  it('keeps the moment under the fingers while they pinch, and stays between 0.5 s and the whole', () => {
    fc.assert(
      fc.property(axis, real(0.01, 100), real(0, 1), (shown, factor, share) => {
        const end = shown.fromSeconds + shown.spanSeconds + 50;
        const x = share * shown.width;
        const closer = zoomed(shown, factor, x, end);
        expect(closer.spanSeconds).to.be.within(LEAST_SPAN_SECONDS, end);
        expect(closer.fromSeconds).to.be.at.least(0);
        expect(closer.fromSeconds + closer.spanSeconds).to.be.at.most(end + 1e-6);
        const isAtEdge = closer.fromSeconds === 0 || closer.fromSeconds >= end - closer.spanSeconds - 1e-9;
        if (!isAtEdge) expect(xOf(closer, secondsAt(shown, x))).to.be.closeTo(x, 1e-5);
      }),
    );
  });

  it('shows all of it at once', () => {
    expect(whole({ fromSeconds: 7, spanSeconds: 1, width: 500 }, 3600)).to.include({
      fromSeconds: 0,
      spanSeconds: 3600,
    });
  });

  it('has its numbers at round times, and room between them', () => {
    fc.assert(
      fc.property(axis, (shown) => {
        const ticks = timeTicks(shown);
        expect(ticks.length).to.be.at.most(shown.width / 40 + 2);
        const labelled = ticks
          .filter(({ label }) => label !== null)
          .map(({ seconds }) => xOf(shown, seconds));
        for (let i = 1; i < labelled.length; i++) expect(labelled[i] - labelled[i - 1]).to.be.at.least(60);
      }),
    );
  });

  it('tells times as clocks do', () => {
    expect(clock(23)).to.equal('0:23');
    expect(clock(3723.456, 2)).to.equal('1:02:03.46');
    expect(clock(59.999, 1)).to.equal('1:00.0');
  });
});

describe('the pyramid of a trace', () => {
  it('has in each bin of each level the least and the greatest of its samples, whatever the chunking', () => {
    fc.assert(
      fc.property(recording, fc.nat(6), ({ all, cuts }, level) => {
        const pyramid = new TracePyramid(ALL);
        fill(pyramid, all, cuts);
        const length = binLength(level);
        for (let bin = 0; bin * length < all.length; bin++) {
          const tile = pyramid.tile(level, Math.floor(bin / TRACE_TILE_BINS));
          const at = 2 * (bin % TRACE_TILE_BINS);
          const found = tile === undefined ? [NaN, NaN] : [tile[at], tile[at + 1]];
          expect(found).to.deep.equal(plain(all, bin * length, (bin + 1) * length));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('shows of any span the least and the greatest, to less than a pixel', () => {
    fc.assert(
      fc.property(recording, real(0, 2500), real(0.3, 60), ({ all, cuts }, first, perPixel) => {
        const pyramid = new TracePyramid(ALL);
        fill(pyramid, all, cuts);
        const nothing = new Float32Array(2 * TRACE_TILE_BINS).fill(NaN);
        const tiles = new TraceTiles(1000, (level, number) => pyramid.tile(level, number) ?? nothing);
        tiles.level = levelFor(perPixel, TRACE_LEVELS);
        const length = binLength(tiles.level);
        expect(length).to.be.at.most(Math.max(1, perPixel));
        const columns = new Float32Array(2 * 40);
        tiles.extremes(first, perPixel, Infinity, columns);
        for (let column = 0; column < 40; column++) {
          const from = first + column * perPixel;
          // Closer than a sample a pixel a column shows the sample that it lies in.
          const begin = perPixel < 1 ? Math.floor(from) : length * Math.ceil(from / length);
          const end = perPixel < 1 ? 0 : length * Math.ceil((from + perPixel) / length);
          const last = Math.max(
            perPixel < 1 ? begin + 1 : begin,
            end,
            perPixel < 1 ? Math.ceil(from + perPixel) : 0,
          );
          expect([...columns.subarray(2 * column, 2 * column + 2)]).to.deep.equal(plain(all, begin, last));
        }
        // All of the span at once: not a sample of it is left out, and none of another time is in it.
        const span = new Float32Array(2);
        tiles.level = 0;
        tiles.extremes(Math.floor(first), 500, Infinity, span);
        expect([...span]).to.deep.equal(plain(all, Math.floor(first), Math.floor(first) + 500));
      }),
      { numRuns: 60 },
    );
  });

  it('lets a coarser level stand in for tiles that have not come', () => {
    const pyramid = new TracePyramid(ALL);
    pyramid.push(0, [1, 2, 3, 4, 5, 6, 7, 8]);
    const tiles = new TraceTiles(1000, (level, number) =>
      level < 1 ? undefined : pyramid.tile(level, number),
    );
    const columns = new Float32Array(4);
    tiles.extremes(0, 2, Infinity, columns);
    expect([...columns]).to.deep.equal([1, 4, 1, 4]);
  });

  it('leaves nothing of what it forgot in the tile that takes its place', () => {
    const pyramid = new TracePyramid([2, 2, 2, 2, 2, 2, 2, 2]);
    for (let tile = 0; tile < 6; tile++) {
      const first = tile * TRACE_TILE_BINS;
      pyramid.push(first, new Array<number>(TRACE_TILE_BINS).fill(tile));
    }
    const kept = pyramid.tile(0, 5)!;
    pyramid.push(6 * TRACE_TILE_BINS + 3, [9]);
    const reused = pyramid.tile(0, 6)!;
    expect([...reused.subarray(6, 8)]).to.deep.equal([9, 9]);
    expect(reused.filter((value) => !Number.isNaN(value))).to.have.length(2);
    expect(pyramid.tile(0, 4)).to.equal(undefined);
    expect(pyramid.tile(0, 5)).to.deep.equal(kept);
    expect(pyramid.keptFrom(0)).to.equal(5 * TRACE_TILE_BINS);
  });

  it('lets go of what is too much where it may keep less from now on', () => {
    const sound = new SoundPyramids({ trace: [9, 9, 9, 9, 9, 9, 9, 9], bands: [9, 9, 9, 9, 9, 9] });
    const push = (at: number) => sound.push(at, 1000, new Float64Array(1000).fill(at));
    for (let at = 0; at < 8; at++) push(at);
    expect(sound.keptFromSeconds.trace[0]).to.equal(0);
    const kept = sound.trace.tile(0, 6);
    sound.keepAtMost({ trace: [2, 1, 1, 1, 1, 1, 1, 1], bands: [1, 1, 1, 1, 1, 1] });
    expect(sound.keptFromSeconds.trace.slice(0, 3)).to.deep.equal([6 * 1.024, 4.096, 0]);
    expect(sound.keptFromSeconds.bands[0]).to.equal(5.12);
    expect(sound.trace.tile(0, 6)).to.deep.equal(kept);
    for (let at = 8; at < 20; at++) push(at);
    expect(sound.keptFromSeconds.trace[0]).to.be.closeTo(18 * 1.024, 1e-9);
  });

  it('never grows beyond what it may keep; the outline reaches farther back than the samples', () => {
    const sound = new SoundPyramids({ trace: [2, 2, 2, 2, 2, 2, 2, 2], bands: [2, 2, 2, 2, 2, 2] });
    const second = Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i));
    for (let at = 0; at < 60; at++) sound.push(at, 1000, second);
    const { trace, bands } = sound.keptFromSeconds;
    // 60 s are 59 tiles of a second: the last two of them stand.
    expect(trace[0]).to.equal(57 * 1.024);
    expect(trace.slice(3)).to.deep.equal([0, 0, 0, 0, 0]);
    expect(bands[0]).to.be.within(44, 56);
    expect(sound.trace.tile(0, 0)).to.equal(undefined);
    expect(sound.trace.keeps(0, 0)).to.equal(false);
    expect(sound.trace.tile(3, 0)![1]).to.be.closeTo(1, 1e-3);
    // What comes late for a tile that is gone is not written anywhere.
    sound.trace.push(0, [9]);
    expect(sound.trace.tile(0, 0)).to.equal(undefined);
    expect(keptLevel(0, trace, 0)).to.equal(3);
    expect(keptLevel(0, trace, 59)).to.equal(0);
  });

  it('has a tone in its row of the spectrogram, at every level', () => {
    const sound = new SoundPyramids({ trace: [], bands: [10, 10, 10, 10, 10, 10] });
    const tone = Float64Array.from(
      { length: 30_000 },
      (_, i) => 0.5 * Math.sin((2 * Math.PI * 150 * i) / 1000),
    );
    sound.push(0, 1000, tone);
    for (let level = 0; level < 5; level++) {
      const column = sound.bands.tile(level, 0)!.subarray(5 * 48, 6 * 48);
      const loudest = column.indexOf(Math.max(...column));
      expect(25 + ((loudest + 0.5) * 375) / 48).to.be.closeTo(150, 8);
    }
    expect(toBandLevel(-1000)).to.equal(1);
    expect(toBandLevel(1000)).to.equal(255);
  });
});

describe('what was heard', () => {
  const window = (startSeconds: number) => ({
    kind: 'window' as const,
    index: 0,
    startSeconds,
    endSeconds: startSeconds + 3,
    probability: 0.5,
    logit: null,
    quality: 1,
    usable: true,
    heartRateBpm: null,
    reasons: [],
    dropped: null,
  });

  it('is told of the span that is looked at, with a margin, and never more than a screen can show', () => {
    const events = new HeardEvents();
    for (let second = 0; second < 10_000; second++) events.window(window(second));
    events.sounds([
      { timeSeconds: 5.25, sound: 'S1' },
      { timeSeconds: 500, sound: 'S2' },
    ]);
    for (let i = 0; i < 3000; i++) {
      events.gap({ kind: 'gap', atSample: 1000 * i, lostSamples: 2, cause: 'lost' }, 2000);
    }
    const near = events.between(4, 8, 10_000);
    expect(near.marks).to.deep.equal([{ timeSeconds: 5.25, sound: 'S1' }]);
    expect(near.windows.map(({ startSeconds }) => startSeconds)).to.deep.equal([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(near.gaps[1]).to.deep.include({ fromSeconds: 2.5, toSeconds: 2.501 });
    const all = events.between(0, 10_000, 10_000);
    expect(all.windows.length).to.be.at.most(2000);
    expect(all.windowStep).to.equal(5);
    expect(all.gaps.length).to.be.at.most(2000);
    expect(all.gaps.reduce((sum, { lostSamples }) => sum + lostSamples, 0)).to.equal(6000);
  });

  it('was heard without contact where windows are judged so', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(true, false, null)), {
          maxLength: 20,
        }),
        (statuses) => {
          const times = new NoContactTimes();
          let at = 0;
          const told: [number, boolean | null][] = statuses.map(([step, contact]) => [(at += step), contact]);
          for (const [seconds, contact] of told) times.push(seconds, contact);
          const parts = times.view(1e6);
          for (let start = 0; start < at + 10; start++) {
            // A judge of its own for each window: it forgets what lies before.
            const judge = new SkinContact();
            for (const [seconds, contact] of told) judge.push(seconds, contact);
            const quality = { sqi: 1, usable: true, reasons: [] };
            const judged = judge.judge({ startSeconds: start, endSeconds: start + 1, quality } as never);
            const isInside = parts.some(
              ({ fromSeconds, toSeconds }) => fromSeconds < start + 1 && toSeconds > start,
            );
            expect(isInside, `${start}`).to.equal(!judged.quality.usable);
          }
        },
      ),
    );
  });
});

describe('a measurement', () => {
  it('takes two taps, and begins anew with the third', () => {
    const first = tapped(null, 1);
    const both = tapped(first, 1.8);
    expect(both).to.deep.equal({ firstSeconds: 1, secondSeconds: 1.8 });
    expect(tapped(both, 5)).to.deep.equal({ firstSeconds: 5, secondSeconds: null });
  });

  it('is said in milliseconds, as a rate where it may be a beat, and with the swing', () => {
    const of = (seconds: number) =>
      measuredWords({ firstSeconds: 1 + seconds, secondSeconds: 1 }, 0.01, 0.24);
    expect(of(0.8)).to.equal('800 ms (± 10 ms) · 75/min as a beat · swing 0.240');
    expect(of(0.1)).to.equal('100 ms (± 10 ms) · swing 0.240');
    expect(of(20)).to.equal('20,000 ms (± 10 ms) · swing 0.240');
    expect(measuredWords({ firstSeconds: 1, secondSeconds: 2 }, 0.001, null)).to.equal(
      '1,000 ms (± 1.0 ms) · 60/min as a beat',
    );
  });
});
