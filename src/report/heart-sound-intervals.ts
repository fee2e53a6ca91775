import { HeartIntervals } from '../heart/heart-intervals.js';
import { Rhythm, type RhythmEstimate } from '../heart/rhythm.js';
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

/**
 * How regular the beats are that were heard, over the last 20 to 30 of them that count.
 *
 * @param doubtful spans, in any order
 * @returns `null` where fewer were heard; the most irregular estimate of the recording otherwise
 */
export function measureRhythm(
  sounds: readonly HeartSound[],
  doubtful: readonly Span[],
): RhythmEstimate | null {
  const rhythm = new Rhythm();
  let most: RhythmEstimate | null = null;
  const follow = {
    push(sound: { readonly sound: 'S1' | 'S2'; readonly startSeconds: number }) {
      rhythm.push(sound);
      const now = rhythm.estimate();
      if (now !== null && (most === null || now.irregularity > most.irregularity)) most = now;
    },
    endStretch: () => rhythm.endStretch(),
  };
  pushCounted(follow, sounds, doubtful);
  return most;
}

/** Sounds go in with every span that does not count between them as the end of a stretch. */
function pushCounted(
  into: Pick<HeartIntervals, 'push' | 'endStretch'>,
  sounds: readonly HeartSound[],
  unused: readonly Span[],
): void {
  let from = -Infinity;
  for (const { sound, timeSeconds } of sounds) {
    const isCut = unused.some((span) => span.fromSeconds < timeSeconds && span.toSeconds > from);
    if (isCut) into.endStretch();
    into.push({ sound, startSeconds: timeSeconds });
    from = timeSeconds;
  }
}
