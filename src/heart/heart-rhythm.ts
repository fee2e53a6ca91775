import { SignalKernel, type Address, type Resident } from '../compute/signal-kernel.js';
import { FRAME_LENGTH, FRAME_RATE_HZ } from './envelope-bank.js';

export const MIN_BPM = 30;
export const MAX_BPM = 220;

/** Longest lag, in frames: a little more than one beat at 30 a minute, so that its peak has two sides. */
export const MAX_LAG_FRAMES = 2 * FRAME_RATE_HZ + 3;

/** Lags from 0 on; the module takes them by eights. */
const LAGS = MAX_LAG_FRAMES + 1;
const SHORTEST_BEAT_LAG = Math.floor((60 / MAX_BPM) * FRAME_RATE_HZ);
const LONGEST_BEAT_LAG = Math.ceil((60 / MIN_BPM) * FRAME_RATE_HZ) + 1;

/** Frames of one block; products are summed per block, so that old ones leave exactly, without rounding drift. */
const BLOCK_FRAMES = FRAME_RATE_HZ;
/** Blocks of the context, the newest of which may be incomplete. */
const BLOCKS = 8;

/**
 * Modulation, as a share of the envelope's level, that a rhythm must exceed to count. Below it is a tone's envelope:
 * its last ripple repeats perfectly.
 */
const LEAST_MODULATION = 0.06;

/** A lag is judged from a second of pairs on: fewer agree by chance. */
const LEAST_PAIRS = FRAME_RATE_HZ;

/** The rate that resting hearts have most, and how much a rate away from it must show: see `PREFERENCES`. */
export const TYPICAL_BEAT_SECONDS = 0.7;
const PREFERENCE = 0.3;
/** What a lag has to show more than others, by lag. */
const PREFERENCES = Float64Array.from({ length: LAGS }, (_, lag) =>
  lag === 0 ? 0 : PREFERENCE * Math.log(lag / FRAME_RATE_HZ / TYPICAL_BEAT_SECONDS) ** 2,
);

const BANDS = 3;
/** Frames of the context and the longest lag before it. */
const KEPT_FRAMES = BLOCKS * BLOCK_FRAMES + MAX_LAG_FRAMES;
/** See `takeEnvelopes` of the module. */
const STATE_LENGTH = 2 + BANDS * (BLOCKS * LAGS + 2 * KEPT_FRAMES);
const WORK_BYTES = 8 * 2 * BANDS * (KEPT_FRAMES + 1);

/** By lag in frames: 25..65 Hz, 65..150 Hz, above, and the mean of the first two. */
export interface Correlations {
  readonly low: Float64Array;
  readonly mid: Float64Array;
  readonly high: Float64Array;
  readonly mean: Float64Array;
}

/** Numbers that the module says of a beat, in the order of `findBeat` there. */
export const FOUND_LENGTH = 8;

/**
 * Autocorrelation of three envelopes over the last 8 s of a stretch, incrementally, and the beat in it. The envelopes are fourth
 * roots of the bands' energies, so that a knock does not outweigh the beats.
 *
 * At every lag it is Pearson's correlation between the frames of the context and those `lag` earlier, in [-1, 1], so that neither
 * level nor gain matters and a lag is not favoured for being short; 0 where there is less than a second of pairs, or no
 * variation. The context is blocks of a second, the newest of which may be incomplete; less at the start of a stretch. It never
 * looks ahead, and depends only on the frames, not on how they were handed in. `reset()` starts a new stretch.
 */
export class HeartRhythm implements Resident {
  /** As `takeEnvelopes` of the module keeps them. */
  readonly numbers = new Float64Array(STATE_LENGTH);
  /** Valid after {@link find} of the whole, until the next one. */
  readonly correlations: Correlations;
  private readonly bands = new Float64Array((BANDS + 1) * LAGS);
  private readonly kernel = SignalKernel.get();
  private count = 0;

  constructor() {
    const [low, mid, high, mean] = [0, 1, 2, 3].map((i) => this.bands.subarray(i * LAGS, (i + 1) * LAGS));
    this.correlations = { low, mid, high, mean };
  }

  /** Frames of the stretch. */
  get frameCount(): number {
    return this.count;
  }

  /** Frames that the next beat stands on. */
  get contextFrames(): number {
    return this.count - Math.max(0, Math.ceil(this.count / BLOCK_FRAMES) - BLOCKS) * BLOCK_FRAMES;
  }

  /** Whether the newest block is complete. */
  get isWhole(): boolean {
    return this.count % BLOCK_FRAMES === 0;
  }

  /** @param frames in the module, of an EnvelopeBank, contiguous with those before */
  take(frames: Address, count: number): void {
    const { kernel } = this;
    const state = kernel.heartRhythm.of(this);
    kernel.functions.takeEnvelopes(frames, count, 8 * FRAME_LENGTH, state, BLOCKS, BLOCK_FRAMES, LAGS);
    this.count += count;
  }

  /**
   * @param isWhole whether {@link correlations} are asked for
   * @param found what the module says of the beat
   * @returns the beat's lag in frames, 0 where none stands out
   */
  find(isWhole: boolean, found: Float64Array): number {
    const { kernel, bands } = this;
    const preferences = kernel.beatPreferences.holding(PREFERENCES);
    const work = kernel.work.room(WORK_BYTES);
    const output = kernel.output.room(8 * (bands.length + FOUND_LENGTH));
    const lag = kernel.functions.rhythmBeat(
      kernel.heartRhythm.of(this),
      BLOCKS,
      BLOCK_FRAMES,
      LAGS,
      LEAST_PAIRS,
      LEAST_MODULATION ** 2,
      SHORTEST_BEAT_LAG,
      LONGEST_BEAT_LAG,
      preferences,
      isWhole ? 1 : 0,
      work,
      output,
    );
    if (isWhole) kernel.get(output, bands.length, bands);
    if (lag !== 0) kernel.get(output + 8 * bands.length, FOUND_LENGTH, found);
    return lag;
  }

  reset(): void {
    const { kernel } = this;
    // The first number says how many frames are known.
    const state = kernel.heartRhythm.of(this);
    kernel.numbers[state / 8] = 0;
    this.count = 0;
  }
}
