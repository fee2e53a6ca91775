import { SignalKernel, type Address, type Resident } from '../compute/signal-kernel.js';
import { FRAME_RATE_HZ } from '../heart/envelope-bank.js';
import type { Beat } from '../heart/heart-rate.js';
import { CONTEXT_FRAMES, type KeptStretch } from './kept-stretch.js';

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

/** What the module measures of frames alone: seven of the measures, then mean squares. */
const FRAME_MEASURES = 7;
const MeanSquare = {
  loud: QUALITY_MEASURES.length,
  all: QUALITY_MEASURES.length + 1,
  median: QUALITY_MEASURES.length + 2,
} as const;
/** The fourth mean square is the module's own. */
const FOUND_LENGTH = QUALITY_MEASURES.length + 4;

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
 * after Naseri & Homaeinezhad (Ann. Biomed. Eng. 41, 2013).
 */
export class QualityMeasures implements Resident {
  /** By {@link QUALITY_MEASURES}, then mean squares of the window's frames. */
  readonly numbers = new Float64Array(FOUND_LENGTH);
  private readonly kernel = SignalKernel.get();
  private readonly contextFrames: number;

  /** @param kept of the stretch, which whoever makes it keeps: so many frames at least */
  constructor(
    private readonly kept: KeptStretch,
    private readonly windowFrames: number,
  ) {
    this.contextFrames = Math.max(windowFrames, CONTEXT_FRAMES);
  }

  /** Measures the window that ends with the last frame kept; what the others here say is of it. */
  measureFrames(): void {
    const { kernel, windowFrames, contextFrames } = this;
    const work = kernel.work.room(8 * 2 * windowFrames);
    const { address } = this.kept;
    const found = kernel.qualityMeasures.of(this);
    const squares = found + 8 * MeanSquare.loud;
    kernel.functions.frameMeasures(address, windowFrames, contextFrames, FRAME_RATE_HZ, work, found, squares);
  }

  /**
   * Level that nine in ten frames of the window stay below, root mean square.
   */
  loudLevel(): number {
    return Math.sqrt(this.found(MeanSquare.loud));
  }

  /** Mean square of the window's frames. */
  meanPower(): number {
    return this.found(MeanSquare.all);
  }

  /** That of the median frame. */
  medianPower(): number {
    return this.found(MeanSquare.median);
  }

  /** Standard deviation of log10 energy in 25..150 Hz from second to second over the context. */
  unsteadiness(): number {
    return this.found(QUALITY_MEASURES.indexOf('unsteadiness'));
  }

  /**
   * @param beat of the frames that are kept
   * @param correlations by band of the same frames
   * @returns where the measures are in the module's memory, by {@link QUALITY_MEASURES}
   */
  execute(beat: Beat | null, { low, mid, high }: Correlations): Address {
    const { kernel } = this;
    const lags = low.length;
    const at = kernel.input.room(8 * 3 * lags);
    const found = kernel.qualityMeasures.of(this);
    kernel.put(low, at);
    kernel.put(mid, at + 8 * lags);
    kernel.put(high, at + 16 * lags);
    const { numbers } = kernel;
    let i = found / 8 + FRAME_MEASURES;
    numbers[i++] = beat?.correlation ?? 0;
    numbers[i++] = beat?.low ?? 0;
    numbers[i++] = beat?.mid ?? 0;
    numbers[i++] = beat?.high ?? 0;
    numbers[i++] = beat?.echo ?? 0;
    numbers[i++] = beat === null ? 0 : beat.correlation - beat.trough;
    numbers[i++] = beat?.disagreement ?? 1;
    numbers[i++] = kernel.functions.correlationOf(at, at + 8 * lags, FIRST_RHYTHM_LAG, lags);
    numbers[i++] = kernel.functions.correlationOf(at, at + 16 * lags, FIRST_RHYTHM_LAG, lags);
    numbers[i++] = low[1];
    numbers[i++] = mid[1];
    numbers[i] = high[1];
    return found;
  }

  private found(index: number): number {
    const { kernel } = this;
    const found = kernel.qualityMeasures.of(this) / 8;
    return kernel.numbers[found + index];
  }
}
