/** -1 dB below full scale: converters may overshoot between samples. */
export const LIMIT = 10 ** (-1 / 20);
const LOOK_AHEAD_SECONDS = 0.005;
const RELEASE_SECONDS = 0.12;

/**
 * Keeps a signal within {@link LIMIT}, however loud it comes, without cutting its waves: it sees a peak coming by its
 * look-ahead and turns the gain down before it, smoothly, and up again behind it.
 *
 * The gain that each sample demands, `min(1, LIMIT / |x|)`, goes through a sliding minimum and then a moving average of
 * the same length: no average of minima over windows that all hold a sample exceeds what that sample demands. Delay: the
 * look-ahead. What is no finite number counts as silence. State: the look-ahead; {@link reset} clears it.
 */
export class PeakLimiter {
  readonly delaySamples: number;
  private readonly length: number;
  private readonly release: number;
  private readonly delayed: Float64Array;
  private readonly minima: Float64Array;
  /** Candidates for the sliding minimum: their gains, rising, and when they came. */
  private readonly gains: Float64Array;
  private readonly times: Float64Array;
  private head = 0;
  private tail = 0;
  private held = 1;
  private sum: number;
  private time = 0;

  constructor(sampleRateHz: number) {
    this.length = Math.max(1, Math.round(LOOK_AHEAD_SECONDS * sampleRateHz));
    this.delaySamples = this.length - 1;
    this.release = 1 - Math.exp(-1 / (RELEASE_SECONDS * sampleRateHz));
    this.delayed = new Float64Array(this.length);
    this.minima = new Float64Array(this.length).fill(1);
    this.gains = new Float64Array(this.length + 1);
    this.times = new Float64Array(this.length + 1);
    this.sum = this.length;
  }

  reset(): void {
    this.delayed.fill(0);
    this.minima.fill(1);
    this.sum = this.length;
    this.held = 1;
    this.head = this.tail = this.time = 0;
  }

  /** In place. */
  execute(samples: Float32Array): void {
    const { length, delayed, minima } = this;
    for (let i = 0; i < samples.length; i++) {
      const x = Number.isFinite(samples[i]) ? samples[i] : 0;
      const slot = this.time % length;
      const least = this.slidingMinimum(Math.min(1, LIMIT / Math.abs(x)));
      // Rises slowly, falls at once: never above the minimum.
      this.held = Math.min(least, this.held + (1 - this.held) * this.release);
      this.sum += this.held - minima[slot];
      minima[slot] = this.held;
      // Rounding must not pile up over hours.
      if (slot === 0) this.sum = sumOf(minima);
      delayed[slot] = x;
      const y = (delayed[(this.time + 1) % length] * this.sum) / length;
      samples[i] = Math.max(-LIMIT, Math.min(LIMIT, y));
      this.time++;
    }
  }

  private slidingMinimum(gain: number): number {
    const { gains, times, length, time } = this;
    const room = gains.length;
    while (this.tail > this.head && gains[(this.tail - 1) % room] >= gain) this.tail--;
    gains[this.tail % room] = gain;
    times[this.tail % room] = time;
    this.tail++;
    while (times[this.head % room] <= time - length) this.head++;
    return gains[this.head % room];
  }
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
