import { ModelError } from '../errors.js';
import { RequestThread, type RequestThreadOptions } from './request-thread.js';

export interface SupervisedThreadsOptions {
  readonly thread: RequestThreadOptions;
  /** How many requests a thread may hold; the others wait here. */
  readonly requestsPerThread: number;
  /** After so many deaths without an answer in between, no thread is started any more. */
  readonly mostDeaths: number;
  /** What to do then, for the message. */
  readonly remedy: string;
}

interface Waiting<Request, Reply> {
  readonly request: Request;
  readonly transfer: ArrayBuffer[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Threads that do the same work, one in place of another. A thread that dies or hangs is replaced, and what it held is
 * rejected: whoever asked decides whether to ask again. Where one after the other dies, the work itself is unusable: no
 * thread is started any more, and everybody is told why.
 */
export class SupervisedThreads<Request, Reply, Ready> {
  /** Threads that died or hung and were counted. */
  deaths = 0;
  private deathsInARow = 0;
  private readonly threads = new Set<RequestThread<Request, Reply, Ready>>();
  private readonly ready = new Set<RequestThread<Request, Reply, Ready>>();
  private readonly waiting: Waiting<Request, Reply>[] = [];
  private isOpen = false;
  private reasonToGiveUp: unknown;

  constructor(private readonly options: SupervisedThreadsOptions) {}

  /** As {@link start}, for whoever has nothing to do until the threads are there. */
  static async open<Request, Reply, Ready>(
    count: number,
    options: SupervisedThreadsOptions,
  ): Promise<{
    readonly threads: SupervisedThreads<Request, Reply, Ready>;
    readonly ready: readonly Ready[];
  }> {
    const threads = new SupervisedThreads<Request, Reply, Ready>(options);
    return { threads, ready: await threads.start(count) };
  }

  /**
   * Starts so many threads, all at once, beside those that there are.
   *
   * @returns what each said of itself
   * @throws what the first thread that cannot be started says; all are closed then
   */
  async start(count: number): Promise<readonly Ready[]> {
    try {
      const ready = await Promise.all(Array.from({ length: count }, () => this.startOne()));
      this.isOpen = true;
      return ready;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Gives a request to the thread that has least to do, or to the first that has room again.
   *
   * @param transfer buffers whose ownership passes on
   * @throws ModelError (rejection) where its thread died under it, or the threads are given up or closed
   */
  request(request: Request, transfer: ArrayBuffer[] = []): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, transfer, resolve, reject });
      this.handOut();
    });
  }

  async close(): Promise<void> {
    this.giveUp(new ModelError('its threads are closed', { code: 'LUBDUB_RUNTIME' }));
    await Promise.all([...this.threads].map((thread) => thread.close()));
  }

  private async startOne(): Promise<Ready> {
    const thread: RequestThread<Request, Reply, Ready> = new RequestThread(this.options.thread, (failure) => {
      this.threads.delete(thread);
      this.ready.delete(thread);
      if (this.isOpen) this.replace(failure);
    });
    this.threads.add(thread);
    const ready = await thread.ready;
    this.ready.add(thread);
    this.handOut();
    return ready;
  }

  private replace(failure: Error): void {
    this.deaths++;
    if (this.reasonToGiveUp !== undefined) return;
    const { mostDeaths, thread, remedy } = this.options;
    if (++this.deathsInARow < mostDeaths) {
      // A thread that cannot be started has died as well, and comes here again.
      this.startOne().catch(() => undefined);
      return;
    }
    const message =
      `the ${thread.what} thread died ${this.deathsInARow} times in a row without an answer, ` +
      `the last time of: ${failure.message}; ${remedy}`;
    this.giveUp(new ModelError(message, { code: 'LUBDUB_RUNTIME', cause: failure }));
  }

  private giveUp(reason: unknown): void {
    this.reasonToGiveUp ??= reason;
    this.handOut();
  }

  private handOut(): void {
    while (this.waiting.length > 0) {
      const thread = this.leastLoaded();
      if (thread === undefined && this.reasonToGiveUp === undefined) return;
      const { request, transfer, resolve, reject } = this.waiting.shift()!;
      if (thread === undefined) {
        reject(this.reasonToGiveUp);
        continue;
      }
      thread.request(request, transfer).then((reply) => {
        this.deathsInARow = 0;
        resolve(reply);
        this.handOut();
      }, reject);
    }
  }

  private leastLoaded(): RequestThread<Request, Reply, Ready> | undefined {
    let best: RequestThread<Request, Reply, Ready> | undefined;
    for (const thread of this.ready) {
      const { load } = thread;
      if (load < this.options.requestsPerThread && (best === undefined || load < best.load)) best = thread;
    }
    return best;
  }
}
