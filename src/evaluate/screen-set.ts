import { ConfigurationError, LubdubError } from '../errors.js';
import type { LabelledRecording } from './labelled-set.js';
import type { PredictionFiles } from './prediction-files.js';
import type { Screened } from './prediction-row.js';

export interface ScreenSetOptions {
  readonly recordings: readonly LabelledRecording[];
  /** Where each is, by record. */
  readonly paths: ReadonlyMap<string, string>;
  /** Where results go, and where those of an earlier run are. */
  readonly files: PredictionFiles;
  /** Screens one file. */
  readonly screen: (path: string) => Promise<Screened>;
  /** So many files at once; default 2. */
  readonly concurrency?: number;
  readonly onProgress?: (progress: ScreenSetProgress) => void;
  readonly onFailure?: (failure: FailedRecording) => void;
}

export interface ScreenSetProgress {
  /** Screened, failed, or taken over from an earlier run. */
  readonly done: number;
  readonly total: number;
  readonly takenOver: number;
  readonly failed: number;
  readonly elapsedSeconds: number;
  /** In this run; `null` before its first recording is done. */
  readonly recordingsPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** A recording that could not be read. */
export interface FailedRecording {
  readonly record: string;
  readonly path: string;
  readonly error: LubdubError;
}

/**
 * Screens a labelled set, some files at once, and keeps the results in the order of the set. What an earlier run has
 * screened is not screened again; what failed is tried anew.
 *
 * A recording that cannot be read is reported, and the others are still done; any other failure ends the run.
 *
 * @returns what failed
 */
export async function screenSet(options: ScreenSetOptions): Promise<FailedRecording[]> {
  const { recordings, paths, files, concurrency = 2 } = options;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new ConfigurationError(`concurrency must be an integer from 1 on, got ${concurrency}`);
  }
  const waiting = recordings.filter(({ record }) => !files.screened.has(record));
  const takenOver = recordings.length - waiting.length;
  const failures: FailedRecording[] = [];
  const startedAt = performance.now();
  let doneHere = 0;
  const report = () => {
    const elapsedSeconds = (performance.now() - startedAt) / 1000;
    const rate = doneHere === 0 ? null : doneHere / Math.max(elapsedSeconds, 1e-9);
    options.onProgress?.({
      done: takenOver + doneHere,
      total: recordings.length,
      takenOver,
      failed: failures.length,
      elapsedSeconds,
      recordingsPerSecond: rate,
      secondsLeft: rate === null ? null : (waiting.length - doneHere) / rate,
    });
  };

  report();
  for await (const { recording, path, outcome } of inOrder(waiting, paths, options.screen, concurrency)) {
    if (outcome.status === 'fulfilled') await files.append(recording, outcome.value);
    else {
      const error: unknown = outcome.reason;
      if (!(error instanceof LubdubError) || error.code !== 'LUBDUB_RECORDING') throw error;
      const failure = { record: recording.record, path, error };
      failures.push(failure);
      options.onFailure?.(failure);
    }
    doneHere++;
    report();
  }
  return failures;
}

interface Attempt {
  readonly recording: LabelledRecording;
  readonly path: string;
  readonly outcome: PromiseSettledResult<Screened>;
}

async function* inOrder(
  recordings: readonly LabelledRecording[],
  paths: ReadonlyMap<string, string>,
  screen: ScreenSetOptions['screen'],
  concurrency: number,
): AsyncGenerator<Attempt> {
  const attempt = async (recording: LabelledRecording): Promise<Attempt> => {
    const path = paths.get(recording.record)!;
    // Settled at once, so that a failure that waits for its turn is never an unhandled one.
    const [outcome] = await Promise.allSettled([screen(path)]);
    return { recording, path, outcome };
  };
  const started: Promise<Attempt>[] = [];
  for (const recording of recordings) {
    started.push(attempt(recording));
    if (started.length >= concurrency) yield await started.shift()!;
  }
  for (const rest of started) yield await rest;
}
