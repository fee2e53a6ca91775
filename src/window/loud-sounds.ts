import { SignalKernel, type Address } from '../compute/signal-kernel.js';
import { FRAME_RATE_HZ } from '../heart/envelope-bank.js';
import { CONTEXT_BINS, CONTEXT_FRAMES, CONTEXT_SECONDS, type KeptStretch } from './kept-stretch.js';

/** Measures of the loudest sounds of the last 8 s, in this order: how long, how abrupt, how even, of what colour. */
export const LOUD_SOUND_MEASURES = [
  /** Standard deviation of a sound's energy in time, median, in milliseconds: 15..40 for heart sounds. */
  'soundWidth',
  /** Energy after the peak less that before it, over their sum, median: 1 for what is struck and dies away. */
  'soundSkew',
  /** log10 of the energies of loud (90 %) over quiet (10 %) sounds. */
  'levelSpread',
  /** log10 of the energy above 150 Hz over that below, and of 65..150 Hz over 25..65 Hz; medians. */
  'loudHigh',
  'loudMid',
  /** Half the sign changes a second, median, in hertz. */
  'pitch',
  'soundsPerSecond',
] as const;

/** Peaks a second, at most, and numbers that the module works with for each. */
const MOST_PER_SECOND = 2.5;
const PEAK_LENGTH = 11;
const WORK_LENGTH = 3 * CONTEXT_BINS + PEAK_LENGTH * Math.ceil(MOST_PER_SECOND * CONTEXT_SECONDS);

/** @param output room for {@link LOUD_SOUND_MEASURES} in the module's memory, float64 */
export function measureLoudSounds(kept: KeptStretch, output: Address): void {
  const kernel = SignalKernel.get();
  const { address, binSamples, modelRateHz } = kept;
  const work = kernel.work.room(8 * WORK_LENGTH);
  const { functions } = kernel;
  functions.loudSounds(
    address,
    binSamples,
    CONTEXT_BINS,
    modelRateHz,
    CONTEXT_FRAMES,
    FRAME_RATE_HZ,
    work,
    output,
  );
}
