import { csvRow, withoutFormula } from '../evaluate/csv.js';
import { printable } from '../printable.js';
import type { Report } from './report.js';

/** In this order; what is not known is empty. Times in seconds on the recording's time axis, which counts lost samples. */
export const WINDOW_COLUMNS = [
  /** The session's folder. */
  'session',
  /** After all corrections. */
  'subject',
  'site',
  /** When the recording began, ISO 8601, UTC. */
  'started_at',
  'window',
  'start_seconds',
  'end_seconds',
  /** Calibrated, 0 to 1; no verdict. */
  'probability_abnormal',
  /** Signal quality index, 0 to 1. */
  'quality',
  /** `true` or `false`. */
  'usable',
  /** Why it is not usable: words with a semicolon between. */
  'reasons',
  /** Why the model never saw it. */
  'dropped',
  'heart_rate_bpm',
  'model_sha256',
  /** `true`: nobody was listened to, a simulator played a recording. */
  'simulated',
  /** As they were named when the recording began. */
  'subject_recorded',
  'site_recorded',
  /** What a person noted afterwards. */
  'note',
] as const;

/**
 * Every window of every recording of a report, a row each, under a header of {@link WINDOW_COLUMNS}.
 *
 * Quoting and line ends as in RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before
 * it; numbers stay numbers.
 */
export function windowsCsv({ recordings }: Report): string {
  const rows = [csvRow(WINDOW_COLUMNS)];
  for (const recording of recordings) {
    const { name, subject, site, startedAt, windows, model, recorded, note, simulated } = recording;
    for (const window of windows) {
      const { index, startSeconds, endSeconds, probability, quality, usable, heartRateBpm } = window;
      const cells = [
        ...[name, subject, site, startedAt],
        ...[index, startSeconds, endSeconds, probability, quality, usable],
        ...[window.reasons.join(';'), window.dropped, heartRateBpm, model.sha256, simulated],
        ...[recorded.subject, recorded.site, note],
      ];
      rows.push(
        csvRow(cells.map((cell) => (typeof cell === 'string' ? printable(withoutFormula(cell)) : cell))),
      );
    }
  }
  return rows.map((row) => row.replace(/\n$/, '\r\n')).join('');
}
