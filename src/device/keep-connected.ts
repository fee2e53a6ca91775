import { Observable, Subscription } from 'rxjs';
import { PortError } from '../errors.js';
import { Backoff, type BackoffOptions } from './backoff.js';
import { ConnectionLostError } from './connection-error.js';
import type { ConnectionEvent, EndedEvent } from './stethoscope-event.js';

export interface KeepConnectedOptions<T> {
  /** One attempt and, where it succeeds, the connection. Called again after each failure. */
  readonly connect: () => Observable<T>;
  /** What an event says of the connection: it stands, or samples flow through it; undefined: nothing. */
  readonly progress: (event: T) => 'connected' | 'flowing' | undefined;
  /** Path of the connection, once it has stood. */
  readonly path: () => string;
  /** The device in a sentence, e.g. `stethoscope 42`. */
  readonly deviceName: () => string;
  readonly stop$: Observable<unknown>;
  readonly backoff: BackoffOptions | undefined;
}

/**
 * Makes one lasting stream of connections that fail: a PortError after the first success becomes `lost` and `retrying`
 * events and a further attempt, until time to give up.
 *
 * Errors with the first attempt's own error, with any error that is no PortError, and with PortError
 * `LUBDUB_DEVICE_LOST` when it gives up. Ends at `stop$` while there is no connection; one that stands ends by itself, and
 * where it is lost on that way nothing is tried again.
 */
export function keepConnected<T>(
  options: KeepConnectedOptions<T>,
): Observable<T | ConnectionEvent | EndedEvent> {
  return new Observable((subscriber) => {
    const backoff = new Backoff(options.backoff);
    let connection = new Subscription();
    let timer: NodeJS.Timeout | undefined;
    let hasStood = false;
    let stands = false;
    let isToStop = false;

    const connect = (): void => {
      connection = new Subscription();
      connection.add(
        options.connect().subscribe({ next: tell, error: retry, complete: () => subscriber.complete() }),
      );
    };

    const tell = (event: T): void => {
      const progress = options.progress(event);
      if (progress === 'connected') {
        hasStood = true;
        stands = true;
      }
      // A device that answers and then sends nothing has not come back.
      if (progress === 'flowing') backoff.reset();
      subscriber.next(event);
    };

    const retry = (error: unknown): void => {
      if (!hasStood || !(error instanceof PortError)) return subscriber.error(error);
      const path = options.path();
      if (stands) {
        const reason = error instanceof ConnectionLostError ? error.reason : 'unplugged';
        subscriber.next({ kind: 'connection', state: 'lost', path, reason, message: error.message });
      }
      const message = stands ? null : error.message;
      stands = false;
      if (isToStop) return end();
      const wait = backoff.next(performance.now());
      if (wait === undefined) return subscriber.error(goneForGood(options.deviceName(), path, error));
      subscriber.next({ kind: 'connection', state: 'retrying', path, ...wait, message });
      if (!subscriber.closed) timer = setTimeout(connect, wait.inMs);
    };

    const end = (): void => {
      subscriber.next({ kind: 'ended', reason: 'unanswered' });
      subscriber.complete();
    };

    const stopped = options.stop$.subscribe(() => {
      isToStop = true;
      if (!stands) end();
    });
    if (!subscriber.closed) connect();

    return () => {
      clearTimeout(timer);
      stopped.unsubscribe();
      connection.unsubscribe();
    };
  });
}

function goneForGood(name: string, path: string, cause: PortError): PortError {
  return new PortError(
    `${name} at ${path} was lost and did not come back; the last attempt failed with: ${cause.message}`,
    { code: 'LUBDUB_DEVICE_LOST', cause },
  );
}
