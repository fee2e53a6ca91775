/** What a person should do about the gain: `quiet`: more of it; `clipping`: less. */
export type LevelAdvice = 'good' | 'quiet' | 'clipping';

/** How loud a second of samples was, against full scale. */
export interface Level {
  readonly kind: 'level';
  /** Of the greatest amplitude, dB; `null` for digital silence. */
  readonly peakDbfs: number | null;
  /** Of the power about the mean, dB; `null` where nothing moved. */
  readonly rmsDbfs: number | null;
  /** Samples at full scale. */
  readonly clippedSamples: number;
  readonly advice: LevelAdvice;
}

/** From here on an amplitude is full scale: the last step of 12 bits. */
const FULL_SCALE = 1 - 2 ** -12;
/** A second with more samples at full scale clips; a click may have one or two. */
const CLIPPED_SAMPLES = 3;
/** Fewer steps of the converter than this leave too little of a faint heart: its own noise is one or two. */
const LEAST_STEPS = 128;
/** And what is so faint is little more than a converter's noise, however fine its steps are. */
const LEAST_DBFS = -60;
/** So many quiet seconds in a row are no pause. */
const QUIET_SECONDS = 3;

/** Makes one {@link Level} a second. State: of one recording. */
export class LevelMeter {
  private readonly leastPeak: number;
  private count = 0;
  private sum = 0;
  private sumOfSquares = 0;
  private peak = 0;
  private clipped = 0;
  private quietSeconds = 0;

  constructor(
    private readonly sampleRateHz: number,
    bitsPerSample: number,
  ) {
    this.leastPeak = Math.max(LEAST_STEPS / 2 ** (bitsPerSample - 1), 10 ** (LEAST_DBFS / 20));
  }

  /** @returns the levels of the seconds that these samples completed */
  push(samples: Float64Array): Level[] {
    const levels: Level[] = [];
    for (const sample of samples) {
      const magnitude = Math.abs(sample);
      this.sum += sample;
      this.sumOfSquares += sample * sample;
      if (magnitude > this.peak) this.peak = magnitude;
      if (magnitude >= FULL_SCALE) this.clipped++;
      if (++this.count === this.sampleRateHz) levels.push(this.endSecond());
    }
    return levels;
  }

  private endSecond(): Level {
    const { count, sum, sumOfSquares, peak, clipped } = this;
    const power = Math.max(0, sumOfSquares / count - (sum / count) ** 2);
    this.quietSeconds = peak < this.leastPeak ? this.quietSeconds + 1 : 0;
    const isClipping = clipped > CLIPPED_SAMPLES;
    this.count = this.sum = this.sumOfSquares = this.peak = this.clipped = 0;
    return {
      kind: 'level',
      peakDbfs: peak === 0 ? null : 20 * Math.log10(peak),
      rmsDbfs: power === 0 ? null : 10 * Math.log10(power),
      clippedSamples: clipped,
      advice: isClipping ? 'clipping' : this.quietSeconds >= QUIET_SECONDS ? 'quiet' : 'good',
    };
  }
}
