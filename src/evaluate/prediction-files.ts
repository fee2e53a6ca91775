import { appendFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../errors.js';
import { csvRow, parseCsv, withFormula, withoutFormula } from './csv.js';
import type { LabelledRecording } from './labelled-set.js';
import {
  parsePrediction,
  PREDICTION_COLUMNS,
  predictionRow,
  type Prediction,
  type Screened,
} from './prediction-row.js';

/** What must be the same for predictions to belong together: hashes of the model and its contract, the version. */
export type EvaluationIdentity = Readonly<Record<string, string>>;

const IDENTITY_FILE = 'evaluation.json';
const PREDICTIONS_FILE = 'predictions.csv';
const WINDOWS_FILE = 'windows.csv';

const WINDOW_COLUMNS = [
  'record',
  'index',
  'startSeconds',
  'endSeconds',
  'logit',
  'probability',
  'quality',
  'usable',
] as const;

/**
 * predictions.csv and windows.csv in one folder, which grow recording by recording, so that a run that was killed goes
 * on where it was. A recording's windows are written before its prediction: what has a prediction is whole.
 */
export class PredictionFiles {
  /** What was screened, in this run or an earlier one, by record. */
  readonly screened = new Map<string, Prediction>();

  private constructor(private readonly folder: string) {}

  /**
   * Opens or begins the files; rows that a killed run left torn are taken out.
   *
   * @throws ConfigurationError where the folder cannot be written, or holds predictions of another model or version
   */
  static async open(folder: string, identity: EvaluationIdentity): Promise<PredictionFiles> {
    const files = new PredictionFiles(folder);
    try {
      await mkdir(folder, { recursive: true });
      await files.checkIdentity(identity);
      await files.takeOver();
    } catch (cause) {
      if (cause instanceof ConfigurationError) throw cause;
      throw new ConfigurationError(
        `results cannot be written to ${folder}: ${(cause as Error).message}; name another folder with --out`,
        { cause },
      );
    }
    return files;
  }

  async append(recording: LabelledRecording, { final, windows }: Screened): Promise<void> {
    const rows = windows.map((window) =>
      csvRow([
        withoutFormula(recording.record),
        ...WINDOW_COLUMNS.slice(1).map((column) => window[column as keyof typeof window]),
      ]),
    );
    await appendFile(join(this.folder, WINDOWS_FILE), rows.join(''));
    await appendFile(join(this.folder, PREDICTIONS_FILE), predictionRow(recording, final));
    this.screened.set(recording.record, final);
  }

  /** What other evaluations of the same identity have screened of these recordings, in the order of the recordings. */
  async takeFrom(
    shards: readonly PredictionFiles[],
    recordings: readonly LabelledRecording[],
  ): Promise<void> {
    const windows = new Map<string, string>();
    for (const { folder } of shards) {
      for (const cells of await wholeRows(join(folder, WINDOWS_FILE), WINDOW_COLUMNS)) {
        const key = `${folder}\0${withFormula(cells[0])}`;
        windows.set(key, (windows.get(key) ?? '') + csvRow(cells));
      }
    }
    for (const recording of recordings) {
      const { record } = recording;
      const shard = this.screened.has(record)
        ? undefined
        : shards.find(({ screened }) => screened.has(record));
      if (shard === undefined) continue;
      const final = shard.screened.get(record)!;
      await appendFile(join(this.folder, WINDOWS_FILE), windows.get(`${shard.folder}\0${record}`) ?? '');
      await appendFile(join(this.folder, PREDICTIONS_FILE), predictionRow(recording, final));
      this.screened.set(record, final);
    }
  }

  /** Writes predictions.csv anew: these recordings in this order, with the labels that they have now. */
  async finish(recordings: readonly LabelledRecording[]): Promise<void> {
    const rows = recordings.flatMap((recording) => {
      const final = this.screened.get(recording.record);
      return final === undefined ? [] : [predictionRow(recording, final)];
    });
    await replaceFile(join(this.folder, PREDICTIONS_FILE), csvRow(PREDICTION_COLUMNS) + rows.join(''));
  }

  private async checkIdentity(identity: EvaluationIdentity): Promise<void> {
    const path = join(this.folder, IDENTITY_FILE);
    const text = await readIfThere(path);
    if (text === undefined) {
      if ((await readIfThere(join(this.folder, PREDICTIONS_FILE))) !== undefined) {
        throw new ConfigurationError(
          `${this.folder}: holds a ${PREDICTIONS_FILE}, but no ${IDENTITY_FILE} that says which model made it; ` +
            'name another folder with --out',
        );
      }
      await replaceFile(path, `${JSON.stringify(identity, null, 2)}\n`);
      return;
    }
    let before: unknown;
    try {
      before = JSON.parse(text);
    } catch {
      before = undefined;
    }
    const past = typeof before === 'object' && before !== null ? (before as Record<string, unknown>) : {};
    const keys = [...new Set([...Object.keys(identity), ...Object.keys(past)])];
    const differing = keys.filter((key) => past[key] !== identity[key]);
    if (differing.length > 0) {
      const what = differing.map(
        (key) => `${key} ${JSON.stringify(past[key])}, now ${JSON.stringify(identity[key])}`,
      );
      throw new ConfigurationError(
        `${this.folder}: holds the results of another evaluation (${what.join('; ')}); name another folder with --out, ` +
          'or remove this one',
      );
    }
  }

  private async takeOver(): Promise<void> {
    const predictions = join(this.folder, PREDICTIONS_FILE);
    const whole: string[] = [];
    for (const cells of await wholeRows(predictions, PREDICTION_COLUMNS)) {
      const { record, final } = parsePrediction(cells);
      if (final === undefined || this.screened.has(record)) continue;
      this.screened.set(record, final);
      whole.push(csvRow(cells));
    }
    const windows = join(this.folder, WINDOWS_FILE);
    const windowRows = (await wholeRows(windows, WINDOW_COLUMNS)).filter(([record]) =>
      this.screened.has(withFormula(record)),
    );
    await replaceFile(windows, csvRow(WINDOW_COLUMNS) + windowRows.map(csvRow).join(''));
    await replaceFile(predictions, csvRow(PREDICTION_COLUMNS) + whole.join(''));
  }
}

/** Rows with as many cells as the header names; none where the file is not there or has another header. */
async function wholeRows(path: string, columns: readonly string[]): Promise<readonly (readonly string[])[]> {
  const text = await readIfThere(path);
  // What a killed run wrote last may lack its end.
  const end = text?.lastIndexOf('\n') ?? -1;
  if (text === undefined || end < 0) return [];
  const [header, ...rows] = parseCsv(text.slice(0, end + 1)).map(({ cells }) => cells);
  if (header.join() !== columns.join()) {
    throw new ConfigurationError(
      `${path}: must have the columns ${columns.join(', ')}, got ${header.join(', ')}; name another folder with --out`,
    );
  }
  return rows.filter((cells) => cells.length === columns.length);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Either the old content or the new stands there, whatever happens in between. */
export async function replaceFile(path: string, content: string): Promise<void> {
  const next = `${path}.next`;
  await writeFile(next, content);
  await rename(next, path);
}
