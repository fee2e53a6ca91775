import { expect } from 'chai';
import fc from 'fast-check';
import { HEART_STATES } from '../../src/heart/heart-sound-emissions.js';
import { PlainHeartSoundDecoder, type HeartSegment } from '../support/plain-heart-sound-decoder.js';
import { noiseFrom } from '../window/synthetic-signals.js';

const LONGEST = [10, 24, 9, 84];
const SHORTEST = [3, 2, 2, 4];
const UNRULY = 0.05;

/** Durations by their definition, and every segmentation tried. */
function likeliest(
  logLikelihoods: readonly number[][],
  beatSeconds: number,
  confidence: number,
): HeartSegment[] {
  const interval = 0.131 + 0.2165 * beatSeconds;
  const doubt = 0.02 + 0.15 * (1 - confidence);
  const means = [0.124, interval - 0.124, 0.1, beatSeconds - interval - 0.1].map((s) => 50 * s);
  const deviations = [0.02, 0.03 + 0.2 * doubt, 0.018, (0.04 + doubt) * beatSeconds].map((s) => 50 * s);
  const probabilities = means.map((mean, state) => {
    const bell = (d: number) =>
      d < SHORTEST[state] ? 0 : Math.exp(-0.5 * ((d - mean) / deviations[state]) ** 2);
    const lengths = Array.from({ length: LONGEST[state] + 1 }, (_, d) => d);
    const total = lengths.reduce((sum, d) => sum + bell(d), 0);
    const unruly = UNRULY / (LONGEST[state] - SHORTEST[state] + 1);
    return lengths.map((d) => (d < SHORTEST[state] ? 0 : ((1 - UNRULY) * bell(d)) / total + unruly));
  });
  const survivals = probabilities.map((p) => p.map((_, d) => p.slice(d).reduce((sum, x) => sum + x, 0)));
  const end = logLikelihoods.length;
  let best: { score: number; segments: HeartSegment[] } = { score: -Infinity, segments: [] };
  const extend = (start: number, state: number, score: number, segments: HeartSegment[]) => {
    if (start === end) {
      if (score > best.score) best = { score, segments };
      return;
    }
    for (let d = 1; d <= Math.min(LONGEST[state], end - start); d++) {
      // The first may have begun before the stretch, the last may go on after it.
      const open = start === 0 || start + d === end;
      const duration = Math.log((open ? survivals : probabilities)[state][d]);
      if (duration === -Infinity) continue;
      let own = 0;
      for (let t = start; t < start + d; t++) own += logLikelihoods[t][state];
      const segment = { state: HEART_STATES[state], start, end: start + d };
      extend(start + d, (state + 1) % 4, score + duration + own, [...segments, segment]);
    }
  };
  for (let state = 0; state < 4; state++) extend(0, state, 0, []);
  return best.segments;
}

/** What HeartSounds is held to; see heart-sounds.test.ts. */
describe('PlainHeartSoundDecoder', () => {
  it('finds the likeliest of all segmentations', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 17 }),
        fc.integer(),
        fc.double({ min: 0.3, max: 1.2, noNaN: true }),
        (count, seed, beatSeconds) => {
          const { normal } = noiseFrom(seed);
          const frames = Array.from({ length: count }, () => [0, 1, 2, 3].map(() => 2 * normal()));
          const decoder = new PlainHeartSoundDecoder();
          decoder.setBeat(beatSeconds, 0.9);
          for (const frame of frames) decoder.push(Float64Array.from(frame));
          expect(decoder.trace(0)).to.deep.equal(likeliest(frames, beatSeconds, 0.9));
        },
      ),
      { numRuns: 100 },
    );
  });

  /** Frames that say plainly which state each is in. */
  function cycles(durations: readonly number[], beats: number): Float64Array[] {
    const frames: Float64Array[] = [];
    for (let beat = 0; beat < beats; beat++) {
      durations.forEach((length, state) => {
        for (let i = 0; i < length; i++)
          frames.push(Float64Array.from([0, 1, 2, 3], (s) => (s === state ? 0 : -3)));
      });
    }
    return frames;
  }

  it('follows plain states for as long as one likes, and says only what is asked for', () => {
    const durations = [6, 9, 5, 22];
    const beat = durations.reduce((a, b) => a + b);
    const decoder = new PlainHeartSoundDecoder();
    decoder.setBeat(beat / 50, 0.99);
    let pushed = 0;
    for (const frame of cycles(durations, 60)) {
      decoder.push(Float64Array.from(frame));
      if (++pushed % 100 !== 0) continue;
      for (const { state, start, end } of decoder.trace(pushed - 150)) {
        const k = HEART_STATES.indexOf(state);
        expect(end).to.be.above(pushed - 150);
        expect(start % beat).to.equal(durations.slice(0, k).reduce((a, b) => a + b, 0));
        if (end < pushed) expect(end - start).to.equal(durations[k]);
      }
    }
    expect(decoder.frameCount).to.equal(60 * beat);
    // As far back as the history reaches, and not into what it has overwritten.
    const all = decoder.trace(0);
    expect(all[0].start)
      .to.be.above(60 * beat - 512)
      .and.below(60 * beat - 350);
    for (const { start, end } of all.slice(0, -1)) expect(durations).to.include(end - start);
  });

  it('tells S1 from S2 by the pauses where the sounds say nothing', () => {
    const alike = cycles([6, 8, 5, 26], 12).map((frame) =>
      Float64Array.of(...[0, 2].map(() => Math.max(frame[0], frame[2]))),
    );
    const decoder = new PlainHeartSoundDecoder();
    decoder.setBeat(45 / 50, 0.99);
    for (const [sound] of alike) decoder.push(Float64Array.of(sound, -1.5 - sound, sound, -1.5 - sound));
    const starts = decoder.trace(0).filter(({ state, start }) => state === 'S1' && start > 0);
    for (const { start } of starts) expect(start % 45).to.be.oneOf([0, 1, 44]);
    expect(starts.length).to.be.at.least(7);
  });

  it('starts anew on reset', () => {
    const used = new PlainHeartSoundDecoder();
    for (const frame of cycles([5, 12, 4, 19], 5)) used.push(frame);
    used.reset();
    const fresh = new PlainHeartSoundDecoder();
    for (const decoder of [used, fresh]) {
      decoder.setBeat(0.8, 0.8);
      for (const frame of cycles([6, 9, 5, 20], 4)) decoder.push(Float64Array.from(frame));
    }
    expect(used.trace(0)).to.deep.equal(fresh.trace(0));
  });
});
