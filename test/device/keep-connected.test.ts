import { expect } from 'chai';
import { concat, EMPTY, NEVER, type Observable, of, Subject, throwError } from 'rxjs';
import { keepConnected } from '../../src/device/keep-connected.js';
import { PortError } from '../../src/errors.js';
import { until } from '../support/until.js';

interface Step {
  readonly kind: 'connected' | 'flowing' | 'other';
  readonly value: number;
}
const step = (kind: Step['kind'], value = 0): Step => ({ kind, value });
const failure = (message: string): Observable<never> => throwError(() => new PortError(message));

function run(
  connections: (() => Observable<Step>)[],
  giveUpAfterMs = 10_000,
  stop$: Observable<unknown> = NEVER,
) {
  const events: string[] = [];
  const state: { error?: Error; complete?: boolean; attempts: number } = { attempts: 0 };
  const subscription = keepConnected<Step>({
    connect: () => connections[Math.min(state.attempts++, connections.length - 1)](),
    progress: ({ kind }) => (kind === 'other' ? undefined : kind),
    path: () => '/dev/x',
    deviceName: () => 'the device',
    stop$,
    backoff: { firstDelayMs: 1, longestDelayMs: 4, giveUpAfterMs },
  }).subscribe({
    next: (event) => {
      if (event.kind === 'connection') {
        events.push(
          event.state === 'retrying' ? `retry ${event.attempt}: ${event.message}` : `lost: ${event.message}`,
        );
      } else events.push(event.kind);
    },
    error: (error: Error) => (state.error = error),
    complete: () => (state.complete = true),
  });
  return { events, state, subscription };
}

describe('keepConnected', () => {
  it('passes a connection that completes', () => {
    const { events, state } = run([() => of(step('connected'), step('flowing'))]);
    expect(events).to.deep.equal(['connected', 'flowing']);
    expect(state).to.include({ complete: true, attempts: 1 });
  });

  it('completes with an empty one, and waits with one that says nothing', () => {
    expect(run([() => EMPTY]).state.complete).to.equal(true);
    const silent = run([() => NEVER]);
    expect(silent.state).to.deep.equal({ attempts: 1 });
    silent.subscription.unsubscribe();
  });

  it('does not try again what never worked', () => {
    const { events, state } = run([() => concat(of(step('other')), failure('no such port'))]);
    expect(events).to.deep.equal(['other']);
    expect(state.error?.message).to.equal('no such port');
    expect(state.attempts).to.equal(1);
  });

  it('tells a loss once, and with each attempt why the last one failed', async () => {
    const { events, state } = run([
      () => concat(of(step('connected'), step('flowing')), failure('unplugged')),
      () => failure('missing'),
      () => failure('busy'),
      () => of(step('connected')),
    ]);
    await until(() => state.complete === true, 'completion');
    expect(events).to.deep.equal([
      'connected',
      'flowing',
      'lost: unplugged',
      'retry 1: null',
      'retry 2: missing',
      'retry 3: busy',
      'connected',
    ]);
  });

  it('takes a connection through which nothing flows for no success when it counts attempts', async () => {
    const { events, state, subscription } = run([
      () => concat(of(step('connected'), step('flowing')), failure('a')),
      () => concat(of(step('connected')), failure('b')),
      () => concat(of(step('connected'), step('flowing')), failure('c')),
      () => NEVER,
    ]);
    await until(() => state.attempts === 4, 'the fourth attempt');
    expect(events.filter((event) => event.startsWith('retry'))).to.deep.equal([
      'retry 1: null',
      'retry 2: null',
      'retry 1: null',
    ]);
    subscription.unsubscribe();
  });

  it('gives up with the last reason', async () => {
    const { state } = run(
      [() => concat(of(step('connected')), failure('unplugged')), () => failure('missing')],
      20,
    );
    await until(() => state.error !== undefined, 'giving up');
    expect(state.error).to.have.property('code', 'LUBDUB_DEVICE_LOST');
    expect(state.error?.message).to.match(/the device at \/dev\/x was lost.*: missing/);
  });

  it('hands on at once what is no fault of the line', () => {
    const bug = throwError(() => new TypeError('bug'));
    expect(run([() => concat(of(step('connected')), bug)]).state.error).to.be.instanceOf(TypeError);
  });

  it('makes no further attempt once it is unsubscribed', async () => {
    const { state, subscription } = run([() => concat(of(step('connected')), failure('unplugged'))]);
    subscription.unsubscribe();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(state.attempts).to.equal(1);
  });

  it('closes the connection that stands when it is unsubscribed', () => {
    const connection = new Subject<Step>();
    const { subscription } = run([() => connection]);
    expect(connection.observed).to.equal(true);
    subscription.unsubscribe();
    expect(connection.observed).to.equal(false);
  });

  it('begins anew for each subscriber', () => {
    let attempts = 0;
    const kept$ = keepConnected<Step>({
      connect: () => {
        attempts += 1;
        return attempts === 1
          ? concat(of(step('connected')), failure('unplugged'))
          : failure('first failure');
      },
      progress: () => 'connected',
      path: () => '',
      deviceName: () => '',
      stop$: NEVER,
      backoff: { giveUpAfterMs: 0 },
    });
    const errors: string[] = [];
    for (let round = 0; round < 2; round++)
      kept$.subscribe({ error: (error: Error) => errors.push(error.message) });
    expect(errors[0]).to.match(/was lost/);
    expect(errors[1]).to.equal('first failure');
  });

  it('ends when it is stopped between two connections', async () => {
    const stop$ = new Subject<void>();
    const standing = new Subject<Step>();
    const { events, state } = run([() => standing], 10_000, stop$);
    standing.next(step('connected'));
    standing.error(new PortError('unplugged'));
    await until(() => events.length > 2, 'the loss');
    stop$.next();
    expect(events.at(-1)).to.equal('ended');
    expect(state.complete).to.equal(true);
  });

  it('leaves a connection that stands to end by itself when it is stopped', () => {
    const stop$ = new Subject<void>();
    const standing = new Subject<Step>();
    const { events, state } = run([() => standing], 10_000, stop$);
    standing.next(step('connected'));
    stop$.next();
    expect(state.complete).to.equal(undefined);
    standing.next(step('flowing'));
    standing.complete();
    expect(events).to.deep.equal(['connected', 'flowing']);
    expect(state).to.include({ complete: true, attempts: 1 });
  });

  it('tries nothing again where a connection is lost after it was stopped', () => {
    const stop$ = new Subject<void>();
    const standing = new Subject<Step>();
    const { events, state } = run([() => standing], 10_000, stop$);
    standing.next(step('connected'));
    stop$.next();
    standing.error(new PortError('unplugged'));
    expect(events).to.deep.equal(['connected', 'lost: unplugged', 'ended']);
    expect(state).to.include({ complete: true, attempts: 1 });
  });
});
