import { availableParallelism } from 'node:os';
import { Failures, type Output } from '../output.js';
import { screenFile } from '../screen-file.js';
import { Screener } from '../screener.js';
import type { ScreeningEvent } from '../screening-events.js';

export interface ClassifyOptions {
  readonly model: string;
  /** Worker threads for the model; default one a core. */
  readonly threads?: number;
}

/**
 * `lubdub classify`: screens files, several at once, and reports them in the order given. A file that fails is
 * reported as an error; the others are still done.
 *
 * @returns the exit code
 */
export async function classify(
  files: readonly string[],
  options: ClassifyOptions,
  output: Output,
): Promise<number> {
  const threads = options.threads ?? availableParallelism();
  const screener = await Screener.open(options.model, threads);
  const failures = new Failures(output);
  try {
    // Twice as many files as threads, so that a thread is never idle while a file is opened or ends.
    for await (const { file, events, error } of inOrder(files, 2 * threads, screener)) {
      for (const event of events) output.event(event);
      if (error !== undefined) failures.report(error, file);
    }
  } finally {
    await screener.close();
  }
  return failures.exitCode;
}

interface ScreenedFile {
  readonly file: string;
  readonly events: ScreeningEvent[];
  readonly error: unknown;
}

async function* inOrder(
  files: readonly string[],
  concurrency: number,
  screener: Screener,
): AsyncGenerator<ScreenedFile> {
  const started: Promise<ScreenedFile>[] = [];
  for (const file of files) {
    started.push(screenWhole(file, screener));
    if (started.length >= concurrency) yield await started.shift()!;
  }
  for (const screened of started) yield await screened;
}

async function screenWhole(file: string, screener: Screener): Promise<ScreenedFile> {
  const events: ScreeningEvent[] = [];
  try {
    await screenFile(file, screener, (event) => events.push(event));
    return { file, events, error: undefined };
  } catch (error) {
    return { file, events, error };
  }
}
