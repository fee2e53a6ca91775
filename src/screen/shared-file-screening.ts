import { setImmediate } from 'node:timers/promises';
import type { OpenRecordingOptions } from '../decode/file/recording-file.js';
import { screened } from './answer-files.js';
import { failedFile, FILES_PER_THREAD, type FileScreening, type ScreenedFile } from './file-screening.js';
import type { Emit } from './stored-screening.js';

/** Screens one file in this thread. */
export type ScreenHere = (path: string, options: OpenRecordingOptions, emit: Emit) => Promise<void>;

/** Threads that help, and are being started. */
export interface Helpers {
  readonly threads: number;
  readonly pool: FileScreening & {
    /** Resolves once they can take files; rejects where they cannot be had. */
    readonly ready: Promise<unknown>;
  };
}

interface Waiting {
  readonly path: string;
  readonly options: OpenRecordingOptions;
  readonly resolve: (screened: ScreenedFile) => void;
}

/**
 * Screens files in this thread, one after the other, and in threads that help as soon as they have started: the program
 * is there already, warm and with its model, and a thread less has to become so. Each takes the file that is next.
 *
 * A file that spoils this thread's runtime goes to the helpers, and so do all after it; without any it is an error, and the
 * next one is tried here.
 */
export class SharedFileScreening implements FileScreening {
  private readonly waiting: Waiting[] = [];
  private readonly opening: Promise<FileScreening | undefined>;
  private helpers: FileScreening | undefined;
  private helped = 0;
  private isBusy = false;
  private isSpoilt = false;

  constructor(
    private readonly screenHere: ScreenHere,
    private readonly help?: Helpers,
  ) {
    this.opening = this.openHelpers();
  }

  screen(path: string, options: OpenRecordingOptions = {}): Promise<ScreenedFile> {
    return new Promise((resolve) => {
      this.waiting.push({ path, options, resolve });
      this.handOut();
    });
  }

  async close(): Promise<void> {
    // They may have been too late to be of use, and need not get ready first.
    await this.help?.pool.close();
  }

  /** Helpers that cannot be started are missed, no more: this thread can do all of the work. */
  private async openHelpers(): Promise<FileScreening | undefined> {
    if (this.help === undefined) return undefined;
    try {
      await this.help.pool.ready;
      this.helpers = this.help.pool;
    } catch {
      return undefined;
    }
    this.handOut();
    return this.helpers;
  }

  private handOut(): void {
    const { helpers, waiting } = this;
    const room = this.isSpoilt ? Infinity : FILES_PER_THREAD * (this.help?.threads ?? 0);
    while (helpers !== undefined && waiting.length > 0 && this.helped < room) {
      void this.giveAway(helpers, waiting.shift()!);
    }
    if (waiting.length === 0 || this.isBusy || (this.isSpoilt && helpers !== undefined)) return;
    this.isBusy = true;
    void this.take(waiting.shift()!);
  }

  private async giveAway(helpers: FileScreening, { path, options, resolve }: Waiting): Promise<void> {
    this.helped++;
    resolve(await helpers.screen(path, options));
    this.helped--;
    this.handOut();
  }

  private async take(file: Waiting): Promise<void> {
    const { path, options, resolve } = file;
    // Between two files signals, streams and the helpers have their turn.
    await setImmediate();
    try {
      resolve(await screened(path, (emit) => this.screenHere(path, options, emit)));
    } catch (error) {
      const helpers = await this.opening;
      this.isSpoilt = helpers !== undefined;
      if (helpers === undefined) resolve(failedFile(path, error));
      else void this.giveAway(helpers, file);
    }
    this.isBusy = false;
    this.handOut();
  }
}
