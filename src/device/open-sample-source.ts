import { defer, NEVER, Observable, share, Subscription } from 'rxjs';
import { PortOpenError } from '../acquire/port-open-error.js';
import { PortError } from '../errors.js';
import { expectPositive } from '../expect-positive.js';
import { Backoff, type BackoffOptions } from './backoff.js';
import { ConnectionLostError } from './connection-error.js';
import { HostSleep } from './host-sleep.js';
import { keepConnected } from './keep-connected.js';
import { PacedQueue } from './paced-queue.js';
import type { SampleSource, SourceEvent } from './sample-source.js';
import type { CreditOptions } from './search-ports.js';
import { SourceIntake, type IntakeEvent } from './source-intake.js';
import type { ConnectionEvent, EndedEvent, NoticeEvent } from './stethoscope-event.js';
import { Allowance } from './talkativeness.js';

export interface SampleSourceOptions {
  /** A source that sends nothing for so long is taken for lost. One that starts anew when opened needs up to 3 s. */
  readonly silenceTimeoutMs?: number;
  readonly reconnect?: BackoffOptions | undefined;
  /** The first value ends the stream. */
  readonly stop$?: Observable<unknown> | undefined;
  /** Paces a source that can wait. Without it nothing waits. */
  readonly credit?: CreditOptions | undefined;
}

export type SampleSourceEvent = IntakeEvent | ConnectionEvent | EndedEvent;

const WATCH_INTERVAL_MS = 100;

/**
 * A source that sends nothing but samples, as a stream: opens it, takes what comes, and opens it again when it was lost.
 *
 * Emits a device event once the rate has stood against the clock, within 5 s, then samples and gaps on one time axis,
 * levels, and connection events. Completes after `ended` where the source ends and at `stop$`.
 *
 * A source that is found to wait for its reader (a stored recording, piped) is read no faster than `credit` allows.
 *
 * Throws ConfigurationError at the call for wrong options. Errors with it where the rate is another than was said; with the
 * source's own PortError where it cannot be opened at first, and with PortError `LUBDUB_DEVICE_LOST` when a lost one does
 * not come back.
 */
export function openSampleSource(
  source: SampleSource,
  options: SampleSourceOptions = {},
): Observable<SampleSourceEvent> {
  const { silenceTimeoutMs = 5000 } = options;
  expectPositive(silenceTimeoutMs, 'silenceTimeoutMs');
  new Backoff(options.reconnect);

  return defer(() => {
    const stop$ = (options.stop$ ?? NEVER).pipe(share());
    const intake = new SourceIntake(source);
    let path = source.path;
    let isReported = false;

    const report = (): IntakeEvent[] => {
      const line = isReported ? undefined : intake.lineReport();
      isReported = true;
      return line === undefined ? [] : [line];
    };

    const connect = (): Observable<SampleSourceEvent> =>
      new Observable((subscriber) => {
        const connection = new Connection(source, intake, silenceTimeoutMs, options.credit, {
          tell: (event) => subscriber.next(event),
          opened: (at) => (path = at),
          fail: (error) => subscriber.error(error),
          end: (reason) => {
            for (const event of report()) subscriber.next(event);
            subscriber.next({ kind: 'ended', reason });
            subscriber.complete();
          },
        });
        connection.add(stop$.subscribe(() => connection.stop()));
        connection.open();
        return connection;
      });

    const kept$ = keepConnected({
      connect,
      progress: (event) =>
        event.kind === 'device' ? 'connected' : event.kind === 'samples' ? 'flowing' : undefined,
      path: () => path,
      deviceName: () => source.name,
      stop$,
      backoff: options.reconnect,
    });
    return new Observable<SampleSourceEvent>((subscriber) =>
      kept$.subscribe({
        next: (event) => {
          // Ended while it was away.
          if (event.kind === 'ended') for (const line of report()) subscriber.next(line);
          subscriber.next(event);
        },
        error: (error: unknown) => {
          for (const line of report()) subscriber.next(line);
          subscriber.error(error);
        },
        complete: () => subscriber.complete(),
      }),
    );
  });
}

interface ConnectionListener {
  tell(event: IntakeEvent | NoticeEvent): void;
  opened(path: string): void;
  fail(error: unknown): void;
  end(reason: EndedEvent['reason']): void;
}

/** One opening of a source. */
class Connection extends Subscription {
  private readonly queue: PacedQueue;
  private readonly lines = new Allowance(10, 1);
  private heardAtMs = performance.now();
  private hasHeard = false;
  private isOpen = false;
  private isOver = false;
  private pause: (() => void) | undefined;
  private resume: (() => void) | undefined;

  constructor(
    private readonly source: SampleSource,
    private readonly intake: SourceIntake,
    private readonly silenceTimeoutMs: number,
    credit: CreditOptions | undefined,
    private readonly listener: ConnectionListener,
  ) {
    super();
    this.queue = new PacedQueue(credit, {
      tell: (event) => listener.tell(event),
      full: () => this.pause?.(),
      empty: () => this.resume?.(),
    });
    this.add(() => this.queue.close());
  }

  open(): void {
    const sleep = new HostSleep(this.heardAtMs);
    const timer = setInterval(() => this.watch(sleep), WATCH_INTERVAL_MS);
    this.add(() => clearInterval(timer));
    this.add(
      defer(() => this.source.open()).subscribe({
        next: (event) => this.receive(event),
        error: (error: unknown) => this.lose(error),
        complete: () => this.finish('end'),
      }),
    );
  }

  stop(): void {
    if (!this.isOpen || this.isOver) return;
    this.queue.clear();
    this.finish('request');
  }

  private receive(event: SourceEvent): void {
    if (this.isOver) return;
    const nowMs = performance.now();
    switch (event.kind) {
      case 'open':
        this.isOpen = true;
        this.heardAtMs = nowMs;
        this.pause = event.pause;
        this.resume = event.resume;
        this.listener.opened(event.path);
        return this.step(() => this.intake.open(event));
      case 'bytes':
        this.heardAtMs = nowMs;
        this.hasHeard ||= event.bytes.length > 0;
        return this.step(() => this.intake.push(event.bytes, nowMs));
      case 'overrun':
        return this.step(() => this.intake.overrun(nowMs));
      case 'report':
        return this.intake.report(event.lostMs);
      case 'line':
        if (this.lines.take())
          this.listener.tell({ kind: 'notice', message: `${this.source.name} says: ${event.text}` });
    }
  }

  private watch(sleep: HostSleep): void {
    const nowMs = performance.now();
    this.lines.pass(WATCH_INTERVAL_MS / 1000);
    if (sleep.look(nowMs) > 0) this.heardAtMs = nowMs;
    this.step(() => this.intake.tick(nowMs));
    // Who waits for us is silent for it.
    if (this.isOver || this.intake.isUnpaced) return;
    const { firstByteTimeoutMs } = this.source;
    if (!this.isOpen && firstByteTimeoutMs === undefined) return;
    const limitMs = this.hasHeard ? this.silenceTimeoutMs : (firstByteTimeoutMs ?? this.silenceTimeoutMs);
    if (nowMs - this.heardAtMs < limitMs) return;
    const name = this.source.path;
    this.lose(new ConnectionLostError('silent', `${name}: no samples came for ${limitMs} ms`));
  }

  private lose(error: unknown): void {
    if (this.isOver) return;
    const failure =
      error instanceof PortError &&
      !(error instanceof PortOpenError) &&
      !(error instanceof ConnectionLostError) &&
      this.isOpen
        ? new ConnectionLostError('unplugged', error.message, { cause: error })
        : error;
    this.conclude(() => this.listener.fail(failure));
  }

  private finish(reason: EndedEvent['reason']): void {
    if (!this.isOver) this.conclude(() => this.listener.end(reason));
  }

  /** What is left goes out first, as fast as it may. */
  private conclude(last: () => void): void {
    this.step(() => this.intake.finish(performance.now()));
    if (this.isOver) return;
    this.isOver = true;
    this.queue.onceEmpty(last);
  }

  private step(work: () => readonly IntakeEvent[]): void {
    if (this.isOver) return;
    let events: readonly IntakeEvent[];
    try {
      events = work();
    } catch (error) {
      this.isOver = true;
      this.queue.clear();
      return this.listener.fail(error);
    }
    for (const event of events) {
      const isSamples = event.kind === 'samples' || event.kind === 'gap';
      if (isSamples && (this.intake.isUnpaced || !this.queue.isEmpty))
        this.queue.push(event, this.intake.sampleRateHz);
      else this.listener.tell(event);
    }
  }
}
