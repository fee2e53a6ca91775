import type { TraceFrame } from './page-messages.js';

/** At 1,000 Hz sixteen seconds: more than is ever shown. A power of two. */
const CAPACITY = 16_384;

/** The last seconds of the trace on its time axis. What is missing is NaN. Its memory never grows. */
export class TraceRing {
  private readonly samples = new Float32Array(CAPACITY).fill(NaN);
  private rateHz = 0;
  /** Index behind the newest sample, 0 at the time axis' beginning. */
  private end = 0;
  private begin = 0;

  get sampleRateHz(): number {
    return this.rateHz;
  }

  /** Index of the oldest sample that is kept. */
  get beginSample(): number {
    return this.begin;
  }

  get endSample(): number {
    return this.end;
  }

  get endSeconds(): number {
    return this.rateHz === 0 ? 0 : this.end / this.rateHz;
  }

  clear(): void {
    this.samples.fill(NaN);
    this.rateHz = this.end = this.begin = 0;
  }

  /** Takes a frame that stands behind what is there; what overlaps replaces the old. */
  push({ sampleRateHz, startSeconds, samples }: TraceFrame): void {
    if (sampleRateHz !== this.rateHz) {
      this.clear();
      this.rateHz = sampleRateHz;
      this.begin = this.end = Math.round(startSeconds * sampleRateHz);
    }
    const start = Math.round(startSeconds * sampleRateHz);
    const end = start + samples.length;
    for (let i = Math.max(this.end, start - CAPACITY); i < start; i++) this.samples[i & (CAPACITY - 1)] = NaN;
    for (let i = Math.max(0, samples.length - CAPACITY); i < samples.length; i++) {
      this.samples[(start + i) & (CAPACITY - 1)] = samples[i];
    }
    this.end = Math.max(this.end, end);
    this.begin = Math.max(this.begin, this.end - CAPACITY);
  }

  /** A sample by its index; NaN where it is missing, forgotten or yet to come. */
  at(index: number): number {
    return index < this.begin || index >= this.end ? NaN : this.samples[index & (CAPACITY - 1)];
  }

  /**
   * Least and greatest sample of columns that follow each other in time.
   *
   * @param first index of the first column's first sample
   * @param samplesPerColumn at least 1, not necessarily whole
   * @param end samples from here on are not looked at
   * @param extremes receives least and greatest in turns; NaN for a column without samples
   */
  extremes(first: number, samplesPerColumn: number, end: number, extremes: Float32Array): void {
    const { samples } = this;
    const from = this.begin;
    const to = Math.min(this.end, end);
    for (let column = 0; column < extremes.length / 2; column++) {
      const begin = Math.max(from, Math.ceil(first + column * samplesPerColumn));
      const stop = Math.min(to, Math.ceil(first + (column + 1) * samplesPerColumn));
      let least = NaN;
      let greatest = NaN;
      for (let i = begin; i < stop; i++) {
        const value = samples[i & (CAPACITY - 1)];
        // Comparisons with NaN are false: the first sample of a column always counts, a missing one never.
        if (value !== value) continue;
        if (!(value >= least)) least = value;
        if (!(value <= greatest)) greatest = value;
      }
      extremes[2 * column] = least;
      extremes[2 * column + 1] = greatest;
    }
  }
}
