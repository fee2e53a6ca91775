import { parentPort, workerData } from 'node:worker_threads';
import { InThreadClassifier } from '../classify/in-thread-classifier.js';
import type { Model } from '../classify/model.js';
import type { RuntimeChoice } from '../classify/runtime-choice.js';
import { LubdubError } from '../errors.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import type { UsedStethoscope } from '../verdict/verdict-words.js';
import type { SignalQualityModel } from '../window/signal-quality-model.js';
import { answerFiles, type FileScreeningReply } from './answer-files.js';
import { screenFile } from './screen-file.js';
import { StoredScreening } from './stored-screening.js';

/** What the worker is started with: read and checked already, so that a thread need not load what does that. */
export interface FileScreeningStart {
  readonly model: Model;
  readonly signalQuality: SignalQualityModel;
  readonly stethoscope: StethoscopeProfile | null;
  readonly used: UsedStethoscope | null;
  readonly runtime: RuntimeChoice;
}

const port = parentPort;
if (port === null) throw new Error('file-screening-worker runs in a worker thread');

try {
  const { model, signalQuality, stethoscope, used, runtime } = workerData as FileScreeningStart;
  // The model runs in this thread, beside the stages before it: no window has to travel.
  const screening = new StoredScreening(await InThreadClassifier.openInWorker(model, runtime), signalQuality);
  answerFiles(port, ({ path, ...options }, emit) =>
    screenFile(path, screening, emit, { ...options, stethoscope, used }),
  );
} catch (error) {
  const code = error instanceof LubdubError ? error.code : 'LUBDUB_INTERNAL';
  const failed: FileScreeningReply = { kind: 'failed', code, message: (error as Error).message };
  port.postMessage(failed);
  port.close();
}
