import type { LabelledRecording } from './labelled-set.js';
import { csvRow } from './csv.js';
import type { ScreenedFinal } from './screened.js';

/** Columns of predictions.csv. What is not known is an empty cell; reasons are separated by blanks. */
export const PREDICTION_COLUMNS = [
  'record',
  'label',
  'verdict',
  'probability',
  'usableSeconds',
  'quality',
  'heartRateBpm',
  'reasons',
  'durationSeconds',
  'windows',
  'lostSamples',
  'droppedWindows',
  'sampleRateHz',
  'database',
  'group',
  'fold',
  'markedUsable',
] as const;
type Column = (typeof PREDICTION_COLUMNS)[number];

const VERDICTS: readonly string[] = ['normal', 'abnormal', 'inconclusive'];

/** A row of predictions.csv: what is known of the recording, and what screening gave. */
export function predictionRow(recording: LabelledRecording, final: ScreenedFinal): string {
  const { record, label, database, group, fold, markedUsable } = recording;
  return csvRow([
    record,
    label,
    final.verdict,
    final.probability,
    final.usableSeconds,
    final.quality,
    final.heartRateBpm,
    final.reasons.join(' '),
    final.durationSeconds,
    final.windows,
    final.lostSamples,
    final.droppedWindows,
    final.sampleRateHz,
    database,
    group,
    fold,
    markedUsable === null ? null : Number(markedUsable),
  ]);
}

/** @returns the result in a row of predictions.csv, `undefined` where a cell is not what it must be */
export function parsePrediction(cells: readonly string[]): {
  record: string;
  final: ScreenedFinal | undefined;
} {
  const cell = (column: Column) => cells[PREDICTION_COLUMNS.indexOf(column)];
  return { record: cell('record'), final: finalOf(cell) };
}

function finalOf(cell: (column: Column) => string): ScreenedFinal | undefined {
  const numberOf = (column: Column): number | null => (cell(column) === '' ? null : Number(cell(column)));
  const numbers = {
    durationSeconds: numberOf('durationSeconds') ?? NaN,
    usableSeconds: numberOf('usableSeconds') ?? NaN,
    windows: numberOf('windows') ?? NaN,
    lostSamples: numberOf('lostSamples') ?? NaN,
    droppedWindows: numberOf('droppedWindows') ?? NaN,
    sampleRateHz: numberOf('sampleRateHz') ?? NaN,
  };
  const unknowable = {
    probability: numberOf('probability'),
    quality: numberOf('quality'),
    heartRateBpm: numberOf('heartRateBpm'),
  };
  const allNumbers = [...Object.values(numbers), ...Object.values(unknowable)];
  if (!allNumbers.every((number) => number === null || Number.isFinite(number))) return undefined;
  if (!VERDICTS.includes(cell('verdict'))) return undefined;
  return {
    verdict: cell('verdict') as ScreenedFinal['verdict'],
    reasons: cell('reasons').split(' ').filter(Boolean),
    ...numbers,
    ...unknowable,
  };
}
