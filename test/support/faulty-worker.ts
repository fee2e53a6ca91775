import { parentPort } from 'node:worker_threads';
import type { InferenceReply } from '../../src/classify/inference-worker.js';
import type { ThreadRequest } from '../../src/classify/request-thread.js';

/**
 * Speaks the inference worker's messages without a model. The first element of a window says what happens: 1 the
 * thread dies, 2 it hangs for ever, else it is answered with that element.
 */
const port = parentPort!;
const reply = (message: InferenceReply) => port.postMessage(message);

port.on('message', ({ id, request: input }: ThreadRequest<Float32Array>) => {
  if (input[0] === 1) throw new Error('memory access out of bounds');
  // Nothing that is asked later is answered either.
  if (input[0] === 2) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  reply({ kind: 'reply', id, reply: Float32Array.of(input[0]) });
});
reply({ kind: 'ready', ready: { runtime: 'faulty', inputShape: [1, 2], outputShape: [1, 1] } });
