import type { LabelledRecording } from './labelled-set.js';

/** What is known of whether the model was trained on what it is evaluated on. */
export interface TrainingDataStatement {
  /**
   * `all`, `some`, `none`: known, from the lists of records or groups in the contract. `possible`: the contract names
   * no records, but a data set that these records seem to come from. `unknown`: nothing speaks for or against it.
   */
  readonly evaluatedOnTrainingData: 'all' | 'some' | 'none' | 'possible' | 'unknown';
  /** How many of the evaluated recordings the model was trained on; `null` where it cannot be known. */
  readonly recordings: number | null;
  /** For people. */
  readonly statement: string;
  /** What it rests on, where no list proves it. */
  readonly reason: string | null;
}

/** Of the PhysioNet/CinC Challenge 2016, whose data are the ones that everybody has. */
const CHALLENGE_RECORD = /^[a-f]\d{4,5}$/;
const CHALLENGE_DATASET = /challenge.?2016|2016.?challenge|cinc.?2016/i;

/**
 * Compares the evaluated recordings with the `training` section of a model contract: its lists `records` and `groups`
 * where it has them, else the name of its `dataset`.
 */
export function trainingDataStatement(
  recordings: readonly LabelledRecording[],
  training: Readonly<Record<string, unknown>>,
): TrainingDataStatement {
  const records = namesIn(training.records);
  const groups = namesIn(training.groups);
  const total = recordings.length;
  if (records !== undefined || groups !== undefined) {
    const seen = recordings.filter(
      ({ record, group }) => records?.has(record) === true || (group !== null && groups?.has(group) === true),
    ).length;
    // Groups alone say nothing about recordings whose group the table leaves out.
    const undecided = records === undefined && recordings.some(({ group }) => group === null);
    if (seen === total) return known('all', seen, `ALL ${total} RECORDINGS ARE TRAINING DATA of this model`);
    if (seen > 0)
      return known('some', seen, `${seen} OF ${total} RECORDINGS ARE TRAINING DATA of this model`);
    if (!undecided) return known('none', 0, `the model was trained on none of the ${total} recordings`);
  }
  const dataset = typeof training.dataset === 'string' ? training.dataset : undefined;
  const alike = recordings.filter(({ record }) => CHALLENGE_RECORD.test(record)).length;
  if (dataset !== undefined && CHALLENGE_DATASET.test(dataset) && alike > 0) {
    const split = typeof training.split === 'string' ? `, split "${training.split}"` : '';
    return {
      ...known('possible', null, `${alike} OF ${total} RECORDINGS MAY BE TRAINING DATA of this model`),
      reason:
        `it was trained on "${dataset}"${split}; these recordings bear names of that data set, and the contract does ` +
        'not list which it has seen',
    };
  }
  return known('unknown', null, 'whether the model was trained on any of these recordings is not known');
}

function known(
  evaluatedOnTrainingData: TrainingDataStatement['evaluatedOnTrainingData'],
  recordings: number | null,
  statement: string,
): TrainingDataStatement {
  return { evaluatedOnTrainingData, recordings, statement, reason: null };
}

/** `undefined` for what is no list of names, such as their number. */
function namesIn(value: unknown): ReadonlySet<string> | undefined {
  return Array.isArray(value) ? new Set(value.map(String)) : undefined;
}
