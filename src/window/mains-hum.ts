import type { KeptStretch } from './kept-stretch.js';

/** Less than this share of the mean power is no hum but what others leak into its lines. */
const LEAST_SHARE = 1e-3;

/** Hum of the mains in the last seconds. */
export interface Hum {
  /** 50 or 60. */
  readonly hertz: number;
  /** Mean square of the fundamental and its harmonics together. */
  readonly power: number;
}

/**
 * Finds hum of the mains in conditioned samples: tones at 50 or 60 Hz and their multiples that never pause.
 *
 * Each line is demodulated to a complex number every 0.1 s. In hum these keep their size and turn by the same small
 * angle from one to the next, drifting as slowly as the mains do; heart sounds, noise and voices come and go with any
 * phase. Only blocks between heart sounds count.
 *
 * @param atLeast power that is looked for: where there is less, `null` may say so
 * @returns the stronger of the two, or `null` where neither is there
 */
export function mainsHum(kept: KeptStretch, atLeast = 0): Hum | null {
  let strongest: Hum | null = null;
  const { mains, blockCount } = kept;
  for (let i = 0; i < mains.length; i++) {
    const power = mains[i].power(kept.mainsAddress(i), blockCount, atLeast);
    if (power > (strongest?.power ?? 0)) strongest = { hertz: mains[i].hertz, power };
  }
  return strongest !== null && strongest.power > LEAST_SHARE * kept.meanPower() ? strongest : null;
}
