import { joinEvidence, type JoinedRecording, type JoiningRules, type JointResult } from './joint-evidence.js';
import type { Site } from './site.js';

/** A recording as part of an examination. */
export interface SiteRecording {
  readonly subject: string;
  readonly site: Site | null;
  /** `null` where it was begun and has no result. */
  readonly result: JoinedRecording | null;
  /** Those of the model that screened it. */
  readonly rules: JoiningRules;
  /** Milliseconds since 1970, when it began. */
  readonly startedAtMs: number;
  /** Folder name, `null` where it is not stored. */
  readonly session: string | null;
}

/** All recordings at one site, joined. */
export interface SiteResult extends JointResult {
  /** `null` for recordings that name no site. */
  readonly site: Site | null;
}

/** Several recordings of one subject, made one after the other, with one joint result. */
export interface Examination extends JointResult {
  readonly subject: string;
  readonly startedAtMs: number;
  /** When its last recording began. */
  readonly lastStartedAtMs: number;
  /** In the order in which they were first heard. */
  readonly sites: readonly SiteResult[];
  /** Of its recordings, as far as they are stored; the oldest first. */
  readonly sessions: readonly string[];
}

/** A recording that begins later than this after the one before it belongs to another examination. */
export const EXAMINATION_PAUSE_MS = 60 * 60 * 1000;

/** Stands beside every joint result. */
export const JOINT_RULE =
  'Joint result: the mean of the evidence of all recordings, each weighted by its seconds of usable signal, against ' +
  'the same limits as one recording. A poor recording weighs little; no single one decides alone.';

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
  return {
    ...joined(recordings),
    subject: recordings[0].subject,
    startedAtMs: recordings[0].startedAtMs,
    lastStartedAtMs: recordings[recordings.length - 1].startedAtMs,
    sites: [...bySite].map(([site, takes]) => ({ site, ...joined(takes) })),
    sessions: recordings.map(({ session }) => session).filter((session) => session !== null),
  };
}

/** By the rules of the newest; recordings of another model are not joined anyway. */
function joined(recordings: readonly SiteRecording[]): JointResult {
  const results = recordings.map(({ result }) => result).filter((result) => result !== null);
  const joint = joinEvidence(results, recordings[recordings.length - 1].rules);
  return { ...joint, recordings: recordings.length };
}
