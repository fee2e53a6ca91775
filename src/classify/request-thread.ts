import { Worker, type MessagePort } from 'node:worker_threads';
import { LubdubError, ModelError, type LubdubErrorCode } from '../errors.js';

/** What the worker script posts back, beside its own kinds of reply. */
export type ThreadReply<Ready, Reply> =
  | { readonly kind: 'ready'; readonly ready: Ready }
  | { readonly kind: 'failed'; readonly code: LubdubErrorCode; readonly message: string }
  | { readonly kind: 'reply'; readonly id: number; readonly reply: Reply };

export interface ThreadRequest<Request> {
  readonly id: number;
  readonly request: Request;
}

export interface RequestThreadOptions {
  readonly script: URL;
  readonly workerData?: unknown;
  /**
   * What the thread needs and its starter does not have yet: the thread loads its code meanwhile, and awaits it with
   * {@link startOf}. Where it cannot be had, the thread ends.
   */
  readonly start?: Promise<unknown>;
  /** A request that takes longer than this counts as hung and ends the thread; Infinity for no limit. */
  readonly timeoutMs: number;
  /** For messages: what a request is. */
  readonly what: string;
  /**
   * Bounds what the thread lets pile up of short-lived memory. A thread that only takes and answers small messages grows
   * for hours otherwise: over a day of windows the process went from 217 to 283 MB, with 2 MB here it stays.
   */
  readonly youngGenerationMb?: number;
}

/** The thread died of a request before this one, and never came to it. */
export class UnbegunRequest extends ModelError {
  constructor(cause: LubdubError) {
    super(cause.message, { code: 'LUBDUB_RUNTIME', cause });
  }
}

interface PendingCall<Reply> {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One worker thread that answers requests in order. When it dies or hangs, every pending request is rejected with a
 * `ModelError` and `onExit` is told once; the thread is then of no further use.
 */
export class RequestThread<Request, Reply, Ready> {
  /** Resolves once the thread can take requests; rejects where it cannot be had. */
  readonly ready: Promise<Ready>;
  private readonly worker: Worker;
  private readonly pending = new Map<number, PendingCall<Reply>>();
  private nextId = 0;
  private watchdog: NodeJS.Timeout | undefined;
  private failure: LubdubError | undefined;
  private isReady = false;
  private closing = false;

  constructor(
    private readonly options: RequestThreadOptions,
    onExit: (failure: LubdubError) => void,
  ) {
    this.worker = new Worker(options.script, {
      workerData: options.workerData,
      ...(options.youngGenerationMb === undefined
        ? {}
        : { resourceLimits: { maxYoungGenerationSizeMb: options.youngGenerationMb } }),
      // The runtime prints what it also reports; stdout belongs to results.
      stdout: true,
      stderr: true,
    });
    this.ready = new Promise((resolve, reject) => {
      this.worker.on('message', (message: ThreadReply<Ready, Reply>) => {
        if (message.kind === 'ready') {
          this.isReady = true;
          this.restartWatchdog();
          resolve(message.ready);
        }
        if (message.kind === 'reply') this.settle(message.id, message.reply);
        if (message.kind === 'failed') {
          this.failure = new LubdubError(message.code, message.message);
          reject(this.failure);
        }
      });
      this.worker.on('error', (cause: Error) => {
        this.failure ??= runtimeError(`the ${options.what} thread failed: ${cause.message}`, cause);
      });
      this.worker.on('exit', (exitCode) => {
        const failure =
          this.failure ?? runtimeError(`the ${options.what} thread ended with code ${exitCode}`);
        this.failure = failure;
        clearTimeout(this.watchdog);
        reject(failure);
        let begun = true;
        for (const call of this.pending.values()) {
          call.reject(begun ? failure : new UnbegunRequest(failure));
          begun = false;
        }
        this.pending.clear();
        if (!this.closing) onExit(failure);
      });
    });
    options.start?.then(
      (start) => this.worker.postMessage(start),
      (cause: Error) => {
        this.failure ??= runtimeError(`the ${options.what} thread was not started: ${cause.message}`, cause);
        void this.worker.terminate();
      },
    );
    this.restartWatchdog();
    // Whoever waits for `ready` sees the rejection; nobody waiting must not end the process.
    this.ready.catch(() => undefined);
  }

  /** Requests sent and not yet answered. */
  get load(): number {
    return this.pending.size;
  }

  /** @param transfer buffers whose ownership passes to the thread */
  request(request: Request, transfer: ArrayBuffer[] = []): Promise<Reply> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.pending.set(id, { resolve, reject });
      if (this.isReady && this.pending.size === 1) this.restartWatchdog();
      const message: ThreadRequest<Request> = { id, request };
      this.worker.postMessage(message, transfer);
    });
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.worker.terminate();
  }

  private settle(id: number, reply: Reply): void {
    const call = this.pending.get(id);
    this.pending.delete(id);
    this.restartWatchdog();
    call?.resolve(reply);
  }

  /** A thread that starts has longer: on a small machine the model alone takes seconds to load. */
  private restartWatchdog(): void {
    const { timeoutMs, what } = this.options;
    clearTimeout(this.watchdog);
    if (this.isReady && (this.pending.size === 0 || timeoutMs === Infinity)) return;
    const limitMs = this.isReady ? timeoutMs : START_TIMEOUT_MS;
    const thing = this.isReady ? what : `the start of the ${what} thread`;
    this.watchdog = setTimeout(() => {
      this.failure ??= runtimeError(`${thing} took over ${limitMs} ms and was ended`);
      void this.worker.terminate();
    }, limitMs);
  }
}

/**
 * In the thread: what it was started with, which is the first thing that it is told.
 *
 * The listener stays. Without one the port would neither keep the thread alive nor keep what comes.
 */
export const startOf = <Start>(port: MessagePort): Promise<Start> =>
  new Promise((resolve) => port.on('message', resolve));

const START_TIMEOUT_MS = 60_000;

const runtimeError = (message: string, cause?: unknown) =>
  new ModelError(message, { code: 'LUBDUB_RUNTIME', cause });
