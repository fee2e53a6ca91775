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

/** With fewer, a median says nothing. */
const MIN_BEATS = 5;
/** 220 to 30 beats a minute: what is beyond is a missed or a false sound. */
const MIN_BEAT_SECONDS = 60 / 220;
const MAX_BEAT_SECONDS = 60 / 30;

/**
 * Measures beats that were heard whole: S1, S2, S1 in turn, not in a span that does not count and not across a gap.
 *
 * @param unused spans in order of time
 * @returns `null` where fewer than five beats were
 */
export function measureIntervals(
  sounds: readonly HeartSound[],
  unused: readonly Span[],
): SoundIntervals | null {
  const systoles: number[] = [];
  const diastoles: number[] = [];
  for (let i = 0; i + 2 < sounds.length; i++) {
    const [first, second, next] = [sounds[i], sounds[i + 1], sounds[i + 2]];
    if (first.sound !== 'S1' || second.sound !== 'S2' || next.sound !== 'S1') continue;
    const beatSeconds = next.timeSeconds - first.timeSeconds;
    if (beatSeconds < MIN_BEAT_SECONDS || beatSeconds > MAX_BEAT_SECONDS) continue;
    const isCut = unused.some(
      (span) => span.fromSeconds < next.timeSeconds && span.toSeconds > first.timeSeconds,
    );
    if (isCut) continue;
    systoles.push(1000 * (second.timeSeconds - first.timeSeconds));
    diastoles.push(1000 * (next.timeSeconds - second.timeSeconds));
  }
  if (systoles.length < MIN_BEATS) return null;
  return { systoleMs: median(systoles), diastoleMs: median(diastoles), beats: systoles.length };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
