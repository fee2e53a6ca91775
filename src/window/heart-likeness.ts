import { SignalKernel } from '../compute/signal-kernel.js';
import type { Beat, HeartRate } from '../heart/heart-rate.js';
import type { HeartSound } from '../heart/heart-sounds.js';
import { AdditiveScores } from './additive-scores.js';
import { HeartLikenessMeasures, LIKENESS_MEASURES } from './heart-likeness-measures.js';
import type { SignalQualityModel } from './signal-quality-model.js';

export interface HeartLikenessOptions {
  readonly modelRateHz: number;
  readonly model: SignalQualityModel;
  /** Is given the frames, for the heart sounds and for whoever else asks it; default one of its own. */
  readonly rate?: HeartRate;
}

/**
 * Scores how much the last 8 s of a stretch are like a heart rather than something else with a beat.
 *
 * One window says little: the sum over a recording's windows decides (`src/verdict`). Causal, any chunking; `reset()`
 * starts a new stretch.
 */
export class HeartLikeness {
  private readonly measures: HeartLikenessMeasures;
  private readonly scores: AdditiveScores;

  constructor(private readonly options: HeartLikenessOptions) {
    const { modelRateHz, model, rate } = options;
    const { heartSounds: network, heartRate } = model;
    this.measures = new HeartLikenessMeasures({ modelRateHz, network, heartRate, ...(rate && { rate }) });
    const { intercept, measures } = model.likeness;
    this.scores = new AdditiveScores(
      SignalKernel.get().likenessScores,
      [intercept],
      measures.map(({ name, knots, scores }) => ({
        column: LIKENESS_MEASURES.indexOf(name),
        knots,
        scores: [scores],
      })),
    );
  }

  /**
   * @param samples conditioned, contiguous with those before
   * @param frames that an EnvelopeBank makes of them
   * @returns the heart sounds that are now settled, in seconds since the stretch began
   */
  push(samples: Float64Array, frames: Float64Array): HeartSound[] {
    return this.measures.push(samples, frames);
  }

  /**
   * @param beat of the same frames
   * @param correlations autocorrelation of the same frames' envelopes by lag, in frames
   */
  window(beat: Beat | null, correlations: Float64Array): number {
    const { likeness } = this.options.model;
    const score = this.scores.execute(this.measures.execute(beat, correlations))[0];
    return likeness.bound * Math.tanh(score / likeness.bound) - likeness.limit;
  }

  reset(): void {
    this.measures.reset();
  }
}
