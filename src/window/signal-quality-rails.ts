import { SignalKernel, type Resident } from '../compute/signal-kernel.js';
import { ConfigurationError } from '../errors.js';
import { FRAME_RATE_HZ } from '../heart/envelope-bank.js';

/** Numbers of one frame of the unfiltered samples, in this order. */
export const RailField = {
  /** Samples in the frame. */
  samples: 0,
  /** Samples at or close to a rail: full scale, or the extremes held since the stretch began. */
  atRail: 1,
  /** Longest run of identical samples that reaches into this frame, counted up to the frame's end. */
  longestRun: 2,
  smallest: 3,
  largest: 4,
} as const;

/** Numbers a frame. */
export const RAIL_FRAME_LENGTH = 5;

/** From here on a sample is at full scale: the largest 16-bit value is 1 - 2^-15. */
const FULL_SCALE = 1 - 2 ** -14;

/** How close to a held extreme counts as at it, as a share of the range between the extremes. */
const NEAR_RAIL_SHARE = 0.005;

/** At the beginning of a stretch: extremes, rails, the last sample and its run, then a frame without its samples. */
const NEW_STATE = Float64Array.of(
  Infinity,
  -Infinity,
  Infinity,
  -Infinity,
  NaN,
  0,
  0,
  0,
  Infinity,
  -Infinity,
);
/** So many samples go into the module at once. */
const MOST_SAMPLES = 8192;

/** What frames say together. */
export interface Rails {
  /** Share of samples at a rail. */
  readonly share: number;
  readonly longestRunSeconds: number;
  /** Between the smallest and the largest sample. */
  readonly range: number;
}

/**
 * Watches the unfiltered samples of a source for what a filter hides: rails and flat lines.
 *
 * A signal clipped below full scale, by an amplifier or by an editor, is told by its samples crowding at its own
 * extremes, which are held from the stretch's start on: a heart sound touches its extremes briefly, a clipped one
 * stays there. Frames of 20 ms of source time; frame k holds samples with `floor(n * FRAME_RATE_HZ / rate) = k`.
 * Causal: a frame never changes. They are kept, however many, until {@link judge} is asked for later ones. `reset()` clears
 * frames, extremes, run and the frame begun. The compute module does the arithmetic.
 */
export class RailDetector implements Resident {
  /** State as `railFrames` of the module takes it. */
  readonly numbers = NEW_STATE.slice();
  private readonly kernel = SignalKernel.get();
  private readonly sampleRateHz: number;
  /** Row-major: frame `first` of the stretch at `from`, the others up to `end`. */
  private rows = new Float64Array(512 * RAIL_FRAME_LENGTH);
  private first = 0;
  private from = 0;
  private end = 0;
  /** `n * FRAME_RATE_HZ` modulo the rate: position in the frame begun, in units that are whole at any rate. */
  private phase = 0;

  constructor(options: { readonly sampleRateHz: number }) {
    const { sampleRateHz } = options;
    if (!Number.isInteger(sampleRateHz) || sampleRateHz < FRAME_RATE_HZ) {
      throw new ConfigurationError(
        `sampleRateHz must be an integer of at least ${FRAME_RATE_HZ}, got ${sampleRateHz}`,
      );
    }
    this.sampleRateHz = sampleRateHz;
  }

  /** @param samples as the source delivered them, contiguous with those before */
  push(samples: Float64Array): void {
    for (let from = 0; from < samples.length; from += MOST_SAMPLES) {
      this.take(samples.length <= MOST_SAMPLES ? samples : samples.subarray(from, from + MOST_SAMPLES));
    }
  }

  /** Frames of the stretch that are complete. */
  get frameCount(): number {
    return this.first + (this.end - this.from) / RAIL_FRAME_LENGTH;
  }

  /** Those that are kept, row-major `[frames, RAIL_FRAME_LENGTH]`; a view that the next call may change. */
  get frames(): Float64Array {
    return this.rows.subarray(this.from, this.end);
  }

  /**
   * What the frames from `first` to before `end` say; there must be as many. Those before them are forgotten.
   *
   * @param first no earlier than at the last call
   */
  judge(first: number, end: number): Rails {
    const { kernel } = this;
    this.from += (first - this.first) * RAIL_FRAME_LENGTH;
    this.first = first;
    const count = end - first;
    const length = count * RAIL_FRAME_LENGTH;
    const input = kernel.input.room(8 * length);
    const output = kernel.output.room(8 * RAIL_FRAME_LENGTH);
    kernel.put(this.rows.subarray(this.from, this.from + length), input);
    kernel.functions.judgeRails(input, count, output);
    const { numbers } = kernel;
    const all = output / 8;
    return {
      share: numbers[all + RailField.atRail] / numbers[all + RailField.samples],
      longestRunSeconds: numbers[all + RailField.longestRun] / this.sampleRateHz,
      range: numbers[all + RailField.largest] - numbers[all + RailField.smallest],
    };
  }

  reset(): void {
    this.phase = this.first = this.from = this.end = 0;
    this.kernel.put(NEW_STATE, this.kernel.rails.of(this));
  }

  private take(samples: Float64Array): void {
    const { kernel, sampleRateHz, phase } = this;
    const count = Math.floor((phase + samples.length * FRAME_RATE_HZ) / sampleRateHz);
    const length = RAIL_FRAME_LENGTH * count;
    if (this.rows.length < this.end + length) this.makeRoom(length);
    const input = kernel.input.room(8 * samples.length);
    const output = kernel.output.room(8 * length);
    const state = kernel.rails.of(this);
    kernel.put(samples, input);
    kernel.functions.railFrames(
      input,
      samples.length,
      phase,
      FRAME_RATE_HZ,
      sampleRateHz,
      state,
      FULL_SCALE,
      NEAR_RAIL_SHARE,
      output,
    );
    kernel.get(output, length, this.rows, this.end);
    this.end += length;
    this.phase = phase + samples.length * FRAME_RATE_HZ - count * sampleRateHz;
  }

  /** Moves the frames to the front, or to where there is more room. */
  private makeRoom(length: number): void {
    const { frames } = this;
    const needed = frames.length + length;
    if (this.rows.length < needed) this.rows = new Float64Array(2 * needed);
    this.rows.set(frames);
    this.from = 0;
    this.end = frames.length;
  }
}
