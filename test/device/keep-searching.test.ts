import { expect } from 'chai';
import { NEVER, Observable, of, Subject, throwError, type Subscriber } from 'rxjs';
import { PortOpenError } from '../../src/acquire/port-open-error.js';
import { keepSearching, type KeepSearchingOptions } from '../../src/device/keep-searching.js';
import type { ConnectionEvent, EndedEvent, SearchEvent } from '../../src/device/stethoscope-event.js';
import { ConfigurationError, PortError, ProtocolError } from '../../src/errors.js';
import { until } from '../support/until.js';

type Found = { readonly kind: 'device' | 'samples' } | SearchEvent;

const nobody = () => new PortError('no stethoscope answered', { code: 'LUBDUB_NO_DEVICE' });
const searched = (message = 'nothing came', outcome: 'silent' | 'permission' = 'silent'): SearchEvent => ({
  kind: 'search',
  chosen: null,
  ports: [{ path: '/dev/ttyACM0', outcome, message, serialNumber: null }],
});

class Searching {
  readonly events: (Found | ConnectionEvent | EndedEvent)[] = [];
  readonly stop$ = new Subject<void>();
  readonly portsChanged$ = new Subject<void>();
  attempts = 0;
  error: unknown;
  isComplete = false;
  private attempt: Subscriber<Found> | undefined;
  private readonly subscription;

  constructor(
    answer: (attempt: number) => Observable<Found> = () => NEVER,
    options: Partial<KeepSearchingOptions<Found>> = {},
  ) {
    this.subscription = keepSearching<Found>({
      connect: () =>
        new Observable<Found>((subscriber) => {
          this.attempt = subscriber;
          return answer(++this.attempts).subscribe(subscriber);
        }),
      stop$: this.stop$,
      portsChanged$: this.portsChanged$,
      backoff: { firstDelayMs: 1, longestDelayMs: 4 },
      ...options,
    }).subscribe({
      next: (event) => this.events.push(event),
      error: (error: unknown) => (this.error = error),
      complete: () => (this.isComplete = true),
    });
  }

  get kinds(): string[] {
    return this.events.map((event) =>
      event.kind === 'connection'
        ? event.state
        : event.kind === 'ended'
          ? `ended ${event.reason}`
          : event.kind,
    );
  }

  say(event: Found): void {
    this.attempt!.next(event);
  }

  fail(error: unknown): void {
    this.attempt!.error(error);
  }

  close(): void {
    this.subscription.unsubscribe();
  }
}

describe('keepSearching', () => {
  it('looks again and again until there is a device, and says once that it waits', async () => {
    const search = new Searching((attempt) =>
      attempt < 6 ? throwError(nobody) : of<Found[]>({ kind: 'device' }, { kind: 'samples' }),
    );
    await until(() => search.isComplete, 'the device');
    expect(search.attempts).to.equal(6);
    expect(search.kinds).to.deep.equal(['waiting', 'device', 'samples']);
    expect(search.events[0])
      .to.have.property('message')
      .that.matches(/^No stethoscope yet\. Plug it in/);
  });

  it('tells what the ports said when it is something new', async () => {
    const said = ['silent', 'silent', 'permission', 'silent'] as const;
    const search = new Searching(
      (attempt) =>
        new Observable((subscriber) => {
          const outcome = said[attempt - 1];
          if (outcome === undefined) return subscriber.complete();
          subscriber.next(searched(`it was ${outcome}`, outcome));
          subscriber.error(nobody());
        }),
    );
    await until(() => search.isComplete, 'the end');
    expect(search.kinds).to.deep.equal(['search', 'waiting', 'search', 'waiting', 'search', 'waiting']);
    const messages = search.events.flatMap((event) => (event.kind === 'connection' ? [event.message] : []));
    expect(messages[0]).to.not.include('/dev/ttyACM0');
    expect(messages[1]).to.include('/dev/ttyACM0: it was permission');
  });

  it('says what is wrong with a port or a device that a person can do something about', async () => {
    for (const [error, words] of [
      [new PortOpenError('/dev/x', 'busy', '/dev/x cannot be opened: another program'), /another program/],
      [new PortOpenError('/dev/x', 'missing', '/dev/x cannot be opened'), /by itself$/],
      [new ProtocolError('it speaks version 9'), /cannot be used: it speaks version 9/],
    ] as const) {
      const search = new Searching(() => throwError(() => error));
      await until(() => search.events.length > 0, 'the sentence');
      search.close();
      expect(search.events[0]).to.have.property('message').that.matches(words);
    }
  });

  it('waits longer each time, but looks at once when something is plugged in', async () => {
    const search = new Searching(() => throwError(nobody), {
      backoff: { firstDelayMs: 60_000, longestDelayMs: 60_000 },
    });
    expect(search.attempts).to.equal(1);
    search.portsChanged$.next();
    await until(() => search.attempts === 2, 'a look at what was plugged in');
    search.close();
  });

  it('looks again at what was plugged in while it looked', async () => {
    const search = new Searching(() => NEVER, { backoff: { firstDelayMs: 1, longestDelayMs: 60_000 } });
    // By now the waits would be long.
    for (let attempt = 1; attempt <= 5; attempt++) {
      search.fail(nobody());
      await until(() => search.attempts === attempt + 1, 'the next look');
    }
    search.portsChanged$.next();
    search.fail(nobody());
    await until(() => search.attempts === 7, 'a look at once');
    search.close();
  });

  it('hands on any error once a device was found, and what is no fault of the line', () => {
    const lost = new PortError('gone', { code: 'LUBDUB_DEVICE_LOST' });
    const found = new Searching();
    found.say({ kind: 'device' });
    found.fail(lost);
    expect(found.error).to.equal(lost);
    const wrong = new ConfigurationError('no such rate');
    const search = new Searching();
    search.fail(wrong);
    expect(search.error).to.equal(wrong);
  });

  it('ends at stop while it waits, and leaves it to the device while there is one', () => {
    const search = new Searching(() => throwError(nobody), {
      backoff: { firstDelayMs: 60_000, longestDelayMs: 60_000 },
    });
    search.stop$.next();
    expect(search.kinds).to.deep.equal(['waiting', 'ended unanswered']);
    expect(search.isComplete).to.equal(true);
    const talking = new Searching();
    talking.say({ kind: 'device' });
    talking.stop$.next();
    expect(talking.isComplete).to.equal(false);
    talking.close();
  });

  it('does nothing more once nobody listens', async () => {
    const search = new Searching(() => throwError(nobody));
    search.close();
    const { attempts } = search;
    search.portsChanged$.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(search.attempts).to.equal(attempts);
    expect(search.stop$.observed || search.portsChanged$.observed).to.equal(false);
  });
});
