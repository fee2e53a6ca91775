import { RealFft } from '../window/real-fft.js';

export interface SpectrogramOptions {
  readonly sampleRateHz: number;
  /** Of the whole time axis. */
  readonly durationSeconds: number;
  readonly columns: number;
  readonly lowHz: number;
  readonly highHz: number;
}

const FRAME_SECONDS = 0.064;
const HOP_SECONDS = 0.016;
/** Twice as fine as the frame's own resolution, so that its lines are smooth. */
const ZERO_PADDING = 2;

/**
 * Mean short-time power by time and frequency, made from stretches of samples: Hann windows of 64 ms every 16 ms,
 * averaged into columns. Memory does not grow with the recording. A frame never spans a gap.
 */
export class Spectrogram {
  readonly bands: number;
  private readonly firstBin: number;
  private readonly frameSamples: number;
  private readonly hopSamples: number;
  private readonly fft: RealFft;
  private readonly window: Float64Array;
  private readonly frame: Float64Array;
  private readonly windowed: Float64Array;
  private readonly power: Float64Array;
  private readonly sums: Float64Array;
  private readonly counts: Uint32Array;
  private filled = 0;

  constructor(private readonly options: SpectrogramOptions) {
    const { sampleRateHz, columns, lowHz, highHz } = options;
    this.frameSamples = Math.round(FRAME_SECONDS * sampleRateHz);
    this.hopSamples = Math.round(HOP_SECONDS * sampleRateHz);
    const length = 2 ** Math.ceil(Math.log2(ZERO_PADDING * this.frameSamples));
    this.fft = new RealFft(length);
    this.firstBin = Math.ceil((lowHz * length) / sampleRateHz);
    this.bands = Math.floor((highHz * length) / sampleRateHz) - this.firstBin + 1;
    this.window = Float64Array.from(
      { length: this.frameSamples },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / this.frameSamples),
    );
    this.frame = new Float64Array(this.frameSamples);
    this.windowed = new Float64Array(this.frameSamples);
    this.power = new Float64Array(length / 2 + 1);
    this.sums = new Float64Array(columns * this.bands);
    this.counts = new Uint32Array(columns);
  }

  /** The samples that follow are not next to those that came before. */
  endStretch(): void {
    this.filled = 0;
  }

  /** @param startSeconds of the first sample */
  push(startSeconds: number, samples: Float64Array): void {
    const { frame, frameSamples, hopSamples } = this;
    const { sampleRateHz } = this.options;
    for (let at = 0; at < samples.length;) {
      const taken = Math.min(frameSamples - this.filled, samples.length - at);
      frame.set(samples.subarray(at, at + taken), this.filled);
      this.filled += taken;
      at += taken;
      if (this.filled < frameSamples) return;
      // To the sample, so that rounding does not move a frame that lies where two columns meet.
      this.takeFrame(Math.round(startSeconds * sampleRateHz + at - frameSamples / 2) / sampleRateHz);
      frame.copyWithin(0, hopSamples);
      this.filled = frameSamples - hopSamples;
    }
  }

  /**
   * @returns `[bands][columns]`, the lowest frequency first: decibels below the loudest cell, at most 0; NaN where
   * nothing was heard
   */
  decibels(): Float32Array {
    const { sums, counts, bands } = this;
    const { columns } = this.options;
    let most = 0;
    for (let i = 0; i < sums.length; i++)
      most = Math.max(most, sums[i] / (counts[Math.floor(i / bands)] || 1));
    const decibels = new Float32Array(bands * columns).fill(NaN);
    for (let column = 0; column < columns; column++) {
      for (let band = 0; band < bands && counts[column] > 0; band++) {
        const mean = sums[column * bands + band] / counts[column];
        decibels[band * columns + column] = most === 0 ? -Infinity : 10 * Math.log10(mean / most);
      }
    }
    return decibels;
  }

  private takeFrame(centreSeconds: number): void {
    const { columns, durationSeconds } = this.options;
    const { windowed, frame, window, power, bands, sums, firstBin } = this;
    for (let i = 0; i < frame.length; i++) windowed[i] = frame[i] * window[i];
    this.fft.execute(windowed, power);
    const place = Math.floor((centreSeconds / durationSeconds) * columns);
    const column = Math.max(0, Math.min(columns - 1, place));
    for (let band = 0; band < bands; band++) sums[column * bands + band] += power[firstBin + band];
    this.counts[column]++;
  }
}
