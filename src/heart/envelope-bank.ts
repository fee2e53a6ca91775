import { butterworthBandPass } from '../condition/butterworth.js';
import { SosFilter } from '../condition/second-order-sections.js';
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

/**
 * Turns conditioned samples into frames of 20 ms: energies in three bands and the shape of the signal.
 *
 * One object for a stretch without gap: state is that of the band filters and the frame begun. `reset()` clears both.
 */
export class EnvelopeBank {
  readonly frameSamples: number;
  private readonly filters: readonly SosFilter[];
  private scratch = new Float64Array(1024);
  private frames = new Float64Array(64 * FRAME_LENGTH);
  /** Sums over the frame begun. */
  private readonly sums = new Float64Array(FRAME_LENGTH);
  private filled = 0;
  private lastSample = 0;

  /** @throws ConfigurationError where frames would not be whole or a band does not fit */
  constructor(options: { readonly modelRateHz: number }) {
    const { modelRateHz } = options;
    if (!Number.isInteger(modelRateHz) || modelRateHz < 800 || modelRateHz % FRAME_RATE_HZ !== 0) {
      throw new ConfigurationError(
        `modelRateHz must be a multiple of ${FRAME_RATE_HZ} and at least 800 for signal quality, got ${modelRateHz}`,
      );
    }
    this.frameSamples = modelRateHz / FRAME_RATE_HZ;
    this.filters = [0, 1, 2].map(
      (band) =>
        new SosFilter(
          butterworthBandPass({
            order: 2,
            lowHz: BAND_EDGES_HZ[band],
            highHz: BAND_EDGES_HZ[band + 1],
            sampleRateHz: modelRateHz,
          }),
        ),
    );
  }

  /**
   * @param samples conditioned, contiguous with those before
   * @returns frames that these samples complete, row-major `[frames, FRAME_LENGTH]`; the array is reused by the next call
   */
  execute(samples: Float64Array): Float64Array {
    const count = Math.floor((this.filled + samples.length) / this.frameSamples);
    if (this.frames.length < (count + 1) * FRAME_LENGTH) {
      this.frames = new Float64Array((count + 1) * FRAME_LENGTH);
    }
    if (this.scratch.length < samples.length) this.scratch = new Float64Array(samples.length);
    const band = this.scratch.subarray(0, samples.length);
    const frames = this.frames.fill(0, 0, (count + 1) * FRAME_LENGTH);
    frames.set(this.sums);
    for (let field = 0; field < this.filters.length; field++) {
      this.filters[field].execute(samples, band);
      this.addSquares(band, field);
    }
    this.addShape(samples);
    for (let i = 0; i < count * FRAME_LENGTH; i++) {
      if (i % FRAME_LENGTH !== FrameField.peak) frames[i] /= this.frameSamples;
    }
    this.sums.set(frames.subarray(count * FRAME_LENGTH, (count + 1) * FRAME_LENGTH));
    this.filled = (this.filled + samples.length) % this.frameSamples;
    return frames.subarray(0, count * FRAME_LENGTH);
  }

  reset(): void {
    for (const filter of this.filters) filter.reset();
    this.sums.fill(0);
    this.filled = 0;
    this.lastSample = 0;
  }

  private addSquares(band: Float64Array, field: number): void {
    const { frames, frameSamples } = this;
    let position = field;
    let left = frameSamples - this.filled;
    let sum = frames[position];
    for (let i = 0; i < band.length; i++) {
      sum += band[i] * band[i];
      if (--left === 0) {
        frames[position] = sum;
        position += FRAME_LENGTH;
        left = frameSamples;
        sum = 0;
      }
    }
    frames[position] = sum;
  }

  private addShape(samples: Float64Array): void {
    const { frames, frameSamples } = this;
    let row = 0;
    let left = frameSamples - this.filled;
    let last = this.lastSample;
    let square = frames[FrameField.total];
    let fourth = frames[FrameField.fourth];
    let peak = frames[FrameField.peak];
    let crossings = frames[FrameField.crossings];
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i];
      const x2 = x * x;
      square += x2;
      fourth += x2 * x2;
      const size = Math.abs(x);
      if (size > peak) peak = size;
      if (x * last < 0) crossings++;
      last = x;
      if (--left === 0) {
        frames[row + FrameField.total] = square;
        frames[row + FrameField.fourth] = fourth;
        frames[row + FrameField.peak] = peak;
        frames[row + FrameField.crossings] = crossings;
        row += FRAME_LENGTH;
        left = frameSamples;
        square = fourth = peak = crossings = 0;
      }
    }
    frames[row + FrameField.total] = square;
    frames[row + FrameField.fourth] = fourth;
    frames[row + FrameField.peak] = peak;
    frames[row + FrameField.crossings] = crossings;
    this.lastSample = last;
  }
}
