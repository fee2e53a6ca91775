import { parentPort } from 'node:worker_threads';
import { InThreadClassifier } from '../classify/in-thread-classifier.js';
import { startOf } from '../classify/request-thread.js';
import { LubdubError } from '../errors.js';
import { answerFiles, type FileScreeningReply } from './answer-files.js';
import type { FileScreeningStart } from './file-screening-start.js';
import { screenFile } from './screen-file.js';
import { StoredScreening } from './stored-screening.js';

const port = parentPort;
if (port === null) throw new Error('file-screening-worker runs in a worker thread');

try {
  const { model, signalQuality, stethoscope, used, runtime } = await startOf<FileScreeningStart>(port);
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
