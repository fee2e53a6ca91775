import type { LabelledRecording } from './labelled-set.js';
import { csvRow, withFormula, withoutFormula } from './csv.js';
import { lazySchemas } from '../schemas.js';
import { finalEventSchema, type FinalEvent, type WindowEvent } from '../screen/result-events.js';

/**
 * Columns of predictions.csv. What is not known is an empty cell; reasons are separated by blanks. Names that somebody
 * else gave (record, database, group) are made safe for spreadsheets as `withoutFormula` does.
 */
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

/** Of a `final` event, what a table of predictions keeps: not where the file lay, nor model and stethoscope, which all rows share. */
const predictionSchema = lazySchemas(() =>
  finalEventSchema().omit({ kind: true, file: true, model: true, stethoscope: true }),
);
export type Prediction = Omit<FinalEvent, 'kind' | 'file' | 'model' | 'stethoscope'>;
/** Of a `window` event, what a table of windows keeps. */
export type PredictedWindow = Pick<
  WindowEvent,
  'index' | 'startSeconds' | 'endSeconds' | 'logit' | 'probability' | 'quality' | 'usable'
>;

/** A recording after the whole way. */
export interface Screened {
  readonly final: Prediction;
  readonly windows: readonly PredictedWindow[];
}

/** A row of predictions.csv: what is known of the recording, and what screening gave. */
export function predictionRow(recording: LabelledRecording, final: Prediction): string {
  const { record, label, database, group, fold, markedUsable } = recording;
  return csvRow([
    withoutFormula(record),
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
    database && withoutFormula(database),
    group && withoutFormula(group),
    fold,
    markedUsable === null ? null : Number(markedUsable),
  ]);
}

/** @returns the result in a row of predictions.csv, `undefined` where a cell is not what it must be */
export function parsePrediction(cells: readonly string[]): {
  record: string;
  final: Prediction | undefined;
} {
  const cell = (column: Column) => cells[PREDICTION_COLUMNS.indexOf(column)];
  return { record: withFormula(cell('record')), final: finalOf(cell) };
}

function finalOf(cell: (column: Column) => string): Prediction | undefined {
  const numberOf = (column: Column): number | null => (cell(column) === '' ? null : Number(cell(column)));
  const parsed = predictionSchema().safeParse({
    verdict: cell('verdict'),
    probability: numberOf('probability'),
    reasons: cell('reasons').split(' ').filter(Boolean),
    durationSeconds: numberOf('durationSeconds'),
    usableSeconds: numberOf('usableSeconds'),
    windows: numberOf('windows'),
    lostSamples: numberOf('lostSamples'),
    droppedWindows: numberOf('droppedWindows'),
    quality: numberOf('quality'),
    heartRateBpm: numberOf('heartRateBpm'),
    sampleRateHz: numberOf('sampleRateHz'),
  });
  return parsed.success ? parsed.data : undefined;
}
