import { SignalKernel, type Resident } from '../compute/signal-kernel.js';

/** Lags in which the same wave is looked for, either side of the beat. */
const WAVE_REACH_SECONDS = 0.008;
/** Of samples a beat apart at least so many seconds are compared. */
const LEAST_WAVE_SECONDS = 0.8;
/** The module compares every second sample: that will do for a correlation, and costs a quarter. */
const WAVE_STRIDE = 2;
const LEAST_ENERGY = 1e-20;

/**
 * Keeps the last samples of a stretch and says how much of their wave comes again with the beat: a machine repeats its wave,
 * a heart only its sounds. Any chunking; `reset()` at a gap.
 */
export class SameWave implements Resident {
  /** The last samples, newest last, up to `end`. */
  readonly numbers: Float64Array;
  private readonly kernel = SignalKernel.get();
  private readonly most: number;
  private end = 0;

  /** @param seconds that are looked back on */
  constructor(
    private readonly rateHz: number,
    seconds: number,
  ) {
    this.most = Math.ceil(seconds * rateHz);
    this.numbers = new Float64Array(2 * this.most);
  }

  push(samples: Float64Array): void {
    const { most, kernel } = this;
    const room = this.numbers.length;
    const kept = kernel.sameWave.of(this);
    const fresh = samples.length <= most ? samples : samples.subarray(samples.length - most);
    if (this.end + fresh.length > room) {
      const before = Math.min(this.end, most);
      kernel.float64s(kept, room).copyWithin(0, this.end - before, this.end);
      this.end = before;
    }
    kernel.put(fresh, kept + 8 * this.end);
    this.end += fresh.length;
  }

  /**
   * The largest correlation of the signal with itself at lags about one beat, in [0, 1].
   *
   * @param lag of the beat in samples, 0 where there is none
   * @returns 0 where too little is known
   */
  largest(lag: number): number {
    const { rateHz, kernel } = this;
    const count = Math.min(this.end, this.most);
    const reach = Math.round(WAVE_REACH_SECONDS * rateHz);
    if (lag === 0 || count - lag - reach < LEAST_WAVE_SECONDS * rateHz) return 0;
    const lags = Math.floor((2 * reach) / WAVE_STRIDE) + 1;
    const work = kernel.work.room(8 * (count + 2 * lags + 32));
    const samples = kernel.sameWave.of(this) + 8 * (this.end - count);
    return kernel.functions.largestCorrelation(samples, count, lag - reach, lags, LEAST_ENERGY, work);
  }

  reset(): void {
    this.end = 0;
  }
}
