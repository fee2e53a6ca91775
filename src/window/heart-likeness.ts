import { SignalKernel } from '../compute/signal-kernel.js';
import type { Beat } from '../heart/heart-rate.js';
import type { HeartSound } from '../heart/heart-sounds.js';
import { AdditiveScores } from './additive-scores.js';
import { HeartLikenessMeasures, LIKENESS_MEASURES } from './heart-likeness-measures.js';
import type { KeptStretch } from './kept-stretch.js';
import type { SignalQualityModel } from './signal-quality-model.js';

/**
 * Scores how much the last 8 s of a stretch are like a heart rather than something else with a beat.
 *
 * One window says little: the sum over a recording's windows decides (`src/verdict`). Causal, any chunking; `reset()`
 * starts a new stretch.
 */
export class HeartLikeness {
  private readonly measures: HeartLikenessMeasures;
  private readonly scores: AdditiveScores;

  /** @param kept of the stretch, which whoever makes it keeps */
  constructor(
    kept: KeptStretch,
    private readonly model: SignalQualityModel,
  ) {
    this.measures = new HeartLikenessMeasures(kept);
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

  /** @param settled heart sounds of the frames that are kept, after those before */
  push(settled: readonly HeartSound[]): void {
    this.measures.push(settled);
  }

  /**
   * @param beat of the frames that are kept
   * @param correlations autocorrelation of the same frames' envelopes by lag, in frames
   */
  window(beat: Beat | null, correlations: Float64Array): number {
    const { likeness } = this.model;
    const score = this.scores.execute(this.measures.execute(beat, correlations))[0];
    return likeness.bound * Math.tanh(score / likeness.bound) - likeness.limit;
  }

  reset(): void {
    this.measures.reset();
  }
}
