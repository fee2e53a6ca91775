import { SignalKernel, type Resident } from '../compute/signal-kernel.js';
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
/** Ends of frames that are written before the last ones are moved to the front. */
const RUN = 256;
const TABLES_LENGTH = STATES * 2 * ROOM;
const SUMS_FROM = TABLES_LENGTH;
const LONGEST_FROM = SUMS_FROM + STATES;
const ENTRIES_FROM = LONGEST_FROM + STATES / 2;
const ENTRIES_ROW = ROOM + RUN;
const LENGTHS_FROM = ENTRIES_FROM + STATES * ENTRIES_ROW;
/** Frames that can be traced back. */
const HISTORY = 512;
/** Numbers that their bytes take. */
const LENGTHS_LENGTH = (HISTORY * 4) / 8;
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
export class HeartSoundDecoder implements Resident {
  /**
   * `[STATES][2][ROOM]`, log-probabilities of each duration, and of lasting at least so long, the longest first;
   * `[STATES]`, sums of log-likelihoods so far; `[STATES]` of int32, the longest durations; `[STATES][ROOM + RUN]`: by the
   * frames' ends, the best score of a path that enters the state there, less the sum of the state; minus infinity for the
   * beginning of the stretch, where every state may have begun before, and what lies before; `[HISTORY][STATES]` of uint8: how
   * long a state lasted that ends after frame `t - 1`, at `t` modulo `HISTORY`.
   */
  readonly numbers = new Float64Array(LENGTHS_FROM + LENGTHS_LENGTH);
  private readonly kernel = SignalKernel.get();
  /** Entries of the frames before the next stand from here on in their rows. */
  private at = 0;
  private beatSeconds = NaN;
  private frames = 0;

  constructor() {
    new Int32Array(this.numbers.buffer, 8 * LONGEST_FROM, STATES).set(LONGEST_FRAMES);
    this.numbers.fill(-Infinity, ENTRIES_FROM, LENGTHS_FROM);
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
    const { kernel } = this;
    const at = kernel.heartCycle.of(this);
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
  }

  /** @param judged of the next frames, `[frames, JUDGED_LENGTH]` of HeartSoundEmissions: log-likelihoods come last */
  push(judged: Float64Array): void {
    for (let from = 0; from < judged.length; from += RUN * JUDGED_LENGTH) {
      this.take(
        judged.length <= RUN * JUDGED_LENGTH ? judged : judged.subarray(from, from + RUN * JUDGED_LENGTH),
      );
    }
  }

  private take(judged: Float64Array): void {
    const frames = judged.length / JUDGED_LENGTH;
    const { kernel } = this;
    const input = kernel.input.room(8 * judged.length);
    const address = kernel.heartCycle.of(this);
    if (this.at + frames > RUN) {
      const numbers = kernel.float64s(address, this.numbers.length);
      for (let row = ENTRIES_FROM; row < LENGTHS_FROM; row += ENTRIES_ROW) {
        numbers.copyWithin(row, row + this.at, row + this.at + ROOM);
      }
      this.at = 0;
    }
    kernel.put(judged, input);
    kernel.functions.likeliestPaths(
      input,
      frames,
      this.frames,
      address,
      ROOM,
      address + 8 * LONGEST_FROM,
      address + 8 * SUMS_FROM,
      address + 8 * (ENTRIES_FROM + this.at),
      8 * ENTRIES_ROW,
      address + 8 * LENGTHS_FROM,
      HISTORY,
    );
    this.at += frames;
    this.frames += frames;
  }

  /**
   * The likeliest segments up to the newest frame, oldest first, as far back as `since` or the history reaches. The
   * last is unfinished.
   */
  trace(since: number): HeartSegment[] {
    const { frames, kernel } = this;
    let { state, length } = this.unfinished();
    const lengths = kernel.bytes(kernel.heartCycle.of(this) + 8 * LENGTHS_FROM, HISTORY * STATES);
    const segments: HeartSegment[] = [];
    const oldest = Math.max(since, frames - HISTORY + 1 + LONGEST_FRAMES[3], 0);
    let until = frames;
    while (until > oldest) {
      segments.push({ state: HEART_STATES[state], start: until - length, end: until });
      until -= length;
      state = (state + STATES - 1) % STATES;
      length = lengths[(until % HISTORY) * STATES + state];
    }
    return segments.reverse();
  }

  /** The state that the likeliest path is in at the newest frame, and for how many frames it has been so. */
  private unfinished(): { state: number; length: number } {
    const { kernel, frames } = this;
    const begin = kernel.heartCycle.of(this) / 8;
    const { numbers } = kernel;
    let highest = -Infinity;
    let state = 0;
    let length = 0;
    for (let s = 0; s < STATES; s++) {
      const entry = begin + ENTRIES_FROM + s * ENTRIES_ROW + this.at + ROOM;
      const survival = begin + (2 * s + 2) * ROOM;
      const sum = numbers[begin + SUMS_FROM + s];
      const most = Math.min(LONGEST_FRAMES[s], frames);
      for (let d = 1; d <= most; d++) {
        const entered = d === frames ? 0 : numbers[entry - 1 - d];
        const score = entered + numbers[survival - d] + sum;
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
    const { kernel } = this;
    const numbers = kernel.float64s(kernel.heartCycle.of(this), this.numbers.length);
    this.frames = this.at = 0;
    numbers.fill(0, SUMS_FROM, LONGEST_FROM);
    numbers.fill(-Infinity, ENTRIES_FROM, LENGTHS_FROM);
  }
}
