import { RequestThread } from '../classify/request-thread.js';
import type { OpenRecordingOptions } from '../decode/recording-file.js';
import type { FileScreeningRequest } from './answer-files.js';
import type { FileScreeningStart } from './file-screening-worker.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import type { ScreeningEvent } from './screening-events.js';
import { ModelError } from '../errors.js';
import { errorEvent } from './event-of.js';

type FileThread = RequestThread<FileScreeningRequest, ScreeningEvent[], null>;

/** A file is tried once more when its thread dies under it; twice is no accident. */
const TRIES = 2;
/** Whatever the files are: after so many deaths without an answer in between, it is not the files. */
const MOST_DEATHS_IN_A_ROW = 6;

/**
 * Screens files in worker threads, each with a model of its own, so that throughput grows with the cores. A thread
 * that dies is replaced and its file tried again; where one after the other dies, the pool gives up.
 */
export class FileScreeningPool {
  private readonly idle: FileThread[] = [];
  private readonly threads = new Set<FileThread>();
  private readonly waiting: {
    readonly resolve: (thread: FileThread) => void;
    readonly reject: (reason: unknown) => void;
  }[] = [];
  private deathsInARow = 0;
  private reasonToGiveUp: unknown;

  private constructor(
    private readonly modelPath: string,
    private readonly stethoscope: StethoscopeProfile | null,
    private readonly script: URL,
  ) {}

  /**
   * @param modelPath the model contract
   * @param stethoscope the profile of the stethoscope that made the recordings, `null` for an unknown one
   * @throws ModelError where the model or the runtime is unusable
   */
  static async open(
    modelPath: string,
    threadCount: number,
    stethoscope: StethoscopeProfile | null = null,
    script = new URL('./file-screening-worker.js', import.meta.url),
  ): Promise<FileScreeningPool> {
    const pool = new FileScreeningPool(modelPath, stethoscope, script);
    try {
      // The first one tells whether the model is usable at all, before the others take memory.
      pool.release(await pool.start());
      const others = Array.from({ length: threadCount - 1 }, async () => pool.release(await pool.start()));
      await Promise.all(others);
    } catch (error) {
      await pool.close();
      throw error;
    }
    return pool;
  }

  /** @returns the events of one file, `final` or `error` last; never rejects */
  async screen(path: string, options: OpenRecordingOptions = {}): Promise<ScreeningEvent[]> {
    for (let attempt = 1; ; attempt++) {
      let thread: FileThread;
      try {
        thread = await this.take();
      } catch (givenUp) {
        return [errorEvent(givenUp, path)];
      }
      try {
        const events = await thread.request({ ...options, path });
        this.deathsInARow = 0;
        this.release(thread);
        return events;
      } catch (error) {
        this.threads.delete(thread);
        await this.replace(error);
        if (attempt === TRIES) return [errorEvent(error, path)];
      }
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.threads].map((thread) => thread.close()));
  }

  private async start(): Promise<FileThread> {
    const workerData: FileScreeningStart = { modelPath: this.modelPath, stethoscope: this.stethoscope };
    const options = { script: this.script, workerData, timeoutMs: Infinity, what: 'screening' };
    const thread: FileThread = new RequestThread(options, () => this.threads.delete(thread));
    this.threads.add(thread);
    await thread.ready;
    return thread;
  }

  /** In place of a thread that died; gives the pool up where no new one starts, or one after the other dies. */
  private async replace(death: unknown): Promise<void> {
    if (++this.deathsInARow >= MOST_DEATHS_IN_A_ROW) {
      const why = death instanceof Error ? death.message : String(death);
      return this.giveUp(
        new ModelError(
          `${this.deathsInARow} screening threads died one after the other, the last of: ${why}; the files that are left ` +
            'are not tried. Run lubdub doctor, and classify one file alone',
          { code: 'LUBDUB_RUNTIME', cause: death },
        ),
      );
    }
    try {
      this.release(await this.start());
    } catch (cause) {
      this.giveUp(cause);
    }
  }

  private giveUp(reason: unknown): void {
    this.reasonToGiveUp ??= reason;
    for (const { reject } of this.waiting.splice(0)) reject(reason);
  }

  private take(): Promise<FileThread> {
    const thread = this.idle.pop();
    if (thread !== undefined) return Promise.resolve(thread);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever ended it is told on
    if (this.reasonToGiveUp !== undefined) return Promise.reject(this.reasonToGiveUp);
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  private release(thread: FileThread): void {
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(thread);
    else next.resolve(thread);
  }
}
