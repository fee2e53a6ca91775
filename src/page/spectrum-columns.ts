import { RealFft } from '../window/real-fft.js';
import type { TraceRing } from './trace-ring.js';

const FFT_LENGTH = 256;
/** Long enough to tell 16 Hz apart, short enough to tell S1 from S2. */
const WINDOW_SECONDS = 0.128;
export const COLUMN_SECONDS = 0.02;

/** Power spectra of the trace, one every {@link COLUMN_SECONDS}, as they become complete. */
export class SpectrumColumns {
  private readonly fft = new RealFft(FFT_LENGTH);
  private readonly power = new Float64Array(FFT_LENGTH / 2 + 1);
  private readonly windowed = new Float64Array(FFT_LENGTH);
  private hann = new Float64Array(0);
  private next = 0;

  constructor(
    private readonly lowHz: number,
    private readonly highHz: number,
    /** How many frequencies a column has, the lowest first. */
    readonly rows: number,
  ) {}

  reset(): void {
    this.next = 0;
  }

  /**
   * Hands on every column that has become complete.
   *
   * @param emit told the column's number and its levels in dB; `null` where samples are missing. The array is reused
   */
  advance(ring: TraceRing, emit: (column: number, levels: Float32Array | null) => void): void {
    const rate = ring.sampleRateHz;
    if (rate === 0) return;
    const hop = COLUMN_SECONDS * rate;
    const length = Math.min(FFT_LENGTH, Math.round(WINDOW_SECONDS * rate));
    if (this.hann.length !== length) {
      this.hann = Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / length));
    }
    const levels = new Float32Array(this.rows);
    this.next = Math.max(this.next, Math.ceil(ring.beginSample / hop));
    for (; ; this.next++) {
      const begin = Math.round(this.next * hop - length / 2);
      if (begin + length > ring.endSample) return;
      emit(this.next, this.measure(ring, begin, rate, levels) ? levels : null);
    }
  }

  /** @returns false where a sample is missing */
  private measure(ring: TraceRing, begin: number, rate: number, levels: Float32Array): boolean {
    const { hann, windowed, power } = this;
    for (let i = 0; i < hann.length; i++) {
      const sample = ring.at(begin + i);
      if (sample !== sample) return false;
      windowed[i] = sample * hann[i];
    }
    windowed.fill(0, hann.length);
    this.fft.execute(windowed, power);
    const binHz = rate / FFT_LENGTH;
    for (let row = 0; row < this.rows; row++) {
      const hz = this.lowHz + ((row + 0.5) / this.rows) * (this.highHz - this.lowHz);
      const bin = Math.min(power.length - 1, Math.round(hz / binHz));
      levels[row] = 10 * Math.log10(power[bin] + 1e-20);
    }
    return true;
  }
}
