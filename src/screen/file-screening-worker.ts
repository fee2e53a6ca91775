import { parentPort, workerData } from 'node:worker_threads';
import { checkGolden } from '../classify/golden-windows.js';
import { InThreadClassifier } from '../classify/in-thread-classifier.js';
import { openModel } from '../classify/model.js';
import { checkFeatures, checkTensors } from '../classify/runtime.js';
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
}

const port = parentPort;
if (port === null) throw new Error('file-screening-worker runs in a worker thread');

try {
  const { modelPath, stethoscope } = workerData as FileScreeningStart;
  const screener = await openScreener(modelPath);
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
async function openScreener(modelPath: string): Promise<Screener> {
  const model = await openModel(modelPath);
  const inThread = await InThreadClassifier.open(model);
  if (inThread !== null) return new Screener(inThread, readSignalQualityModel());
  const { loadLiteRtModel } = await import('../classify/litert.js');
  const runtime = await loadLiteRtModel(model.bytes);
  checkTensors(model, runtime.tensors);
  const scorer = {
    model,
    threadCount: 1,
    score: async (features: Float32Array): Promise<number> => {
      checkFeatures(model, features);
      return (await runtime.run(features))[0];
    },
    close: () => Promise.resolve(),
  };
  await checkGolden(model, scorer.score);
  return new Screener(scorer, readSignalQualityModel());
}
