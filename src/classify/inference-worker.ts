import { parentPort, workerData } from 'node:worker_threads';
import { loadLiteRtModel, recentRuntimeLog } from './litert.js';
import { elementCount } from './runtime.js';

/** What the worker is started with. */
export interface WorkerStart {
  readonly modelBytes: Uint8Array;
}

/** One window to score; the array's buffer travels, it is not copied. */
export interface WorkerRequest {
  readonly id: number;
  readonly input: Float32Array;
}

export type WorkerReply =
  | {
      readonly kind: 'ready';
      readonly runtime: string;
      readonly inputShape: number[];
      readonly outputShape: number[];
    }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'scored'; readonly id: number; readonly output: Float32Array };

const port = parentPort;
if (port === null) throw new Error('inference-worker runs in a worker thread');

const reply = (message: WorkerReply): void => port.postMessage(message);

try {
  const runtime = await loadLiteRtModel((workerData as WorkerStart).modelBytes);
  // The first run plans memory and kernels; it must not be the first window of a patient.
  await runtime.run(new Float32Array(elementCount(runtime.inputShape)));

  // The runtime is not re-entrant: requests are chained, one call at a time.
  let last: Promise<unknown> = Promise.resolve();
  port.on('message', ({ id, input }: WorkerRequest) => {
    last = last.then(async () => {
      // A trap leaves the WebAssembly instance spoilt. It is thrown on purpose: the thread ends, and the main
      // thread counts the window as lost and starts another worker.
      const output = await runtime.run(input);
      reply({ kind: 'scored', id, output });
    });
  });
  reply({
    kind: 'ready',
    runtime: runtime.name,
    inputShape: [...runtime.inputShape],
    outputShape: [...runtime.outputShape],
  });
} catch (error) {
  const log = recentRuntimeLog();
  reply({ kind: 'failed', message: `${(error as Error).message}${log === '' ? '' : `\n${log}`}` });
  port.close();
}
