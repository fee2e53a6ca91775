import { parentPort, workerData } from 'node:worker_threads';
import { LubdubError } from '../errors.js';
import { loadRuntime, type RuntimeChoice } from './load-runtime.js';
import type { ThreadReply, ThreadRequest } from './request-thread.js';
import type { LoadedTensors } from './runtime.js';

/** What the worker is started with. */
export interface InferenceStart {
  readonly modelBytes: Uint8Array;
  readonly runtime: RuntimeChoice;
}

export type InferenceReply = ThreadReply<LoadedTensors, Float32Array>;

const port = parentPort;
if (port === null) throw new Error('inference-worker runs in a worker thread');

const reply = (message: InferenceReply): void => port.postMessage(message);

try {
  const { modelBytes, runtime: choice } = workerData as InferenceStart;
  const runtime = await loadRuntime(modelBytes, choice);
  port.on('message', ({ id, request }: ThreadRequest<Float32Array>) => {
    // A trap leaves the WebAssembly instance spoilt. The rejection is not handled on purpose: the thread ends, and
    // the main thread counts the window as lost and starts another worker.
    void runtime.run(request).then((output) => reply({ kind: 'reply', id, reply: output }));
  });
  reply({ kind: 'ready', ready: { ...runtime.tensors } });
} catch (error) {
  const code = error instanceof LubdubError ? error.code : 'LUBDUB_RUNTIME';
  reply({ kind: 'failed', code, message: (error as Error).message });
  port.close();
}
