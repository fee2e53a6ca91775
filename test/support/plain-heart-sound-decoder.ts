import { HEART_STATES } from '../../src/heart/heart-sound-emissions.js';

const FRAME_RATE_HZ = 50;
const STATES = HEART_STATES.length;
/** Longest duration of each state in frames: diastole of a heart at 30 a minute takes 1.6 s. */
const LONGEST_FRAMES = [10, 24, 9, 84] as const;
const SHORTEST_FRAMES = [3, 2, 2, 4] as const;
/** Frames that can be traced back. */
const HISTORY = 512;
/** Without a heart rate: a resting heart's, loosely. */
const UNKNOWN_BEAT_SECONDS = 0.8;
/** Share of intervals that follow no rule: ectopic beats, a wrong rate. */
const UNRULY = 0.05;

/** A stretch of one state; `end` is the frame after its last. */
export interface HeartSegment {
  readonly state: (typeof HEART_STATES)[number];
  readonly start: number;
  readonly end: number;
}

/**
 * The readable twin of the module's decoder: finds the likeliest sequence of S1, systole, S2 and diastole by Viterbi's algorithm
 * over states with explicit durations, in plain loops, a frame at a time.
 */
export class PlainHeartSoundDecoder {
  /** Best score of a path in which a segment of a state ends after frame `t - 1`; `[HISTORY][STATES]`. */
  private readonly best = new Float64Array(HISTORY * STATES);
  /** Length of that segment. */
  private readonly length = new Uint8Array(HISTORY * STATES);
  /** Sums of log-likelihoods before each frame; `[HISTORY][STATES]`. */
  private readonly sums = new Float64Array(HISTORY * STATES);
  /** Log-probability of each duration, by state; `[STATES][longest + 1]`. */
  private readonly durations: readonly Float64Array[] = LONGEST_FRAMES.map((n) => new Float64Array(n + 1));
  /** Log-probability of lasting at least so long. */
  private readonly survivals: readonly Float64Array[] = LONGEST_FRAMES.map((n) => new Float64Array(n + 1));
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
    for (let state = 0; state < STATES; state++) {
      this.fillDurations(state, means[state] * FRAME_RATE_HZ, deviations[state] * FRAME_RATE_HZ);
    }
  }

  private fillDurations(state: number, mean: number, deviation: number): void {
    const longest = LONGEST_FRAMES[state];
    const shortest = SHORTEST_FRAMES[state];
    const table = this.durations[state];
    let total = 0;
    for (let d = shortest; d <= longest; d++) total += Math.exp(-0.5 * ((d - mean) / deviation) ** 2);
    let survival = 0;
    for (let d = longest; d >= 0; d--) {
      const rule = d < shortest ? 0 : Math.exp(-0.5 * ((d - mean) / deviation) ** 2) / Math.max(total, 1e-12);
      const p = d < shortest ? 0 : (1 - UNRULY) * rule + UNRULY / (longest - shortest + 1);
      survival += p;
      table[d] = Math.log(p);
      this.survivals[state][d] = Math.log(survival);
    }
  }

  /** @param logLikelihoods of the next frame, one a state */
  push(logLikelihoods: Float64Array): void {
    const { best, length, sums, frames } = this;
    const now = (frames % HISTORY) * STATES;
    const next = ((frames + 1) % HISTORY) * STATES;
    if (frames === 0) {
      best.fill(0, now, now + STATES);
      sums.fill(0, now, now + STATES);
      length.fill(0, now, now + STATES);
    }
    for (let state = 0; state < STATES; state++)
      sums[next + state] = sums[now + state] + logLikelihoods[state];
    const t = frames + 1;
    for (let state = 0; state < STATES; state++) {
      const table = this.durations[state];
      const before = (state + STATES - 1) % STATES;
      const total = sums[next + state];
      const longest = Math.min(LONGEST_FRAMES[state], t);
      let highest = -Infinity;
      let chosen = 1;
      for (let d = 1; d <= longest; d++) {
        const start = ((t - d) % HISTORY) * STATES;
        // The first segment may have begun before the stretch did.
        const duration = d === t ? this.survivals[state][d] : table[d];
        const score = best[start + before] + duration + total - sums[start + state];
        if (score > highest) {
          highest = score;
          chosen = d;
        }
      }
      best[next + state] = highest;
      length[next + state] = chosen;
    }
    this.frames = t;
  }

  /**
   * The likeliest segments up to the newest frame, oldest first, as far back as `since` or the history reaches. The
   * last is unfinished.
   */
  trace(since: number): HeartSegment[] {
    const { best, sums, frames } = this;
    const end = (frames % HISTORY) * STATES;
    let highest = -Infinity;
    let state = 0;
    let start = frames;
    for (let s = 0; s < STATES; s++) {
      const before = (s + STATES - 1) % STATES;
      for (let d = 1; d <= Math.min(LONGEST_FRAMES[s], frames); d++) {
        const at = ((frames - d) % HISTORY) * STATES;
        const score = best[at + before] + this.survivals[s][d] + sums[end + s] - sums[at + s];
        if (score > highest) {
          highest = score;
          state = s;
          start = frames - d;
        }
      }
    }
    const segments: HeartSegment[] = [];
    const oldest = Math.max(since, frames - HISTORY + 1 + LONGEST_FRAMES[3], 0);
    let until = frames;
    while (until > oldest) {
      segments.push({ state: HEART_STATES[state], start, end: until });
      until = start;
      state = (state + STATES - 1) % STATES;
      start = until - this.length[(until % HISTORY) * STATES + state];
    }
    return segments.reverse();
  }

  reset(): void {
    this.frames = 0;
  }
}
