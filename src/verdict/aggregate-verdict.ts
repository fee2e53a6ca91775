import { Observable, type OperatorFunction } from 'rxjs';
import type { Classified } from '../classify/classify-windows.js';
import type { RecordingVerdictOptions } from './recording-verdict.js';
import { VerdictLog, type Judged } from './verdict-log.js';

export type { Judged, JudgedWindow, RecordingOutcome, VerdictChange } from './verdict-log.js';

/**
 * Keeps the rolling verdict of one recording. Hands every window on with its probability, a `verdict` whenever it
 * changes in anything, at most once a window, gaps as they are, and one `outcome` on completion.
 */
export function aggregateVerdict(options: RecordingVerdictOptions): OperatorFunction<Classified, Judged> {
  return (source) =>
    new Observable((subscriber) => {
      const recording = new VerdictLog(options);
      const emit = (judged: Judged) => subscriber.next(judged);
      return source.subscribe({
        next: (value) => recording.push(value, emit),
        error: (error) => subscriber.error(error),
        complete() {
          emit(recording.outcome());
          subscriber.complete();
        },
      });
    });
}
