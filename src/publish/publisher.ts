import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { Subject } from 'rxjs';
import { Backoff } from '../device/backoff.js';
import { LubdubError } from '../errors.js';
import type { ControllerStatus, Naming } from '../bedside/bedside-status.js';
import { BedsideStateTracker, type BedsideIdentity } from './bedside-state.js';
import type { BrokerAddress } from './broker-address.js';
import type { OutboxState, PostedMessage } from './outbox.js';
import type { PublishReply, PublishRequest, PublishWorkerData } from './publish-worker.js';
import { messageOf, Worth, type PublishedEvent } from './published-message.js';

export interface PublisherOptions extends BedsideIdentity {
  readonly address: BrokerAddress;
  /** File of the outbox. */
  readonly outbox: string;
  /** What may wait there, about. Default 256 MiB. */
  readonly maxBytes?: number;
  readonly now?: () => Date;
}

/** What becomes of the results on their way to the broker. */
export interface PublishEvent extends Pick<OutboxState, 'waiting' | 'evicted'> {
  readonly kind: 'publish';
  /** `disk`: what is new cannot be kept for the broker. `failed`: the thread that publishes ended and is begun anew. */
  readonly state: 'connected' | 'lost' | 'disk' | 'failed';
  /** Windows that could not even be handed over since the publisher began. */
  readonly skipped: number;
  readonly message: string;
}

/** Handed over and not yet on disk; more would fill the memory while a disk stalls. */
const MAX_UNKEPT = 2000;

/** The state goes out no more often. */
const STATE_INTERVAL_MS = 1000;

const CLOSE_GRACE_MS = 3000;

/**
 * Publishes what happens at a bedside to an MQTT broker, in a thread of its own. Nothing here waits: what the broker has
 * not taken is on disk, and what the disk has not taken is counted. {@link events$} tells what becomes of it.
 */
export class Publisher {
  readonly events$ = new Subject<PublishEvent>();
  private readonly tracker: BedsideStateTracker;
  private readonly now: () => Date;
  private readonly run = randomUUID();
  private readonly backoff = new Backoff({
    firstDelayMs: 1000,
    longestDelayMs: 60_000,
    giveUpAfterMs: Infinity,
  });
  private worker: Worker | undefined;
  /** In the order in which they were posted; the thread takes them from the front. */
  private unkept: PostedMessage[] = [];
  /** The last of them that are still to be posted. */
  private unposted: PostedMessage[] = [];
  private posted = 0;
  private skipped = 0;
  private outboxState: OutboxState = { waiting: 0, bytes: 0, evicted: 0 };
  private naming: Naming = { subject: null, site: null };
  private recording: string | null = null;
  private isRecording = false;
  private stateTimer: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private isClosing = false;
  private hasDiskTrouble = false;
  private onClosed: (() => void) | undefined;

  private constructor(private readonly options: PublisherOptions) {
    this.tracker = new BedsideStateTracker(options);
    this.now = options.now ?? (() => new Date());
  }

  /** @throws ConfigurationError (rejection) where the outbox cannot be had; a broker that does not answer is no error */
  static async open(options: PublisherOptions): Promise<Publisher> {
    const publisher = new Publisher(options);
    await publisher.begin();
    publisher.tellState();
    return publisher;
  }

  /** Messages that wait for the broker. */
  get waiting(): number {
    return this.outboxState.waiting + this.unkept.length;
  }

  setStatus(status: ControllerStatus): void {
    const { subject, site, state } = status;
    this.naming = { subject, site };
    const begins = state === 'connecting' && !this.isRecording;
    this.isRecording = state === 'connecting' || state === 'recording' || state === 'stopping';
    if (begins) {
      this.recording = randomUUID();
      this.tracker.begin(this.recording, this.now());
    }
    this.tracker.setStatus(status);
    this.tellState();
  }

  push(event: PublishedEvent): void {
    const { recording, naming } = this;
    const message = messageOf(event, { ...naming, recording, at: this.now() });
    this.tracker.push(event);
    this.tellState();
    if (this.unkept.length >= MAX_UNKEPT && message.worth !== Worth.result) {
      this.skipped += 1;
      return;
    }
    const posted = { ...message, id: `${this.run}.${this.posted++}` };
    this.unkept.push(posted);
    this.unposted.push(posted);
    // A window and the verdict that follows from it go together.
    if (this.unposted.length === 1) queueMicrotask(() => this.postMessages());
  }

  /**
   * Gives the broker a moment to take what waits, tells it that the bedside is gone, and lets go of disk and network.
   *
   * @returns messages that still wait on disk
   */
  async close(): Promise<number> {
    this.isClosing = true;
    clearTimeout(this.stateTimer);
    clearTimeout(this.retry);
    const { worker } = this;
    if (worker !== undefined) {
      const closed = new Promise<void>((resolve) => {
        this.onClosed = resolve;
      });
      const lastState = JSON.stringify(this.tracker.absent('ended', this.now()));
      this.postMessages();
      this.post({ kind: 'close', graceMs: CLOSE_GRACE_MS, lastState });
      const late = setTimeout(() => this.onClosed?.(), 4 * CLOSE_GRACE_MS);
      await closed;
      clearTimeout(late);
      await worker.terminate();
    }
    this.events$.complete();
    return this.waiting;
  }

  private async begin(): Promise<void> {
    const { address, bedside, outbox: file, maxBytes = 256 * 2 ** 20 } = this.options;
    const will = JSON.stringify(this.tracker.absent('vanished', this.now()));
    const data: PublishWorkerData = { address, bedside, file, maxBytes, will };
    const worker = new Worker(new URL('./publish-worker.js', import.meta.url), {
      workerData: data,
      // SQLite in Node says that it is experimental; stdout belongs to results.
      stdout: true,
      stderr: true,
      resourceLimits: { maxYoungGenerationSizeMb: 2 },
    });
    let failure: Error | undefined;
    let isReady = false;
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (reply: PublishReply) => {
        if (reply.kind === 'failed') failure = new LubdubError(reply.code, reply.message);
        else this.take(reply);
        if (reply.kind !== 'ready') return;
        isReady = true;
        this.worker = worker;
        // What the thread before it may have kept goes by the same ids.
        this.unposted = [...this.unkept];
        this.postMessages();
        resolve();
      });
      worker.on('error', (error) => {
        failure ??= error;
      });
      worker.on('exit', (code) => {
        this.worker = undefined;
        this.onClosed?.();
        const error = failure ?? new LubdubError('LUBDUB_INTERNAL', `the thread ended with code ${code}`);
        if (isReady) this.restartAfter(error);
        else reject(error);
      });
    });
  }

  private take(reply: Exclude<PublishReply, { kind: 'failed' }>): void {
    if (reply.kind !== 'disk') this.outboxState = reply.outbox;
    switch (reply.kind) {
      case 'ready':
        if (reply.asideAs !== null) {
          this.tell(
            'disk',
            `the results that waited for the broker were damaged and are put aside as ${reply.asideAs}`,
          );
        }
        return;
      case 'kept':
        this.unkept.splice(0, reply.count);
        this.hasDiskTrouble = false;
        return;
      case 'settled':
        return;
      case 'disk':
        if (!this.hasDiskTrouble) {
          this.tell('disk', `results cannot be kept for the broker: ${reply.message}; free some space`);
        }
        this.hasDiskTrouble = true;
        return;
      case 'connected':
        this.backoff.reset();
        return this.tell('connected', `connected to the broker; ${this.waiting} messages wait`);
      case 'lost':
        return this.tell(
          'lost',
          `no connection to the broker: ${reply.message}; ${this.waiting} messages wait, next try in ${(reply.inMs / 1000).toFixed(1)} s`,
        );
      case 'closed':
        this.onClosed?.();
    }
  }

  private restartAfter(error: Error): void {
    if (this.isClosing) return;
    const { inMs } = this.backoff.next(performance.now())!;
    this.tell('failed', `publishing failed and begins anew in ${inMs / 1000} s: ${error.message}`);
    this.retry = setTimeout(() => {
      this.begin().then(
        () => this.tellState(),
        (cause: Error) => this.restartAfter(cause),
      );
    }, inMs);
  }

  private tellState(): void {
    this.stateTimer ??= setTimeout(() => {
      this.stateTimer = undefined;
      this.post({ kind: 'state', state: JSON.stringify(this.tracker.view(this.now())) });
    }, STATE_INTERVAL_MS).unref();
  }

  private tell(state: PublishEvent['state'], message: string): void {
    const { evicted } = this.outboxState;
    const { waiting, skipped } = this;
    this.events$.next({ kind: 'publish', state, waiting, evicted, skipped, message });
  }

  private postMessages(): void {
    const { unposted: messages } = this;
    this.unposted = [];
    if (messages.length > 0) this.post({ kind: 'messages', messages });
  }

  private post(request: PublishRequest): void {
    this.worker?.postMessage(request);
  }
}
