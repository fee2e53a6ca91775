import type { FinalVerdict } from './verdict-reason.js';
import type { Site } from './site.js';

/** A finished recording as part of an examination. */
export interface SiteRecording {
  readonly subject: string;
  readonly site: Site | null;
  readonly verdict: FinalVerdict;
  /** Milliseconds since 1970, when it began. */
  readonly startedAtMs: number;
  /** Folder name, `null` where it is not stored. */
  readonly session: string | null;
}

export interface SiteResult {
  /** `null` for recordings that name no site. */
  readonly site: Site | null;
  readonly verdict: FinalVerdict;
  readonly recordings: number;
}

/** Several sites of one subject, heard one after the other, with one joint result. */
export interface Examination {
  readonly subject: string;
  readonly startedAtMs: number;
  /** When its last recording began. */
  readonly lastStartedAtMs: number;
  readonly verdict: FinalVerdict;
  /** In the order in which they were first heard. */
  readonly sites: readonly SiteResult[];
  /** Of its recordings, as far as they are stored; the oldest first. */
  readonly sessions: readonly string[];
}

/** A recording that begins later than this after the one before it belongs to another examination. */
export const EXAMINATION_PAUSE_MS = 60 * 60 * 1000;

/** Stands beside every joint result. */
export const JOINT_RULE =
  'Joint result: abnormal if any site is abnormal; normal only if every recorded site is normal; otherwise ' +
  'inconclusive. A site that was recorded again is abnormal if any of its recordings is; a conclusive ' +
  'recording replaces an inconclusive one.';

/**
 * Sorts recordings into examinations: those of one subject with at most {@link EXAMINATION_PAUSE_MS} between the
 * beginnings of two that follow each other.
 *
 * @returns the newest first
 */
export function examinationsOf(recordings: readonly SiteRecording[]): Examination[] {
  const groups: SiteRecording[][] = [];
  const newest = new Map<string, SiteRecording[]>();
  for (const recording of [...recordings].sort((a, b) => a.startedAtMs - b.startedAtMs)) {
    const group = newest.get(recording.subject);
    if (group && recording.startedAtMs - group[group.length - 1].startedAtMs <= EXAMINATION_PAUSE_MS) {
      group.push(recording);
      continue;
    }
    const begun = [recording];
    newest.set(recording.subject, begun);
    groups.push(begun);
  }
  return groups.map(examinationOf).sort((a, b) => b.startedAtMs - a.startedAtMs);
}

/** @param recordings at least one, all of one examination */
function examinationOf(recordings: readonly SiteRecording[]): Examination {
  const bySite = new Map<Site | null, SiteRecording[]>();
  for (const recording of recordings) {
    bySite.set(recording.site, [...(bySite.get(recording.site) ?? []), recording]);
  }
  const sites = [...bySite].map(([site, takes]) => ({
    site,
    verdict: ofOneSite(takes),
    recordings: takes.length,
  }));
  return {
    subject: recordings[0].subject,
    startedAtMs: recordings[0].startedAtMs,
    lastStartedAtMs: recordings[recordings.length - 1].startedAtMs,
    verdict: jointVerdict(sites.map(({ verdict }) => verdict)),
    sites,
    sessions: recordings.map(({ session }) => session).filter((session) => session !== null),
  };
}

function ofOneSite(takes: readonly SiteRecording[]): FinalVerdict {
  if (takes.some(({ verdict }) => verdict === 'abnormal')) return 'abnormal';
  // An inconclusive take is a poor one: a conclusive one before or after it stands.
  return takes.some(({ verdict }) => verdict === 'normal') ? 'normal' : 'inconclusive';
}

/** @param verdicts one a site, at least one */
export function jointVerdict(verdicts: readonly FinalVerdict[]): FinalVerdict {
  if (verdicts.includes('abnormal')) return 'abnormal';
  return verdicts.every((verdict) => verdict === 'normal') ? 'normal' : 'inconclusive';
}
