import { SignalKernel } from '../compute/signal-kernel.js';
import { FRAME_RATE_HZ } from './envelope-bank.js';
import { JUDGED_LENGTH } from './heart-sound-emissions.js';

/** States of the heart cycle, in the order they follow each other. */
export const HEART_STATES = ['S1', 'systole', 'S2', 'diastole'] as const;
export type HeartState = (typeof HEART_STATES)[number];

const STATES = HEART_STATES.length;
/** Longest duration of each state in frames: diastole of a heart at 30 a minute takes 1.6 s. */
export const LONGEST_FRAMES = [10, 24, 9, 84] as const;
const SHORTEST_FRAMES = [3, 2, 2, 4] as const;
/** Room for the longest and for the newest frame's end beside it; even, as the module takes durations by twos. */
const ROOM = Math.max(...LONGEST_FRAMES) + 2;
/** Frames that can be traced back. */
const HISTORY = 512;
/** Without a heart rate: a resting heart's, loosely. */
const UNKNOWN_BEAT_SECONDS = 0.8;
/** Share of intervals that follow no rule: ectopic beats, a wrong rate. */
const UNRULY = 0.05;

/** A stretch of one state; `end` is the frame after its last. */
export interface HeartSegment {
  readonly state: HeartState;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the likeliest sequence of S1, systole, S2 and diastole by Viterbi's algorithm over states with explicit
 * durations, one frame at a time.
 *
 * A hidden semi-Markov model after Springer, Tarassenko & Clifford (IEEE Trans. Biomed. Eng. 63, 2016): durations are
 * normal about means that follow from the heart rate, with a share of unruly ones. The forward pass is incremental,
 * so a frame costs the same however long the stretch; {@link trace} goes back from the newest frame. `reset()` starts
 * a new stretch. The compute module runs the forward pass and fills the tables of durations.
 */
export class HeartSoundDecoder {
  private readonly kernel = SignalKernel.get();
  /** `[STATES][2][ROOM]`, log-probabilities of each duration, and of lasting at least so long; the longest first. */
  private readonly tables = new Float64Array(STATES * 2 * ROOM);
  /** Sums of log-likelihoods so far. */
  private readonly sums = new Float64Array(STATES);
  /**
   * `[STATES][ROOM]`: by the last frames' ends, the best score of a path that enters the state there, less the sum of the
   * state; minus infinity for the beginning of the stretch, where every state may have begun before, and what lies before.
   */
  private readonly entries = new Float64Array(STATES * ROOM).fill(-Infinity);
  /** How long a state lasted that ends after frame `t - 1`; `[HISTORY][STATES]`. */
  private readonly length = new Uint8Array(HISTORY * STATES);
  private beatSeconds = NaN;
  private frames = 0;

  constructor() {
    this.setBeat(null, 0);
  }

  get frameCount(): number {
    return this.frames;
  }

  /**
   * Sets the durations that the next frames are judged by.
   *
   * @param beatSeconds length of a beat, `null` where unknown
   * @param confidence that it is right, in [0, 1]
   */
  setBeat(beatSeconds: number | null, confidence: number): void {
    const beat = beatSeconds ?? UNKNOWN_BEAT_SECONDS;
    const key = beatSeconds === null ? -1 : beat + 1000 * confidence;
    if (key === this.beatSeconds) return;
    this.beatSeconds = key;
    // Means and deviations of the hand-corrected beats; see tools/quality/README.md.
    const interval = 0.131 + 0.2165 * beat;
    const doubt = beatSeconds === null ? 0.25 : 0.02 + 0.15 * (1 - confidence);
    const means = [0.124, interval - 0.124, 0.1, beat - interval - 0.1];
    const deviations = [0.02, 0.03 + doubt * 0.2, 0.018, 0.04 * beat + doubt * beat];
    const { kernel, tables } = this;
    const at = kernel.output.room(8 * tables.length);
    for (let state = 0; state < STATES; state++) {
      const table = at + 8 * 2 * ROOM * state;
      kernel.functions.durationTable(
        means[state] * FRAME_RATE_HZ,
        deviations[state] * FRAME_RATE_HZ,
        SHORTEST_FRAMES[state],
        LONGEST_FRAMES[state],
        ROOM,
        UNRULY,
        table,
        table + 8 * ROOM,
      );
    }
    tables.set(kernel.float64s(at, tables.length));
  }

  /** @param judged of the next frames, `[frames, JUDGED_LENGTH]` of HeartSoundEmissions: log-likelihoods come last */
  push(judged: Float64Array): void {
    const frames = judged.length / JUDGED_LENGTH;
    if (frames === 0) return;
    const { kernel, tables, sums, entries } = this;
    const row = ROOM + frames;
    const at = kernel.input.room(8 * (judged.length + tables.length + STATES + STATES * row) + 4 * STATES);
    const given = kernel.float64s(at, judged.length + tables.length + STATES + STATES * row);
    given.set(judged);
    const tablesFrom = judged.length;
    given.set(tables, tablesFrom);
    const sumsFrom = tablesFrom + tables.length;
    given.set(sums, sumsFrom);
    const entriesFrom = sumsFrom + STATES;
    for (let state = 0; state < STATES; state++) {
      given.set(entries.subarray(state * ROOM, (state + 1) * ROOM), entriesFrom + state * row);
    }
    const longestAt = at + 8 * given.length;
    kernel.int32s(longestAt, STATES).set(LONGEST_FRAMES);
    const lengths = kernel.output.room(frames * STATES);
    kernel.functions.likeliestPaths(
      at,
      frames,
      this.frames,
      at + 8 * tablesFrom,
      ROOM,
      longestAt,
      at + 8 * sumsFrom,
      at + 8 * entriesFrom,
      lengths,
    );
    const taken = kernel.float64s(at, given.length);
    sums.set(taken.subarray(sumsFrom, entriesFrom));
    for (let state = 0; state < STATES; state++) {
      const end = entriesFrom + (state + 1) * row;
      entries.set(taken.subarray(end - ROOM, end), state * ROOM);
    }
    const found = kernel.bytes(lengths, frames * STATES);
    for (let frame = 0; frame < frames; frame++) {
      const to = ((this.frames + frame + 1) % HISTORY) * STATES;
      for (let state = 0; state < STATES; state++) this.length[to + state] = found[frame * STATES + state];
    }
    this.frames += frames;
  }

  /**
   * The likeliest segments up to the newest frame, oldest first, as far back as `since` or the history reaches. The
   * last is unfinished.
   */
  trace(since: number): HeartSegment[] {
    const { frames } = this;
    let { state, length } = this.unfinished();
    const segments: HeartSegment[] = [];
    const oldest = Math.max(since, frames - HISTORY + 1 + LONGEST_FRAMES[3], 0);
    let until = frames;
    while (until > oldest) {
      segments.push({ state: HEART_STATES[state], start: until - length, end: until });
      until -= length;
      state = (state + STATES - 1) % STATES;
      length = this.length[(until % HISTORY) * STATES + state];
    }
    return segments.reverse();
  }

  /** The state that the likeliest path is in at the newest frame, and for how many frames it has been so. */
  private unfinished(): { state: number; length: number } {
    const { entries, tables, sums, frames } = this;
    let highest = -Infinity;
    let state = 0;
    let length = 0;
    for (let s = 0; s < STATES; s++) {
      const entry = (s + 1) * ROOM;
      const survival = (2 * s + 2) * ROOM;
      for (let d = 1; d <= Math.min(LONGEST_FRAMES[s], frames); d++) {
        const entered = d === frames ? 0 : entries[entry - 1 - d];
        const score = entered + tables[survival - d] + sums[s];
        if (score > highest) {
          highest = score;
          state = s;
          length = d;
        }
      }
    }
    return { state, length };
  }

  reset(): void {
    this.frames = 0;
    this.sums.fill(0);
    this.entries.fill(-Infinity);
  }
}
