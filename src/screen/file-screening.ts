import type { OpenRecordingOptions } from '../decode/file/recording-file.js';
import { printable } from '../printable.js';
import { errorEvent } from './event-of.js';
import type { ScreeningEvent } from './screening-events.js';

/** What a thread holds: one file is screened, the next is at hand while whoever hands them out has other things to do. */
export const FILES_PER_THREAD = 2;

/** What screening a file gave, as it leaves the thread that did it: a text costs a fraction of so many objects. */
export interface ScreenedFile {
  /** All events as `--json` has them, one a line. */
  readonly lines: string;
  /** Those about the file as a whole, `final` or `error` last; windows, verdicts and rhythm stand in the lines alone. */
  readonly events: readonly ScreeningEvent[];
}

/** Screens files, each for itself. */
export interface FileScreening {
  /** Never rejects. */
  screen(path: string, options?: OpenRecordingOptions): Promise<ScreenedFile>;
  close(): Promise<void>;
}

/** @param events all of one file, `final` or `error` last */
export function screenedFile(events: readonly ScreeningEvent[]): ScreenedFile {
  return {
    lines: printable(events.map((event) => `${JSON.stringify(event)}\n`).join('')),
    events: events.filter(({ kind }) => kind !== 'window' && kind !== 'verdict' && kind !== 'rhythm'),
  };
}

/** What a file gives that cannot be screened. */
export const failedFile = (path: string, error: unknown): ScreenedFile =>
  screenedFile([errorEvent(error, path)]);
