import { Observable, Subscription } from 'rxjs';
import { PortOpenError } from '../acquire/port-open-error.js';
import { PortError, ProtocolError } from '../errors.js';
import { Backoff, type BackoffOptions } from './backoff.js';
import type { ConnectionEvent, EndedEvent, SearchEvent } from './stethoscope-event.js';

export interface KeepSearchingOptions<T> {
  /** One search and, where it finds a device, all that comes of it. Called again after each failure. */
  readonly connect: () => Observable<T>;
  readonly stop$: Observable<unknown>;
  /** Something was plugged in or pulled out: worth a look before the time has come. */
  readonly portsChanged$?: Observable<unknown>;
  /** Waits between two looks; it never gives up. */
  readonly backoff?: Omit<BackoffOptions, 'giveUpAfterMs'>;
}

/**
 * Every port that is there is asked anew with each look, which other programs and boards notice. What is plugged in is
 * seen at once all the same.
 */
const LONGEST_DELAY_MS = 15_000;
/** What was just plugged in is not yet ready to be opened. */
const SETTLE_MS = 300;

/** Outcomes that a person can do something about, other than plugging the stethoscope in. */
const TELLING: ReadonlySet<string> = new Set([
  'permission',
  'busy',
  'not-a-serial-port',
  'refused',
  'other-device',
]);

/**
 * Looks for a device until there is one: a search that finds none is told as a `waiting` connection event and begun anew.
 * Searches and waits that tell nothing new are left out.
 *
 * Errors with anything but PortError and ProtocolError, and with any error once a device was found. At `stop$` while it
 * waits it ends as a device does that says nothing.
 */
export function keepSearching<T extends { readonly kind: string }>(
  options: KeepSearchingOptions<T>,
): Observable<T | ConnectionEvent | EndedEvent> {
  const { connect, stop$, portsChanged$, backoff: delays } = options;
  return new Observable((subscriber) => {
    const backoff = new Backoff({ longestDelayMs: LONGEST_DELAY_MS, ...delays, giveUpAfterMs: Infinity });
    let attempt = new Subscription();
    let timer: NodeJS.Timeout | undefined;
    let isFound = false;
    let changedMeanwhile = false;
    let toldSearch = '';
    let toldWait = '';
    let search: SearchEvent | undefined;

    const look = (): void => {
      timer = undefined;
      changedMeanwhile = false;
      search = undefined;
      attempt = new Subscription();
      attempt.add(connect().subscribe({ next: tell, error: wait, complete: () => subscriber.complete() }));
    };

    const tell = (event: T | SearchEvent): void => {
      if (event.kind === 'device') isFound = true;
      if (event.kind === 'search' && (event as SearchEvent).chosen === null) {
        search = event as SearchEvent;
        const words = JSON.stringify(search.ports);
        if (words === toldSearch) return;
        toldSearch = words;
      }
      subscriber.next(event as T);
    };

    const wait = (error: unknown): void => {
      if (isFound || !(error instanceof PortError || error instanceof ProtocolError)) {
        return subscriber.error(error);
      }
      const message = waitingSentence(error, search);
      if (message !== toldWait)
        subscriber.next({ kind: 'connection', state: 'waiting', path: null, message });
      toldWait = message;
      if (subscriber.closed) return;
      if (changedMeanwhile) backoff.reset();
      timer = setTimeout(look, backoff.next(performance.now())!.inMs);
    };

    const stopped = stop$.subscribe(() => {
      if (timer === undefined) return;
      subscriber.next({ kind: 'ended', reason: 'unanswered' });
      subscriber.complete();
    });
    const changed = portsChanged$?.subscribe(() => {
      changedMeanwhile = true;
      if (timer === undefined) return;
      clearTimeout(timer);
      backoff.reset();
      timer = setTimeout(look, SETTLE_MS);
    });
    look();

    return () => {
      clearTimeout(timer);
      stopped.unsubscribe();
      changed?.unsubscribe();
      attempt.unsubscribe();
    };
  });
}

/** For whoever stands at the bedside: what to do. What each port said is in the search event. */
function waitingSentence(error: PortError | ProtocolError, search: SearchEvent | undefined): string {
  const plugIn = 'No stethoscope yet. Plug it in: it is found by itself';
  if (error instanceof ProtocolError) return `${plugIn}. What is plugged in cannot be used: ${error.message}`;
  if (error instanceof PortOpenError)
    return TELLING.has(error.reason) ? `${plugIn}. ${error.message}` : plugIn;
  const telling = search?.ports.find(({ outcome }) => TELLING.has(outcome));
  return telling === undefined ? plugIn : `${plugIn}. ${telling.path}: ${telling.message}`;
}
