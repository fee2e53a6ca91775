import { SignalKernel, type Resident } from '../compute/signal-kernel.js';
import { butterworthBandPass } from '../condition/butterworth.js';
import { SECTION_LENGTH } from '../condition/sections.js';
import { ConfigurationError } from '../errors.js';

/** Frames a second: 20 ms, the resolution at which heart sounds are published (Springer et al. 2016, section II-D). */
export const FRAME_RATE_HZ = 50;

/** Edges of the bands, in hertz; the last ends below the 400 Hz that conditioning leaves. */
const BAND_EDGES_HZ = [25, 65, 150, 390] as const;

/** Numbers of one frame, in this order. Mean squares are of the samples in the frame. */
export const FrameField = {
  /** Mean square in 25..65 Hz: most of S1 and S2. */
  low: 0,
  /** Mean square in 65..150 Hz. */
  mid: 1,
  /** Mean square in 150..390 Hz: murmurs, breath, friction. */
  high: 2,
  /** Mean square of the conditioned signal. */
  total: 3,
  /** Mean fourth power of the conditioned signal. */
  fourth: 4,
  /** Largest absolute value. */
  peak: 5,
  /** Sign changes per sample. */
  crossings: 6,
} as const;

/** Numbers a frame. */
export const FRAME_LENGTH = 7;

/** State of three bands' filters, 4 each; the sums of the frame begun; the last sample. */
const STATE_LENGTH = 3 * 4 + FRAME_LENGTH + 1;
/** So many samples go into the module at once. */
const MOST_SAMPLES = 8192;

/**
 * Turns conditioned samples into frames of 20 ms: energies in three bands and the shape of the signal.
 *
 * One object for a stretch without gap: state is that of the band filters and the frame begun. `reset()` clears both.
 * The compute module does the arithmetic, all bands in one pass.
 */
export class EnvelopeBank implements Resident {
  readonly frameSamples: number;
  /** Coefficients and state, as `envelopeFrames` of the compute module takes them. */
  readonly numbers: Float64Array;
  private readonly kernel = SignalKernel.get();
  private readonly stateFrom: number;
  private frames = new Float64Array(64 * FRAME_LENGTH);
  private filled = 0;

  /** @throws ConfigurationError where frames would not be whole or a band does not fit */
  constructor(options: { readonly modelRateHz: number }) {
    const { modelRateHz } = options;
    if (!Number.isInteger(modelRateHz) || modelRateHz < 800 || modelRateHz % FRAME_RATE_HZ !== 0) {
      throw new ConfigurationError(
        `modelRateHz must be a multiple of ${FRAME_RATE_HZ} and at least 800 for signal quality, got ${modelRateHz}`,
      );
    }
    this.frameSamples = modelRateHz / FRAME_RATE_HZ;
    const [low, mid, high] = [0, 1, 2].map((band) =>
      coefficientsOf(
        butterworthBandPass({
          order: 2,
          lowHz: BAND_EDGES_HZ[band],
          highHz: BAND_EDGES_HZ[band + 1],
          sampleRateHz: modelRateHz,
        }),
      ),
    );
    const coefficients = [...low.flatMap((value, i) => [value, mid[i]]), ...high];
    this.stateFrom = coefficients.length;
    this.numbers = new Float64Array(this.stateFrom + STATE_LENGTH);
    this.numbers.set(coefficients);
  }

  /**
   * @param samples conditioned, contiguous with those before
   * @returns frames that these samples complete, row-major `[frames, FRAME_LENGTH]`; the array is reused by the next call
   */
  execute(samples: Float64Array): Float64Array {
    const length = Math.floor((this.filled + samples.length) / this.frameSamples) * FRAME_LENGTH;
    if (this.frames.length < length) this.frames = new Float64Array(length);
    let written = 0;
    for (let at = 0; at < samples.length; at += MOST_SAMPLES) {
      const piece = samples.length <= MOST_SAMPLES ? samples : samples.subarray(at, at + MOST_SAMPLES);
      written += this.take(piece, written);
    }
    return this.frames.subarray(0, length);
  }

  reset(): void {
    const { kernel } = this;
    const from = kernel.envelopeBank.of(this) / 8 + this.stateFrom;
    kernel.numbers.fill(0, from, from + STATE_LENGTH);
    this.filled = 0;
  }

  /** @returns how many numbers were written to `frames` from `to` on */
  private take(samples: Float64Array, to: number): number {
    const { kernel, filled, frameSamples } = this;
    const count = Math.floor((filled + samples.length) / frameSamples) * FRAME_LENGTH;
    const input = kernel.input.room(8 * samples.length);
    const output = kernel.output.room(8 * count);
    const coefficients = kernel.envelopeBank.of(this);
    const state = coefficients + 8 * this.stateFrom;
    kernel.put(samples, input);
    const left = frameSamples - filled;
    kernel.functions.envelopeFrames(input, samples.length, coefficients, state, left, frameSamples, output);
    kernel.get(output, count, this.frames, to);
    this.filled = (filled + samples.length) % frameSamples;
    return count;
  }
}

/** b0 b1 b2 a1 a2 of each section. */
function coefficientsOf(sos: Float64Array): number[] {
  const rows: number[] = [];
  for (let row = 0; row < sos.length; row += SECTION_LENGTH) {
    const [b0, b1, b2, , a1, a2] = sos.subarray(row, row + SECTION_LENGTH);
    rows.push(b0, b1, b2, a1, a2);
  }
  return rows;
}
