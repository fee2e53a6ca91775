import type { OpenRecordingOptions } from '../decode/recording-file.js';
import type { ScreeningEvent } from './screening-events.js';

/** What a thread holds: one file is screened, the next is at hand while whoever hands them out has other things to do. */
export const FILES_PER_THREAD = 2;

/** Screens files, each for itself. */
export interface FileScreening {
  /** @returns the events of one file, `final` or `error` last; never rejects */
  screen(path: string, options?: OpenRecordingOptions): Promise<ScreeningEvent[]>;
  close(): Promise<void>;
}
