import { HeartIntervals } from '../heart/heart-intervals.js';
import type { StoredSession } from '../record/stored-session.js';
import type { Span } from './spans.js';

/** A first or second heart sound. */
export interface HeartSound {
  /** On the recording's time axis, which counts lost samples. */
  readonly timeSeconds: number;
  readonly sound: 'S1' | 'S2';
}

/** Finds the heart sounds of a stored recording, in the order of time. */
export type FindHeartSounds = (session: StoredSession) => Promise<readonly HeartSound[]>;

/** Systole, from the first to the second heart sound, and diastole, from the second to the next first one. */
export interface SoundIntervals {
  /** Medians. */
  readonly systoleMs: number;
  readonly diastoleMs: number;
  /** Beats, from one first sound to the next, in which both were measured. */
  readonly beats: number;
}

/**
 * Measures beats that were heard whole, not in a span that does not count and not across a gap.
 *
 * @param unused spans in order of time
 * @returns `null` where fewer than five beats were
 */
export function measureIntervals(
  sounds: readonly HeartSound[],
  unused: readonly Span[],
): SoundIntervals | null {
  const intervals = new HeartIntervals();
  pushCounted(intervals, sounds, unused);
  const measured = intervals.estimate();
  if (measured === null) return null;
  const { systoleSeconds, diastoleSeconds, beats } = measured;
  return { systoleMs: 1000 * systoleSeconds, diastoleMs: 1000 * diastoleSeconds, beats };
}

/** Sounds go in with every span that does not count between them as the end of a stretch. */
function pushCounted(into: HeartIntervals, sounds: readonly HeartSound[], unused: readonly Span[]): void {
  let from = -Infinity;
  for (const { sound, timeSeconds } of sounds) {
    const isCut = unused.some((span) => span.fromSeconds < timeSeconds && span.toSeconds > from);
    if (isCut) into.endStretch();
    into.push({ sound, startSeconds: timeSeconds });
    from = timeSeconds;
  }
}
