import { parentPort, workerData } from 'node:worker_threads';
import { InThreadClassifier } from '../classify/in-thread-classifier.js';
import type { RuntimeChoice } from '../classify/load-runtime.js';
import { openModel } from '../classify/model.js';
import { LubdubError } from '../errors.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import { readSignalQualityModel } from '../window/signal-quality-model.js';
import { answerFiles, type FileScreeningReply } from './answer-files.js';
import { screenFile } from './screen-file.js';
import { Screener } from './screener.js';

/** What the worker is started with. */
export interface FileScreeningStart {
  readonly modelPath: string;
  readonly stethoscope: StethoscopeProfile | null;
  readonly runtime: RuntimeChoice;
}

const port = parentPort;
if (port === null) throw new Error('file-screening-worker runs in a worker thread');

try {
  const { modelPath, stethoscope, runtime } = workerData as FileScreeningStart;
  const screener = await openScreener(modelPath, runtime);
  answerFiles(port, ({ path, ...options }, emit) =>
    screenFile(path, screener, emit, { ...options, stethoscope }),
  );
} catch (error) {
  const code = error instanceof LubdubError ? error.code : 'LUBDUB_INTERNAL';
  const failed: FileScreeningReply = { kind: 'failed', code, message: (error as Error).message };
  port.postMessage(failed);
  port.close();
}

/** The model runs in this thread, beside the stages before it: no window has to travel. */
async function openScreener(modelPath: string, runtime: RuntimeChoice): Promise<Screener> {
  const scorer = await InThreadClassifier.openInWorker(await openModel(modelPath), runtime);
  return new Screener(scorer, readSignalQualityModel());
}
