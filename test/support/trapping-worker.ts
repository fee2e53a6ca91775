import { appendFileSync, readFileSync } from 'node:fs';
import { parentPort, threadId } from 'node:worker_threads';
import { startOf } from '../../src/classify/request-thread.js';
import { ModelError, RecordingError } from '../../src/errors.js';
import { answerFiles } from '../../src/screen/answer-files.js';
import type { FileScreeningStart } from '../../src/screen/file-screening-start.js';

/**
 * Answers as the screening worker does, without a model. The model's contract is a file with a line for each start. The path of
 * a recording says what happens: `trap` in the first thread, `trap always`, `runtime` fails with that code in the
 * first thread, `unreadable`; else a notice names the thread.
 */
const { contractPath: modelPath } = (await startOf<FileScreeningStart>(parentPort!)).model;
appendFileSync(modelPath, '.\n');
const isFirst = readFileSync(modelPath, 'utf8').length === 2;

answerFiles(parentPort!, ({ path }, emit) => {
  if (path === 'trap always' || (path === 'trap' && isFirst)) throw new Error('memory access out of bounds');
  if (path === 'runtime' && isFirst) throw new ModelError('it is spoilt', { code: 'LUBDUB_RUNTIME' });
  if (path === 'unreadable') throw new RecordingError('it is no recording');
  emit({ kind: 'notice', file: path, message: String(threadId) });
  return Promise.resolve();
});
