import { SignalKernel } from '../compute/signal-kernel.js';
import { CONTEXT_SECONDS, type KeptStretch } from './kept-stretch.js';

/**
 * How much of the last seconds' wave comes again with the beat: a machine repeats its wave, a heart only its sounds.
 *
 * @param lag of the beat in samples, 0 where there is none
 * @returns the largest correlation of the signal with itself at lags about one beat, in [0, 1]; 0 where too little is known
 */
export function sameWave(kept: KeptStretch, lag: number): number {
  const kernel = SignalKernel.get();
  const { modelRateHz } = kept;
  const work = kernel.work.room(8 * ((CONTEXT_SECONDS + 0.04) * modelRateHz + 64));
  return kernel.functions.sameWave(kept.address, lag, modelRateHz, work);
}
