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

/**
 * Watches the unfiltered samples of a source for what a filter hides: rails and flat lines.
 *
 * A signal clipped below full scale, by an amplifier or by an editor, is told by its samples crowding at its own
 * extremes, which are held from the stretch's start on: a heart sound touches its extremes briefly, a clipped one
 * stays there. Frames of 20 ms of source time; frame k holds samples with `floor(n * FRAME_RATE_HZ / rate) = k`.
 * Causal: a frame that was returned never changes. `reset()` clears extremes, run and the frame begun.
 * The compute module does the arithmetic.
 */
export class RailDetector implements Resident {
  /** State as `railFrames` of the module takes it. */
  readonly numbers = NEW_STATE.slice();
  private readonly kernel = SignalKernel.get();
  private readonly sampleRateHz: number;
  private frames = new Float64Array(64 * RAIL_FRAME_LENGTH);
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

  /**
   * @param samples as the source delivered them, contiguous with those before
   * @returns frames that these samples complete, row-major `[frames, RAIL_FRAME_LENGTH]`; reused by the next call
   */
  execute(samples: Float64Array): Float64Array {
    const length = this.framesIn(samples.length) * RAIL_FRAME_LENGTH;
    if (this.frames.length < length) this.frames = new Float64Array(length);
    let written = 0;
    for (let from = 0; from < samples.length; from += MOST_SAMPLES) {
      const piece = samples.length <= MOST_SAMPLES ? samples : samples.subarray(from, from + MOST_SAMPLES);
      written += this.take(piece, written);
    }
    return this.frames.subarray(0, length);
  }

  reset(): void {
    this.phase = 0;
    this.kernel.put(NEW_STATE, this.kernel.rails.of(this));
  }

  /** How many frames the next so many samples complete. */
  private framesIn(samples: number): number {
    return Math.floor((this.phase + samples * FRAME_RATE_HZ) / this.sampleRateHz);
  }

  /** @returns how many numbers were written to `frames` from `to` on */
  private take(samples: Float64Array, to: number): number {
    const { kernel, sampleRateHz, phase } = this;
    const count = this.framesIn(samples.length);
    const input = kernel.input.room(8 * samples.length);
    const output = kernel.output.room(8 * RAIL_FRAME_LENGTH * count);
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
    kernel.get(output, RAIL_FRAME_LENGTH * count, this.frames, to);
    this.phase = phase + samples.length * FRAME_RATE_HZ - count * sampleRateHz;
    return RAIL_FRAME_LENGTH * count;
  }
}
