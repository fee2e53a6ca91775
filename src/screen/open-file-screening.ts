import { InThreadClassifier } from '../classify/in-thread-classifier.js';
import type { Model } from '../classify/model.js';
import type { RuntimeChoice } from '../classify/runtime-choice.js';
import { usedStethoscope, type StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import { readSignalQualityModel } from '../window/signal-quality-model.js';
import type { FileScreening } from './file-screening.js';
import { screenFile } from './screen-file.js';
import { SharedFileScreening } from './shared-file-screening.js';
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
 * Opens what screens files: this thread, and worker threads beside it, one less than files are to be screened at a time.
 * Where LiteRT runs the model, worker threads alone.
 *
 * @throws ModelError where the model or the runtime is unusable
 */
export async function openFileScreening(options: FileScreeningOptions): Promise<FileScreening> {
  const { model, threads, stethoscope, runtime } = options;
  const openPool = async (count: number) => {
    const { FileScreeningPool } = await import('./file-screening-pool.js');
    return FileScreeningPool.open(model, count, { stethoscope, runtime });
  };
  const inThread = await InThreadClassifier.open(model, runtime);
  if (inThread === null) return openPool(threads);
  const screening = new StoredScreening(inThread, readSignalQualityModel());
  const used = usedStethoscope(stethoscope);
  return new SharedFileScreening(
    (path, fileOptions, emit) => screenFile(path, screening, emit, { ...fileOptions, stethoscope, used }),
    threads === 1 ? undefined : { threads: threads - 1, open: () => openPool(threads - 1) },
  );
}
