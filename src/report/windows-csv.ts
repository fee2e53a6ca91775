import { csvRow } from '../evaluate/csv.js';
import { printable } from '../printable.js';
import type { Report } from './report.js';

/** In this order; what is not known is empty. Times in seconds on the recording's time axis, which counts lost samples. */
export const WINDOW_COLUMNS = [
  /** The session's folder. */
  'session',
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
] as const;

/**
 * Every window of every recording of a report, a row each, under a header of {@link WINDOW_COLUMNS}.
 *
 * Quoting and line ends as in RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before
 * it; numbers stay numbers.
 */
export function windowsCsv({ recordings }: Report): string {
  const rows = [csvRow(WINDOW_COLUMNS)];
  for (const { name, subject, site, startedAt, windows, model, simulated } of recordings) {
    for (const window of windows) {
      const { index, startSeconds, endSeconds, probability, quality, usable, heartRateBpm } = window;
      const cells = [
        ...[name, subject, site, startedAt],
        ...[index, startSeconds, endSeconds, probability, quality, usable],
        ...[window.reasons.join(';'), window.dropped, heartRateBpm, model.sha256, simulated],
      ];
      rows.push(csvRow(cells.map((cell) => (typeof cell === 'string' ? withoutFormula(cell) : cell))));
    }
  }
  return rows.map((row) => row.replace(/\n$/, '\r\n')).join('');
}

/**
 * What spreadsheets take for the beginning of a formula gets an apostrophe, also behind what some of them take for the
 * end of a cell: where people write 0,5 it is the semicolon.
 */
const withoutFormula = (text: string): string =>
  printable(text.replace(/(^|[;,|\t\r\n])(\s*[=+\-@＝＋－＠])/g, "$1'$2"));
