import type { VerdictRules } from '../classify/model-contract.js';
import { toEvidence, toProbability, verdictZones, zoneOf } from './evidence.js';
import type { FinalVerdict, VerdictReason } from './verdict-reason.js';

/** Of a `final` event, what several recordings of one person are joined from. */
export interface JoinedRecording {
  readonly probability: number | null;
  readonly reasons: readonly VerdictReason[];
  readonly durationSeconds: number;
  readonly usableSeconds: number;
  readonly quality: number | null;
  readonly model: { readonly sha256: string };
}

/** The limits of one recording hold for several of them together. */
export type JoiningRules = Pick<VerdictRules, 'minimumUsableSeconds' | 'minimumQuality' | 'uncertain'>;

export interface JointResult {
  readonly verdict: FinalVerdict;
  /** Calibrated, of *abnormal*; `null` where nothing usable was scored. */
  readonly probability: number | null;
  readonly reasons: readonly VerdictReason[];
  readonly recordings: number;
  /** Of all recordings together. */
  readonly usableSeconds: number;
}

/** A probability that was rounded to 0 or 1 counts as very sure, not as infinitely sure. */
const SUREST = 1e-12;

/** The share of recordings without a class from which their reason is named. */
const NAMED_REASON_SHARE = 0.5;

/** Told of one recording; of several together they say something else or nothing. */
const OF_ONE_RECORDING: readonly VerdictReason[] = [
  'too-short',
  'too-little-usable-signal',
  'evidence-uncertain',
];

/**
 * Joins the recordings of one person: the mean of their evidence, each weighted by its usable seconds, against the
 * limits that hold for one recording. Where a recording was made does not matter, nor does the order.
 *
 * Not the worst of them: with every further recording that would call more healthy people abnormal, and it ranks people
 * worse than the mean does.
 */
export function joinEvidence(recordings: readonly JoinedRecording[], rules: JoiningRules): JointResult {
  let weighted = 0;
  let usableSeconds = 0;
  let quality = 0;
  let seconds = 0;
  for (const recording of recordings) {
    seconds += recording.durationSeconds;
    quality += (recording.quality ?? 0) * recording.durationSeconds;
    if (recording.probability === null) continue;
    const finite = Math.min(1 - SUREST, Math.max(SUREST, recording.probability));
    weighted += recording.usableSeconds * toEvidence(finite);
    usableSeconds += recording.usableSeconds;
  }
  const evidence = usableSeconds > 0 ? weighted / usableSeconds : null;
  const joint = {
    probability: evidence === null ? null : toProbability(evidence),
    recordings: recordings.length,
    usableSeconds,
  };
  const inconclusive = (...reasons: VerdictReason[]): JointResult => ({
    ...joint,
    verdict: 'inconclusive',
    reasons,
  });
  if (new Set(recordings.map(({ model }) => model.sha256)).size > 1) {
    return { ...inconclusive('models-differ'), probability: null };
  }
  if (seconds < rules.minimumUsableSeconds) return inconclusive('too-short', ...commonReasons(recordings));
  const isPoor = quality / seconds < rules.minimumQuality;
  if (evidence === null || usableSeconds < rules.minimumUsableSeconds || isPoor) {
    return inconclusive('too-little-usable-signal', ...commonReasons(recordings));
  }
  const verdict = zoneOf(evidence, verdictZones(rules.uncertain));
  return { ...joint, verdict, reasons: verdict === 'inconclusive' ? ['evidence-uncertain'] : [] };
}

/** What spoilt most of the recordings, the most frequent first. */
function commonReasons(recordings: readonly JoinedRecording[]): VerdictReason[] {
  const counts = new Map<VerdictReason, number>();
  const poor = recordings.filter(({ reasons }) => reasons.length > 0);
  for (const reason of poor.flatMap(({ reasons }) => [...new Set(reasons)])) {
    if (!OF_ONE_RECORDING.includes(reason)) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count >= NAMED_REASON_SHARE * poor.length)
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]))
    .map(([reason]) => reason);
}
