import { SignalKernel, type Resident } from '../compute/signal-kernel.js';
import { FRAME_LENGTH, FRAME_RATE_HZ } from '../heart/envelope-bank.js';
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

/** Histories of energies below 150 Hz and above, of mean squares and fourth powers. */
const HISTORIES = 4;
/** What the module measures of frames alone: seven of the measures, then mean squares. */
const FRAME_MEASURES = 7;
const MeanSquare = { loud: 7, all: 8, median: 9 } as const;
const FOUND_LENGTH = 10;

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
  /** Histories as `keepFrames` of the module takes them; frames of the window are their ends. */
  readonly numbers: Float64Array;
  private readonly kernel = SignalKernel.get();
  private end = 0;
  private readonly keep: number;
  private readonly values = new Float64Array(QUALITY_MEASURES.length);
  /** Of the frames so far, once somebody asked. */
  private readonly found = new Float64Array(FOUND_LENGTH);
  private isFound = false;

  constructor(private readonly windowFrames: number) {
    this.keep = Math.max(windowFrames, CONTEXT_SECONDS * FRAME_RATE_HZ);
    this.numbers = new Float64Array(HISTORIES * 2 * this.keep);
  }

  push(frames: Float64Array): void {
    const { kernel, keep, end } = this;
    const count = frames.length / FRAME_LENGTH;
    const input = kernel.input.room(8 * frames.length);
    const histories = kernel.qualityMeasures.of(this);
    kernel.put(frames, input);
    this.end = kernel.functions.keepFrames(input, count, 8 * FRAME_LENGTH, histories, keep, end);
    this.isFound = false;
  }

  /**
   * Level that nine in ten frames of the window stay below, root mean square.
   */
  loudLevel(): number {
    return Math.sqrt(this.ofFrames()[MeanSquare.loud]);
  }

  /** Mean squares of the window's frames: their mean, and that of the median frame. */
  powers(): { readonly mean: number; readonly median: number } {
    const found = this.ofFrames();
    return { mean: found[MeanSquare.all], median: found[MeanSquare.median] };
  }

  /**
   * @param beat of the same frames
   * @param correlations by band of the same frames
   * @returns by {@link QUALITY_MEASURES}; reused by the next call
   */
  execute(beat: Beat | null, { low, mid, high }: Correlations): Float64Array {
    const { values, kernel } = this;
    const found = this.ofFrames();
    let i = 0;
    while (i < FRAME_MEASURES) values[i] = found[i++];
    values[i++] = beat?.correlation ?? 0;
    values[i++] = beat?.low ?? 0;
    values[i++] = beat?.mid ?? 0;
    values[i++] = beat?.high ?? 0;
    values[i++] = beat?.echo ?? 0;
    values[i++] = beat === null ? 0 : beat.correlation - beat.trough;
    values[i++] = beat?.disagreement ?? 1;
    const lags = low.length;
    const at = kernel.input.room(8 * 3 * lags);
    kernel.put(low, at);
    kernel.put(mid, at + 8 * lags);
    kernel.put(high, at + 16 * lags);
    values[i++] = kernel.functions.correlationOf(at, at + 8 * lags, FIRST_RHYTHM_LAG, lags);
    values[i++] = kernel.functions.correlationOf(at, at + 16 * lags, FIRST_RHYTHM_LAG, lags);
    values[i++] = low[1];
    values[i++] = mid[1];
    values[i] = high[1];
    return values;
  }

  /** Standard deviation of log10 energy in 25..150 Hz from second to second over the context. */
  unsteadiness(): number {
    return this.ofFrames()[QUALITY_MEASURES.indexOf('unsteadiness')];
  }

  reset(): void {
    this.end = 0;
    this.isFound = false;
  }

  /** What the module measures of the window's frames. */
  private ofFrames(): Float64Array {
    const { kernel, keep, end, windowFrames, found } = this;
    if (this.isFound) return found;
    const work = kernel.work.room(8 * 2 * windowFrames);
    const output = kernel.output.room(8 * FOUND_LENGTH);
    const histories = kernel.qualityMeasures.of(this);
    kernel.functions.frameMeasures(histories, keep, end, windowFrames, FRAME_RATE_HZ, work, output);
    kernel.get(output, FOUND_LENGTH, found);
    this.isFound = true;
    return found;
  }
}
