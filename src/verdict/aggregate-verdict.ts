import { Observable, type OperatorFunction } from 'rxjs';
import type { Classified, ClassifiedWindow } from '../classify/classify-windows.js';
import type { Gap } from '../decode/samples.js';
import {
  RecordingVerdict,
  type FinalState,
  type RecordingVerdictOptions,
  type VerdictState,
} from './recording-verdict.js';

/** A window with its calibrated probability, as it goes out. */
export interface JudgedWindow {
  readonly kind: 'window';
  readonly window: ClassifiedWindow;
  /** Of *abnormal*; `null` where the window was not scored. */
  readonly probability: number | null;
}

export interface VerdictChange extends VerdictState {
  readonly kind: 'verdict';
}

/** What is known of a recording once its last window is in. */
export interface RecordingOutcome extends FinalState {
  readonly kind: 'outcome';
  readonly windows: number;
  readonly droppedWindows: number;
  readonly quality: number | null;
  /** Of the whole recording, `null` where no window heard a rate or most disagree. */
  readonly heartRateBpm: number | null;
  readonly lostSamples: number;
}

export type Judged = JudgedWindow | VerdictChange | Gap | RecordingOutcome;

/**
 * Keeps the rolling verdict of one recording. Hands every window on with its probability, a `verdict` whenever it
 * changes in anything, at most once a window, gaps as they are, and one `outcome` on completion.
 */
export function aggregateVerdict(options: RecordingVerdictOptions): OperatorFunction<Classified, Judged> {
  return (source) =>
    new Observable((subscriber) => {
      const recording = new RecordingVerdict(options);
      let shown = '';
      let lostSamples = 0;
      return source.subscribe({
        next(value) {
          if (value.kind === 'gap') {
            lostSamples += value.lostSamples;
            subscriber.next(value);
            return;
          }
          const state = recording.push(value);
          const probability = value.logit === null ? null : recording.windowProbability(value.logit);
          subscriber.next({ kind: 'window', window: value, probability });
          const now = JSON.stringify(state);
          if (now === shown) return;
          shown = now;
          subscriber.next({ kind: 'verdict', ...state });
        },
        error: (error) => subscriber.error(error),
        complete() {
          subscriber.next({
            kind: 'outcome',
            ...recording.final(),
            windows: recording.windows,
            droppedWindows: recording.droppedWindows,
            quality: recording.quality,
            heartRateBpm: recording.heartRateBpm,
            lostSamples,
          });
          subscriber.complete();
        },
      });
    });
}
