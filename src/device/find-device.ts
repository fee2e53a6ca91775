import { Observable, Subject, Subscription } from 'rxjs';
import { PortOpenError } from '../acquire/port-open-error.js';
import { PortError, ProtocolError } from '../errors.js';
import { NoAnswerError } from './connection-error.js';
import type { GreetedEvent } from './conversation.js';
import type { SearchEvent, TriedPort } from './stethoscope-event.js';
import type { TalkEvent } from './talk-to-device.js';

export interface FindOptions {
  /** Ports to ask, the preferred first. */
  readonly paths: readonly string[];
  /** A conversation that waits for `begin$` once the device has greeted. */
  readonly talk: (path: string, begin$: Observable<unknown>) => Observable<TalkEvent>;
  /** Why this device is not wanted, undefined where it is. */
  readonly reject?: (greeted: GreetedEvent) => string | undefined;
  /** How long others may still answer after the first did: a second stethoscope is to be noticed. */
  readonly settleMs?: number;
}

const DEFAULT_SETTLE_MS = 300;

/** One port that is being asked. */
interface Line {
  readonly path: string;
  readonly begin$: Subject<void>;
  /** What came with the greeting. */
  readonly held: TalkEvent[];
  readonly subscription: Subscription;
  state: 'asked' | 'answered' | 'failed';
  greeted?: GreetedEvent;
  error?: unknown;
  tried: TriedPort;
}

/**
 * Asks all ports at once who is there, talks on with the first in the given order that is wanted, and closes the others.
 *
 * Emits one search event, that says of every port why it was not chosen, then the chosen device's events. When none
 * answers within the time limit of the conversations: the search event, then an error. That is a single port's own error,
 * or that of a stethoscope which does not fit, otherwise PortError `LUBDUB_NO_DEVICE` that names every port.
 */
export function findDevice(options: FindOptions): Observable<SearchEvent | TalkEvent> {
  const { paths, talk, reject = () => undefined, settleMs = DEFAULT_SETTLE_MS } = options;
  return new Observable((subscriber) => {
    const parts = new Subscription();
    const lines: Line[] = [];
    let chosen: Line | undefined;
    let settled = false;
    let timer: NodeJS.Timeout | undefined;

    const search = (): SearchEvent => ({
      kind: 'search',
      chosen: chosen?.path ?? null,
      ports: lines.map((line) => line.tried),
    });

    const decide = (): void => {
      // Nothing is decided while ports are still being opened.
      if (chosen !== undefined || lines.length < paths.length) return;
      const anyAsked = lines.some((line) => line.state === 'asked');
      const best = lines.find((line) => line.state === 'answered');
      if (best !== undefined && (settled || !anyAsked)) {
        choose(best);
      } else if (best === undefined && !anyAsked) {
        subscriber.next(search());
        subscriber.error(nobody(lines));
      }
    };

    const choose = (line: Line): void => {
      chosen = line;
      line.tried = { ...line.tried, outcome: 'chosen', message: `${nameOf(line)} answered` };
      for (const other of lines) {
        if (other === line) continue;
        if (other.state === 'answered') {
          const message = `${nameOf(other)} answered too; name its port to use it`;
          other.tried = { ...other.tried, outcome: 'not-chosen', message };
        }
        other.subscription.unsubscribe();
      }
      subscriber.next(search());
      subscriber.next(line.greeted!);
      for (const event of line.held) subscriber.next(event);
      line.begin$.next();
    };

    const ask = (path: string): void => {
      const line: Line = {
        path,
        begin$: new Subject(),
        held: [],
        subscription: new Subscription(),
        state: 'asked',
        tried: {
          path,
          outcome: 'silent',
          message: 'it had not answered when another did',
          serialNumber: null,
        },
      };
      lines.push(line);
      parts.add(line.subscription);
      const failed = (error: unknown, tried: Partial<TriedPort>): void => {
        line.state = 'failed';
        line.error = error;
        line.tried = { ...line.tried, ...tried };
        decide();
      };
      line.subscription.add(
        talk(path, line.begin$).subscribe({
          next: (event) => {
            if (line === chosen) return subscriber.next(event);
            if (line.state === 'answered') line.held.push(event);
            if (event.kind !== 'greeted') return;
            line.greeted = event;
            line.tried = { ...line.tried, serialNumber: event.info.serialNumber || null };
            const unwanted = reject(event);
            if (unwanted !== undefined) {
              failed(new PortError(`${path}: ${unwanted}`, { code: 'LUBDUB_NO_DEVICE' }), {
                outcome: 'other-device',
                message: unwanted,
              });
              line.subscription.unsubscribe();
              return;
            }
            line.state = 'answered';
            timer ??= setTimeout(() => {
              settled = true;
              decide();
            }, settleMs);
            decide();
          },
          error: (error: unknown) => {
            if (line === chosen) subscriber.error(error);
            else failed(error, explain(error));
          },
          complete: () => {
            if (line === chosen) subscriber.complete();
          },
        }),
      );
    };

    parts.add(() => clearTimeout(timer));
    for (const path of paths) ask(path);
    decide();
    return parts;
  });
}

function explain(error: unknown): Partial<TriedPort> {
  if (error instanceof PortOpenError) return { outcome: error.reason, message: error.message };
  if (error instanceof NoAnswerError) return { outcome: error.outcome, message: error.detail };
  const message = error instanceof Error ? error.message : String(error);
  return { outcome: error instanceof ProtocolError ? 'refused' : 'other', message };
}

function nobody(lines: readonly Line[]): unknown {
  if (lines.length === 1) return lines[0].error;
  const misfit = lines.find((line) => line.error instanceof ProtocolError);
  if (misfit !== undefined) return misfit.error;
  const message =
    lines.length === 0
      ? 'no stethoscope found: this computer has no serial port; plug the stethoscope in, or simulate one with `lubdub simulate`'
      : `no stethoscope answered on any of ${lines.length} ports:\n` +
        lines.map((line) => `  ${line.path}: ${line.tried.message}`).join('\n');
  return new PortError(message, { code: 'LUBDUB_NO_DEVICE' });
}

function nameOf(line: Line): string {
  const serialNumber = line.greeted?.info.serialNumber ?? '';
  return serialNumber === '' ? 'a stethoscope without a serial number' : `stethoscope ${serialNumber}`;
}
