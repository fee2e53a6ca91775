import { RequestThread } from '../classify/request-thread.js';
import type { OpenRecordingOptions } from '../decode/recording-file.js';
import type { FileScreeningRequest } from './answer-files.js';
import type { FileScreeningStart } from './file-screening-worker.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import type { ScreeningEvent } from './screening-events.js';
import { errorEvent } from './event-of.js';

type FileThread = RequestThread<FileScreeningRequest, ScreeningEvent[], null>;

/** A file is tried once more when its thread dies under it; twice is no accident. */
const TRIES = 2;

/**
 * Screens files in worker threads, each with a model of its own, so that throughput grows with the cores. A thread
 * that dies is replaced and its file tried again.
 */
export class FileScreeningPool {
  private readonly idle: FileThread[] = [];
  private readonly threads = new Set<FileThread>();
  private readonly waiting: ((thread: FileThread) => void)[] = [];

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
      const thread = await this.take();
      try {
        const events = await thread.request({ ...options, path });
        this.release(thread);
        return events;
      } catch (error) {
        this.threads.delete(thread);
        try {
          this.release(await this.start());
        } catch (cause) {
          return [errorEvent(cause, path)];
        }
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

  private take(): Promise<FileThread> {
    const thread = this.idle.pop();
    if (thread !== undefined) return Promise.resolve(thread);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private release(thread: FileThread): void {
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(thread);
    else next(thread);
  }
}
