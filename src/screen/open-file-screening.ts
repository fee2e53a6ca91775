import { setImmediate } from 'node:timers/promises';
import { InThreadClassifier } from '../classify/in-thread-classifier.js';
import type { Model } from '../classify/model.js';
import type { RuntimeChoice } from '../classify/runtime-choice.js';
import { usedStethoscope, type StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import { readSignalQualityModel } from '../window/signal-quality-model.js';
import { eventsOf } from './answer-files.js';
import { errorEvent } from './event-of.js';
import type { FileScreening } from './file-screening.js';
import { screenFile } from './screen-file.js';
import { StoredScreening } from './stored-screening.js';

export interface FileScreeningOptions {
  readonly model: Model;
  /** So many files at a time. */
  readonly threads: number;
  /** Of the stethoscope that made the recordings, `null` for an unknown one. */
  readonly stethoscope: StethoscopeProfile | null;
  readonly runtime: RuntimeChoice;
}

/**
 * Opens what screens files: worker threads, or this one where one is enough and the kernel can run the model. That
 * starts in half the time.
 *
 * @throws ModelError where the model or the runtime is unusable
 */
export async function openFileScreening(options: FileScreeningOptions): Promise<FileScreening> {
  const { model, threads, stethoscope, runtime } = options;
  const inThread = threads === 1 ? await InThreadClassifier.open(model, runtime) : null;
  if (inThread === null) {
    const { FileScreeningPool } = await import('./file-screening-pool.js');
    return FileScreeningPool.open(model, threads, { stethoscope, runtime });
  }
  const screening = new StoredScreening(inThread, readSignalQualityModel());
  const used = usedStethoscope(stethoscope);
  let last: Promise<unknown> = Promise.resolve();
  return {
    // One after the other: they share the memory of their stages.
    screen(path, fileOptions = {}) {
      // Between two files signals and streams have their turn.
      const events = last
        .then(() => setImmediate())
        .then(() =>
          eventsOf(path, (emit) => screenFile(path, screening, emit, { ...fileOptions, stethoscope, used })),
        );
      const settled = events.catch((error: unknown) => [errorEvent(error, path)]);
      last = settled;
      return settled;
    },
    close: () => inThread.close(),
  };
}
