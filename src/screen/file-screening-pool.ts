import type { Model } from '../classify/model.js';
import type { RuntimeChoice } from '../classify/runtime-choice.js';
import { UnbegunRequest } from '../classify/request-thread.js';
import { SupervisedThreads } from '../classify/supervised-threads.js';
import type { OpenRecordingOptions } from '../decode/recording-file.js';
import type { FileScreeningRequest } from './answer-files.js';
import type { FileScreeningStart } from './file-screening-worker.js';
import { usedStethoscope, type StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import { readSignalQualityModel } from '../window/signal-quality-model.js';
import type { ScreeningEvent } from './screening-events.js';
import { errorEvent } from './event-of.js';
import { FILES_PER_THREAD, type FileScreening } from './file-screening.js';

type FileThreads = SupervisedThreads<FileScreeningRequest, ScreeningEvent[], null>;

/** A file is tried once more when its thread dies under it; twice is no accident. */
const TRIES = 2;
/** Whatever the files are: after so many deaths without an answer in between, it is not the files. */
const MOST_DEATHS_IN_A_ROW = 6;

export interface FileScreeningPoolOptions {
  /** Of the stethoscope that made the recordings; default an unknown one. */
  readonly stethoscope?: StethoscopeProfile | null;
  /** What executes the model; default `auto`. */
  readonly runtime?: RuntimeChoice;
  /** For tests: another worker script. */
  readonly script?: URL;
}

/**
 * Screens files in worker threads, each with a model of its own, so that throughput grows with the cores. A thread
 * that dies is replaced and its file tried again; where one after the other dies, the pool gives up.
 */
export class FileScreeningPool implements FileScreening {
  private constructor(private readonly threads: FileThreads) {}

  /**
   * @throws ModelError where the model or the runtime is unusable
   */
  static async open(
    model: Model,
    threadCount: number,
    { stethoscope = null, runtime = 'auto', script }: FileScreeningPoolOptions = {},
  ): Promise<FileScreeningPool> {
    const workerData: FileScreeningStart = {
      model,
      signalQuality: readSignalQualityModel(),
      stethoscope,
      used: usedStethoscope(stethoscope),
      runtime,
    };
    const { threads } = await SupervisedThreads.open<FileScreeningRequest, ScreeningEvent[], null>(
      threadCount,
      {
        thread: {
          script: script ?? new URL('./file-screening-worker.js', import.meta.url),
          workerData,
          timeoutMs: Infinity,
          what: 'screening',
        },
        requestsPerThread: FILES_PER_THREAD,
        mostDeaths: MOST_DEATHS_IN_A_ROW,
        remedy: 'the files that are left are not tried. Run lubdub doctor, and classify one file alone',
      },
    );
    return new FileScreeningPool(threads);
  }

  /** @returns the events of one file, `final` or `error` last; never rejects */
  async screen(path: string, options: OpenRecordingOptions = {}): Promise<ScreeningEvent[]> {
    for (let tries = 0; ;) {
      try {
        return await this.threads.request({ ...options, path });
      } catch (error) {
        if (!(error instanceof UnbegunRequest) && ++tries === TRIES) return [errorEvent(error, path)];
      }
    }
  }

  close(): Promise<void> {
    return this.threads.close();
  }
}
