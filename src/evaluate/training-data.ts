import type { LabelledRecording } from './labelled-set.js';
import type { TrainedRecordings } from './trained-recordings.js';

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
  /** What it rests on, where there is more to say than the statement does. */
  readonly reason: string | null;
}

/** Of the PhysioNet/CinC Challenge 2016, whose data are the ones that everybody has. */
const CHALLENGE_RECORD = /^[a-f]\d{4,5}$/;
const CHALLENGE_DATASET = /challenge.?2016|2016.?challenge|cinc.?2016/i;

/** What the evaluated recordings are compared by where the contract lists the samples that the model has heard. */
export interface SampleComparison {
  readonly trained: TrainedRecordings;
  /** Hashes of the evaluated recordings, by record; one that could not be read has none. */
  readonly hashes: ReadonlyMap<string, string>;
}

/**
 * Compares the evaluated recordings with the `training` section of a model contract.
 *
 * Where the contract lists hashes of samples, samples decide: a renamed copy is known, and a recording that only bears a
 * name of the list is not accused. Names decide of what cannot be read, and of the contract's `groups`, which then are a
 * suspicion. Without hashes the lists `records` and `groups` decide, else the name of the `dataset`.
 */
export function trainingDataStatement(
  recordings: readonly LabelledRecording[],
  training: Readonly<Record<string, unknown>>,
  samples: SampleComparison | null = null,
): TrainingDataStatement {
  const records = namesIn(training.records);
  const groups = namesIn(training.groups);
  const total = recordings.length;
  const isNamed = ({ record }: LabelledRecording) => records?.has(record) === true;
  const isOfGroup = ({ group }: LabelledRecording) => group !== null && groups?.has(group) === true;
  if (samples !== null) return bySamples(recordings, samples, { isNamed, isOfGroup });
  if (records !== undefined || groups !== undefined) {
    const seen = recordings.filter((recording) => isNamed(recording) || isOfGroup(recording)).length;
    // Groups alone say nothing about recordings whose group the table leaves out.
    const undecided = records === undefined && recordings.some(({ group }) => group === null);
    if (seen > 0 || !undecided) return counted(seen, total);
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

function bySamples(
  recordings: readonly LabelledRecording[],
  { trained, hashes }: SampleComparison,
  { isNamed, isOfGroup }: Record<'isNamed' | 'isOfGroup', (recording: LabelledRecording) => boolean>,
): TrainingDataStatement {
  const trainedAs = ({ record }: LabelledRecording) => trained.get(hashes.get(record) ?? '');
  const isSeen = (recording: LabelledRecording) =>
    hashes.has(recording.record) ? trainedAs(recording) !== undefined : isNamed(recording);
  const seen = recordings.filter(isSeen);
  const renamed = seen.filter((recording) => {
    const name = trainedAs(recording);
    return name !== undefined && name !== recording.record;
  });
  const reasons: string[] = [];
  if (renamed.length > 0) {
    const [first] = renamed;
    reasons.push(
      `${renamed.length} of them under another name, such as ${first.record}, which is ${trainedAs(first)}`,
    );
  }
  const namesakes = recordings.filter((recording) => isNamed(recording) && !isSeen(recording)).length;
  if (namesakes > 0)
    reasons.push(`${namesakes} bear the name of a training recording and hold other samples`);
  const unread = recordings.filter(({ record }) => !hashes.has(record)).length;
  if (unread > 0) reasons.push(`${unread} could not be read and were compared by name`);
  reasons.push('compared by samples: a cut, amplified or resampled copy is not noticed');
  const related = recordings.filter((recording) => isOfGroup(recording) && !isSeen(recording)).length;
  if (seen.length === 0 && related > 0) {
    return {
      ...known(
        'possible',
        null,
        `${related} OF ${recordings.length} RECORDINGS MAY BE OF PEOPLE whom this model has heard`,
      ),
      reason: ['their groups bear names of groups that it was trained on', ...reasons].join('; '),
    };
  }
  return { ...counted(seen.length, recordings.length), reason: reasons.join('; ') };
}

function counted(seen: number, total: number): TrainingDataStatement {
  if (seen === 0) return known('none', 0, `the model was trained on none of the ${total} recordings`);
  if (seen === total) return known('all', seen, `ALL ${total} RECORDINGS ARE TRAINING DATA of this model`);
  return known('some', seen, `${seen} OF ${total} RECORDINGS ARE TRAINING DATA of this model`);
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
