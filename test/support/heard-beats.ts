import type { HeardSound } from '../../src/heart/heard-sounds.js';
import type { RhythmWindow } from '../../src/heart/rhythm-watch.js';

/** What a beat sounds like; levels are log10 of energy. */
export interface Beat {
  /** Until the next. */
  readonly seconds: number;
  readonly level?: number;
  /** Loudest of what lies between its second sound and the next first one. */
  readonly loudestAfter?: number;
}

const REST = -6;
const SYSTOLE_SECONDS = 0.3;

/** First and second sounds of beats as clear as can be, 2 over the rest. */
export function heardBeats(beats: readonly Beat[], fromSeconds = 0): HeardSound[] {
  let at = fromSeconds;
  let loudest = REST;
  return [...beats, { seconds: 1 }].flatMap(({ seconds, level = -4, loudestAfter = REST }: Beat) => {
    const systole = Math.min(SYSTOLE_SECONDS, 0.4 * seconds);
    const common = { confidence: 0.9, level, restBefore: REST };
    const first = { ...common, sound: 'S1', startSeconds: at, endSeconds: at + 0.12 } as const;
    const second = {
      ...common,
      sound: 'S2',
      startSeconds: at + systole,
      endSeconds: at + systole + 0.1,
    } as const;
    const pair: HeardSound[] = [
      { ...first, loudestBefore: loudest },
      { ...second, loudestBefore: REST },
    ];
    at += seconds;
    loudest = loudestAfter;
    return pair;
  });
}

/** Windows of 3 s, one a second, with the sounds that are settled in each: 1.3 s late. */
export function windowsOf(
  sounds: readonly HeardSound[],
  qualityAt: (startSeconds: number) => number = () => 0.9,
): RhythmWindow[] {
  const last = Math.ceil((sounds.at(-1)?.endSeconds ?? 0) + 2);
  const settledBy = (seconds: number) => sounds.filter(({ endSeconds }) => endSeconds + 1.3 <= seconds);
  return Array.from({ length: last }, (_, start) => ({
    startSeconds: start,
    endSeconds: start + 3,
    quality: qualityAt(start),
    sounds: settledBy(start + 3).slice(start === 0 ? 0 : settledBy(start + 2).length),
  }));
}

export const repeated = <Value>(count: number, valueAt: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => valueAt(index));
