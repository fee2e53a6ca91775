import { csvRow, withoutFormula } from '../evaluate/csv.js';
import { printable } from '../printable.js';
import type { StoredResult } from './ward-store.js';

/** Columns of {@link resultsCsv}. Times are ISO 8601 in UTC, probabilities of *abnormal*. */
export const RESULT_COLUMNS = [
  'at',
  'bedside',
  'subject',
  'site',
  'kind',
  'verdict',
  'probability',
  'reasons',
  'usable_seconds',
  'recordings',
  'heart_rate_bpm',
  'lost_samples',
  'recording',
  'model_sha256',
  'id',
] as const;

/** Results as a table (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it. */
export function resultsCsv(results: readonly StoredResult[]): string {
  const rows = results.map(({ at, bedside, subject, site, recording, id, result }) => {
    const { kind, verdict, probability, usableSeconds } = result;
    const isFinal = result.kind === 'final';
    const cells = [
      ...[at.toISOString(), bedside, subject, site, kind, verdict, probability],
      ...[result.reasons.join(';'), usableSeconds, isFinal ? 1 : result.recordings],
      ...(isFinal ? [result.heartRateBpm, result.lostSamples] : [null, null]),
      ...[recording, isFinal ? result.model.sha256 : null, id],
    ];
    return csvRow(cells.map((cell) => (typeof cell === 'string' ? printable(withoutFormula(cell)) : cell)));
  });
  return [csvRow(RESULT_COLUMNS), ...rows].map((row) => row.replace(/\n$/, '\r\n')).join('');
}
