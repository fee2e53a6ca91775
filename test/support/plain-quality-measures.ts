import { FRAME_LENGTH, FRAME_RATE_HZ, FrameField } from '../../src/heart/envelope-bank.js';
import type { Beat } from '../../src/heart/heart-rate.js';
import { QUALITY_MEASURES, type Correlations } from '../../src/window/signal-quality-measures.js';

const CONTEXT_SECONDS = 8;
/** Lags from here on are compared between bands: below they tell smoothness, not rhythm. */
const FIRST_RHYTHM_LAG = 10;

/** The readable twin of `QualityMeasures`: histories in arrays of its own, means and ranks one by one. */
export class PlainQualityMeasures {
  /** Newest last; frames of the window are its end. Written from the middle on when full, so that no ring is cut. */
  private readonly lower: Float64Array;
  private readonly upper: Float64Array;
  private readonly square: Float64Array;
  private readonly fourth: Float64Array;
  private end = 0;
  private readonly keep: number;
  private readonly values = new Float64Array(QUALITY_MEASURES.length);

  constructor(private readonly windowFrames: number) {
    this.keep = Math.max(windowFrames, CONTEXT_SECONDS * FRAME_RATE_HZ);
    const length = 2 * this.keep;
    this.lower = new Float64Array(length);
    this.upper = new Float64Array(length);
    this.square = new Float64Array(length);
    this.fourth = new Float64Array(length);
  }

  push(frames: Float64Array): void {
    for (let row = 0; row < frames.length; row += FRAME_LENGTH) {
      if (this.end === this.lower.length) {
        for (const history of [this.lower, this.upper, this.square, this.fourth])
          history.copyWithin(0, this.keep);
        this.end = this.keep;
      }
      this.lower[this.end] = frames[row + FrameField.low] + frames[row + FrameField.mid];
      this.upper[this.end] = frames[row + FrameField.high];
      this.square[this.end] = frames[row + FrameField.total];
      this.fourth[this.end] = frames[row + FrameField.fourth];
      this.end++;
    }
  }

  /**
   * Level that nine in ten frames of the window stay below, root mean square.
   */
  loudLevel(): number {
    return Math.sqrt(quantile(this.sorted(this.square), 0.9));
  }

  /** Mean squares of the window's frames: their mean, and that of the median frame. */
  powers(): { readonly mean: number; readonly median: number } {
    const { square, end, windowFrames } = this;
    return {
      mean: mean(square, end - windowFrames, end),
      median: this.sorted(square)[windowFrames >> 1],
    };
  }

  /**
   * @param beat of the same frames
   * @param correlations by band of the same frames
   * @returns by {@link QUALITY_MEASURES}; reused by the next call
   */
  execute(beat: Beat | null, correlations: Correlations): Float64Array {
    const { low, mid, high } = correlations;
    const { values, windowFrames, end } = this;
    const start = end - windowFrames;
    const lower = this.sorted(this.lower);
    const [loud, middle] = [quantile(lower, 0.9), quantile(lower, 0.5)];
    const contrast = logRatio(loud, middle);
    const floorContrast = logRatio(middle, quantile(lower, 0.1));
    const peakContrast = logRatio(quantile(lower, 1), loud);
    const upper = this.sorted(this.upper);
    const highContrast = logRatio(quantile(upper, 0.9), quantile(upper, 0.1));
    const meanSquare = mean(this.square, start, end);
    let i = 0;
    for (const value of [
      contrast,
      floorContrast,
      peakContrast,
      highContrast,
      logRatio(mean(this.fourth, start, end), meanSquare * meanSquare),
      this.unsteadiness(),
      logRatio(mean(this.upper, start, end), mean(this.lower, start, end)),
      beat?.correlation ?? 0,
      beat?.low ?? 0,
      beat?.mid ?? 0,
      beat?.high ?? 0,
      beat?.echo ?? 0,
      beat === null ? 0 : beat.correlation - beat.trough,
      beat?.disagreement ?? 1,
      correlation(low, mid),
      correlation(low, high),
      low[1],
      mid[1],
      high[1],
    ]) {
      values[i++] = value;
    }
    return values;
  }

  reset(): void {
    this.end = 0;
  }

  /** The window's frames, the smallest first. */
  private sorted(history: Float64Array): Float64Array {
    return history.slice(this.end - this.windowFrames, this.end).sort();
  }

  /** Standard deviation of log10 energy in 25..150 Hz from second to second over the context. */
  unsteadiness(): number {
    let sum = 0;
    let squares = 0;
    let seconds = 0;
    const oldest = Math.max(0, this.end - this.keep);
    for (let end = this.end; end - FRAME_RATE_HZ >= oldest; end -= FRAME_RATE_HZ) {
      const level = Math.log10(mean(this.lower, end - FRAME_RATE_HZ, end) + Number.MIN_VALUE);
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

/** Nearest rank. */
const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.round(share * (sorted.length - 1))];

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
