import { SignalKernel, type Address, type Resident } from '../compute/signal-kernel.js';
import { FRAME_LENGTH, FRAME_RATE_HZ, FrameField } from '../heart/envelope-bank.js';
import type { Beat } from '../heart/heart-rate.js';

/** Seconds that the steadiness of the level is judged over; the rhythm has the same context. */
const CONTEXT_SECONDS = 8;

/** Names of the measures, in the order of {@link QualityMeasures.execute}. None depends on the gain. */
export const QUALITY_MEASURES = [
  /** log10 of loud (90 %) over median frames' energy, 25..150 Hz: a heart pauses, noise does not. */
  'contrast',
  /** log10 of median over quiet (10 %) frames' energy: how uneven the pauses are. */
  'floorContrast',
  /** log10 of the loudest over loud frames' energy: knocks. */
  'peakContrast',
  /** Loud over quiet frames' energy above 150 Hz. */
  'highContrast',
  /** log10 of the kurtosis of the samples, 3 for Gaussian noise. */
  'kurtosis',
  /** Standard deviation of log10 energy, second by second: handling, speech, moving about. */
  'unsteadiness',
  /** log10 of the energy above 150 Hz over that below. */
  'bandRatio',
  /** Autocorrelation of the envelopes one beat apart: lower bands, and by band. */
  'rhythm',
  'rhythmLow',
  'rhythmMid',
  'rhythmHigh',
  /** Two beats apart. */
  'echo',
  /** How far the rhythm rises above the deepest correlation within the beat. */
  'prominence',
  /** Of two rates, from two bands: |ln|, at most 1. */
  'rateDisagreement',
  /** Correlation of the autocorrelations of two bands: sounds of a heart come in all bands at once. */
  'bandsTogether',
  'highBandTogether',
  /** Correlation of neighbouring frames: heart sounds last several frames, noise changes with each. */
  'smoothLow',
  'smoothMid',
  'smoothHigh',
] as const;

/** What is kept of each frame. */
const History = { lower: 0, upper: 1, square: 2, fourth: 3 } as const;
const HISTORIES = 4;

/** Lags from here on are compared between bands: below they tell smoothness, not rhythm. */
const FIRST_RHYTHM_LAG = 10;

export interface Correlations {
  readonly low: Float64Array;
  readonly mid: Float64Array;
  readonly high: Float64Array;
}

/**
 * Measures of one window's signal, and of the seconds before it, that tell heart sounds from everything else.
 *
 * Sources: autocorrelation peak, kurtosis and agreement of rates after Springer et al., "Automated signal quality
 * assessment of mobile phone-recorded heart sound signals" (J. Med. Eng. Technol. 40, 2016); contrast and band ratio
 * after Naseri & Homaeinezhad (Ann. Biomed. Eng. 41, 2013). `reset()` clears the history.
 */
export class QualityMeasures implements Resident {
  /**
   * Histories, by {@link History}, newest last; frames of the window are their ends. Written from the middle on when full, so
   * that no ring is cut.
   */
  readonly numbers: Float64Array;
  private readonly kernel = SignalKernel.get();
  private end = 0;
  private readonly keep: number;
  private readonly values = new Float64Array(QUALITY_MEASURES.length);

  constructor(private readonly windowFrames: number) {
    this.keep = Math.max(windowFrames, CONTEXT_SECONDS * FRAME_RATE_HZ);
    this.numbers = new Float64Array(HISTORIES * 2 * this.keep);
  }

  push(frames: Float64Array): void {
    const { keep } = this;
    const length = 2 * keep;
    const numbers = this.inMemory();
    for (let row = 0; row < frames.length; row += FRAME_LENGTH) {
      if (this.end === length) {
        for (let from = 0; from < numbers.length; from += length) {
          numbers.copyWithin(from, from + keep, from + length);
        }
        this.end = keep;
      }
      const at = this.end++;
      numbers[History.lower * length + at] = frames[row + FrameField.low] + frames[row + FrameField.mid];
      numbers[History.upper * length + at] = frames[row + FrameField.high];
      numbers[History.square * length + at] = frames[row + FrameField.total];
      numbers[History.fourth * length + at] = frames[row + FrameField.fourth];
    }
  }

  /**
   * Level that nine in ten frames of the window stay below, root mean square.
   */
  loudLevel(): number {
    return Math.sqrt(this.quantile(History.square, 0.9));
  }

  /** Mean squares of the window's frames: their mean, and that of the median frame. */
  powers(): { readonly mean: number; readonly median: number } {
    const { windowFrames } = this;
    return {
      mean: this.means()[History.square],
      median: this.ranked(History.square, windowFrames >> 1),
    };
  }

  /**
   * @param beat of the same frames
   * @param correlations by band of the same frames
   * @returns by {@link QUALITY_MEASURES}; reused by the next call
   */
  execute(beat: Beat | null, correlations: Correlations): Float64Array {
    const { low, mid, high } = correlations;
    const { values } = this;
    const loud = this.quantile(History.lower, 0.9);
    const middle = this.quantile(History.lower, 0.5);
    const means = this.means();
    const meanSquare = means[History.square];
    let i = 0;
    values[i++] = logRatio(loud, middle);
    values[i++] = logRatio(middle, this.quantile(History.lower, 0.1));
    values[i++] = logRatio(this.quantile(History.lower, 1), loud);
    values[i++] = logRatio(this.quantile(History.upper, 0.9), this.quantile(History.upper, 0.1));
    values[i++] = logRatio(means[History.fourth], meanSquare * meanSquare);
    values[i++] = this.unsteadiness();
    values[i++] = logRatio(means[History.upper], means[History.lower]);
    values[i++] = beat?.correlation ?? 0;
    values[i++] = beat?.low ?? 0;
    values[i++] = beat?.mid ?? 0;
    values[i++] = beat?.high ?? 0;
    values[i++] = beat?.echo ?? 0;
    values[i++] = beat === null ? 0 : beat.correlation - beat.trough;
    values[i++] = beat?.disagreement ?? 1;
    values[i++] = correlation(low, mid);
    values[i++] = correlation(low, high);
    values[i++] = low[1];
    values[i++] = mid[1];
    values[i] = high[1];
    return values;
  }

  reset(): void {
    this.end = 0;
  }

  private inMemory(): Float64Array {
    const { kernel, numbers } = this;
    return kernel.float64s(kernel.qualityMeasures.of(this), numbers.length);
  }

  /** Where a history ends, in the module's memory. */
  private endOf(history: number): Address {
    return this.kernel.qualityMeasures.of(this) + 8 * (2 * this.keep * history + this.end);
  }

  /** Of the window's frames, nearest rank. */
  private quantile(history: number, share: number): number {
    return this.ranked(history, Math.round(share * (this.windowFrames - 1)));
  }

  private ranked(history: number, rank: number): number {
    const { kernel, windowFrames } = this;
    const work = kernel.work.room(8 * 2 * windowFrames);
    const from = this.endOf(history) - 8 * windowFrames;
    return kernel.functions.rankedOf(from, windowFrames, rank, work);
  }

  /** Of the window's frames, by {@link History}. */
  private means(): readonly number[] {
    const { kernel, windowFrames, keep } = this;
    const output = kernel.output.room(8 * HISTORIES);
    kernel.functions.sumsOfFour(this.endOf(0), windowFrames, 8 * 2 * keep, output);
    const sums = kernel.float64s(output, HISTORIES);
    return [sums[0] / windowFrames, sums[1] / windowFrames, sums[2] / windowFrames, sums[3] / windowFrames];
  }

  /** Standard deviation of log10 energy in 25..150 Hz from second to second over the context. */
  unsteadiness(): number {
    let sum = 0;
    let squares = 0;
    let seconds = 0;
    const lower = this.inMemory();
    const oldest = Math.max(0, this.end - this.keep);
    for (let end = this.end; end - FRAME_RATE_HZ >= oldest; end -= FRAME_RATE_HZ) {
      const level = Math.log10(mean(lower, end - FRAME_RATE_HZ, end) + Number.MIN_VALUE);
      sum += level;
      squares += level * level;
      seconds++;
    }
    return seconds === 0 ? 0 : Math.sqrt(Math.max(0, squares / seconds - (sum / seconds) ** 2));
  }
}

/** Within what no recording leaves, so that digital silence gives a number too. */
const logRatio = (a: number, b: number): number => {
  if (!(a > 0)) return b > 0 ? -6 : 0;
  return b > 0 ? Math.max(-6, Math.min(6, Math.log10(a / b))) : 6;
};

function mean(x: Float64Array, start: number, end: number): number {
  let sum = 0;
  for (let i = start; i < end; i++) sum += x[i];
  return sum / (end - start);
}

/** Pearson's, over the lags that tell rhythm. */
function correlation(a: Float64Array, b: Float64Array): number {
  const start = FIRST_RHYTHM_LAG;
  const meanA = mean(a, start, a.length);
  const meanB = mean(b, start, b.length);
  let ab = 0;
  let aa = 0;
  let bb = 0;
  for (let i = start; i < a.length; i++) {
    ab += (a[i] - meanA) * (b[i] - meanB);
    aa += (a[i] - meanA) ** 2;
    bb += (b[i] - meanB) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}
