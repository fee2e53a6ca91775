import type { LevelEvent } from '../screen/screening-events.js';

const METER_COLUMNS = 20;
const METER_FROM_DB = -60;
const ADVICE = { good: '', quiet: '   too quiet: more gain', clipping: '   CLIPPING: less gain' } as const;

/** A bar from -60 dB to full scale, the figure, and what to do about it. */
export function levelLine({ peakDbfs, advice }: LevelEvent): string {
  const share = peakDbfs === null ? 0 : Math.max(0, Math.min(1, 1 - peakDbfs / METER_FROM_DB));
  const filled = Math.round(METER_COLUMNS * share);
  const figure = peakDbfs === null ? 'silent' : `${Math.round(peakDbfs)} dB`;
  return `${'█'.repeat(filled)}${'░'.repeat(METER_COLUMNS - filled)} ${figure}${ADVICE[advice]}`;
}
