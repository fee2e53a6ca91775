import type { OpenRecordingOptions } from '../decode/recording-file.js';
import type { ScreeningEvent } from './screening-events.js';

/** Screens files, each for itself. */
export interface FileScreening {
  /** @returns the events of one file, `final` or `error` last; never rejects */
  screen(path: string, options?: OpenRecordingOptions): Promise<ScreeningEvent[]>;
  close(): Promise<void>;
}
