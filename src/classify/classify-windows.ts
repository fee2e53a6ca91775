import { map, Observable, type OperatorFunction } from 'rxjs';
import { ConfigurationError, type ModelError } from '../errors.js';
import type { Gap } from '../decode/samples.js';
import type { HeartSoundWindow } from '../window/window.js';
import type { Backlog } from './backlog.js';
import {
  classified,
  classifiedAtOnce,
  isLostThread,
  type Classified,
  type ClassifiedWindow,
  type WindowScorer,
} from './classified-window.js';

export type { Classified, ClassifiedWindow, WindowScorer } from './classified-window.js';

export interface ClassifyWindowsOptions {
  readonly classifier: WindowScorer;
  /**
   * How many windows may wait. When one more arrives, the oldest waiting one is dropped and handed on as such: at
   * the bedside the newest data count. `Infinity` for a source that can wait. Default 64.
   */
  readonly capacity?: number;
  /** Told of every change of the number of windows under way. */
  readonly backlog?: Backlog;
}

/** The runtime answers in order and never idles when each thread has one call at hand and one in its mailbox. */
const CALLS_PER_THREAD = 2;

interface Entry {
  /** `undefined` once it is done: behind a call that hangs, thousands may wait to be handed on. */
  window: HeartSoundWindow | Gap | undefined;
  state: 'waiting' | 'running' | 'done';
  result: Classified | undefined;
}

/**
 * Scores windows with the model behind one bounded queue, and hands them on in the order in which they came, gaps
 * included. Never waits for the source and never holds more than `capacity` windows.
 *
 * A window whose worker dies is handed on as dropped; the stream fails only when the classifier says that it cannot
 * go on (`LUBDUB_MODEL`, or a runtime that stays dead).
 *
 * @throws ConfigurationError at the call
 */
export function classifyWindows(
  options: ClassifyWindowsOptions,
): OperatorFunction<HeartSoundWindow | Gap, Classified> {
  const { classifier, capacity = 64, backlog } = options;
  if (capacity !== Infinity && !(Number.isInteger(capacity) && capacity >= 1)) {
    throw new ConfigurationError(`capacity must be an integer from 1 on or Infinity, got ${capacity}`);
  }
  if (classifier.scoreNow !== undefined) return classifyAtOnce(classifier);
  return (source) =>
    new Observable((subscriber) => {
      const entries: Entry[] = [];
      let running = 0;
      let waiting = 0;
      let sourceCompleted = false;

      const reportBacklog = () => {
        if (backlog !== undefined) backlog.size = waiting + running;
      };

      const finish = (entry: Entry, result: Classified) => {
        entry.state = 'done';
        entry.result = result;
        entry.window = undefined;
      };

      const emitDone = () => {
        while (entries.length > 0 && entries[0].state === 'done') subscriber.next(entries.shift()!.result!);
        if (sourceCompleted && entries.length === 0) subscriber.complete();
      };

      const startWaiting = () => {
        for (const entry of entries) {
          if (running >= classifier.threadCount * CALLS_PER_THREAD || waiting === 0) break;
          if (entry.state !== 'waiting') continue;
          const window = entry.window as HeartSoundWindow;
          entry.state = 'running';
          waiting--;
          running++;
          classifier.score(window.features!).then(
            (logit) => settle(entry, classified(window, logit, null)),
            (error: unknown) => {
              if (!isLostThread(error) || subscriber.closed) {
                subscriber.error(error);
                return;
              }
              settle(entry, classified(window, null, 'inference'), error);
            },
          );
        }
      };

      let lossesInARow = 0;
      const settle = (entry: Entry, result: ClassifiedWindow, lostBy?: ModelError) => {
        running--;
        if (subscriber.closed) return;
        lossesInARow = lostBy === undefined ? 0 : lossesInARow + 1;
        if (lostBy !== undefined && lossesInARow > capacity) {
          subscriber.error(lostBy);
          return;
        }
        finish(entry, result);
        startWaiting();
        reportBacklog();
        emitDone();
      };

      return source.subscribe({
        next(value) {
          const entry: Entry = { window: value, state: 'waiting', result: undefined };
          entries.push(entry);
          if (value.kind === 'gap') finish(entry, value);
          else if (value.features === undefined) finish(entry, classified(value, null, null));
          else {
            waiting++;
            startWaiting();
            if (waiting > capacity) {
              const oldest = entries.find((candidate) => candidate.state === 'waiting')!;
              waiting--;
              finish(oldest, classified(oldest.window as HeartSoundWindow, null, 'overload'));
            }
            reportBacklog();
          }
          emitDone();
        },
        error: (error) => subscriber.error(error),
        complete() {
          sourceCompleted = true;
          emitDone();
        },
      });
    });
}

/** Nothing waits, so that there is no queue, and nothing to drop. */
function classifyAtOnce(classifier: WindowScorer): OperatorFunction<HeartSoundWindow | Gap, Classified> {
  return (source) =>
    source.pipe(map((value) => (value.kind === 'gap' ? value : classifiedAtOnce(value, classifier))));
}
