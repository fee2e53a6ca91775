import { UnbegunRequest } from '../classify/request-thread.js';
import { SupervisedThreads } from '../classify/supervised-threads.js';
import type { OpenRecordingOptions } from '../decode/file/recording-file.js';
import type { FileScreeningRequest } from './answer-files.js';
import type { FileScreeningStart } from './file-screening-start.js';
import { failedFile, FILES_PER_THREAD, type FileScreening, type ScreenedFile } from './file-screening.js';

type FileThreads = SupervisedThreads<FileScreeningRequest, ScreenedFile, null>;

/** A file is tried once more when its thread dies under it; twice is no accident. */
const TRIES = 2;
/** Whatever the files are: after so many deaths without an answer in between, it is not the files. */
const MOST_DEATHS_IN_A_ROW = 6;

/**
 * Screens files in worker threads, each with a model of its own, so that throughput grows with the cores. A thread
 * that dies is replaced and its file tried again; where one after the other dies, the pool gives up.
 */
export class FileScreeningPool implements FileScreening {
  /** Resolves once every thread is ready; rejects where the model or the runtime is unusable, and as `start` does. */
  readonly ready: Promise<unknown>;
  private readonly threads: FileThreads;

  /**
   * Starts the threads; they load what they run while `start` is still being read.
   *
   * @param script for tests: another worker script
   */
  constructor(
    start: Promise<FileScreeningStart>,
    threadCount: number,
    script = new URL('./file-screening-worker.js', import.meta.url),
  ) {
    this.threads = new SupervisedThreads({
      thread: { script, start, timeoutMs: Infinity, what: 'screening' },
      requestsPerThread: FILES_PER_THREAD,
      mostDeaths: MOST_DEATHS_IN_A_ROW,
      remedy: 'the files that are left are not tried. Run lubdub doctor, and classify one file alone',
    });
    this.ready = this.threads.start(threadCount);
    // Whoever waits for it hears of it.
    this.ready.catch(() => undefined);
  }

  /**
   * @throws ModelError where the model or the runtime is unusable, and what `start` is rejected with
   */
  static async open(...options: ConstructorParameters<typeof FileScreeningPool>): Promise<FileScreeningPool> {
    const pool = new FileScreeningPool(...options);
    await pool.ready;
    return pool;
  }

  /** Starts one more thread, as the first ones were. */
  async grow(): Promise<void> {
    await this.threads.start(1);
  }

  async screen(path: string, options: OpenRecordingOptions = {}): Promise<ScreenedFile> {
    for (let tries = 0; ;) {
      try {
        return await this.threads.request({ ...options, path });
      } catch (error) {
        if (!(error instanceof UnbegunRequest) && ++tries === TRIES) return failedFile(path, error);
      }
    }
  }

  close(): Promise<void> {
    return this.threads.close();
  }
}
