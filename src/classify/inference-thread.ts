import { Worker } from 'node:worker_threads';
import { ModelError } from '../errors.js';
import type { WorkerReply, WorkerRequest, WorkerStart } from './inference-worker.js';

export interface InferenceThreadOptions {
  readonly modelBytes: Uint8Array;
  /** A call that takes longer than this counts as hung; the thread is ended. */
  readonly timeoutMs: number;
  /** For tests: another worker script that speaks the same messages. */
  readonly script?: URL;
}

/** The tensors of the loaded model, as the runtime reports them. */
export interface LoadedTensors {
  readonly runtime: string;
  readonly inputShape: readonly number[];
  readonly outputShape: readonly number[];
}

interface PendingCall {
  readonly resolve: (output: Float32Array) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One worker thread that executes the model. Calls are answered in order. When the thread dies or hangs, every
 * pending call is rejected with a `ModelError` and `onExit` is told once; the thread is then of no further use.
 */
export class InferenceThread {
  /** Resolves once the model is loaded and warm; rejects with a ModelError where it cannot be. */
  readonly ready: Promise<LoadedTensors>;
  private readonly worker: Worker;
  private readonly pending = new Map<number, PendingCall>();
  private readonly timeoutMs: number;
  private nextId = 0;
  private watchdog: NodeJS.Timeout | undefined;
  private failure: ModelError | undefined;
  private closing = false;

  constructor(options: InferenceThreadOptions, onExit: (thread: InferenceThread) => void) {
    this.timeoutMs = options.timeoutMs;
    const start: WorkerStart = { modelBytes: options.modelBytes };
    this.worker = new Worker(options.script ?? new URL('./inference-worker.js', import.meta.url), {
      workerData: start,
      // The runtime prints to stderr what it also reports; stdout belongs to results.
      stdout: true,
      stderr: true,
    });
    this.ready = new Promise((resolve, reject) => {
      this.worker.on('message', (message: WorkerReply) => {
        if (message.kind === 'ready') resolve(message);
        else if (message.kind === 'failed') {
          this.failure = new ModelError(message.message, { code: 'LUBDUB_RUNTIME' });
          reject(this.failure);
        } else this.settle(message.id, message.output);
      });
      this.worker.on('error', (cause: Error) => {
        this.failure ??= new ModelError(`the inference thread failed: ${cause.message}`, {
          cause,
          code: 'LUBDUB_RUNTIME',
        });
      });
      this.worker.on('exit', (exitCode) => {
        const failure =
          this.failure ??
          new ModelError(`the inference thread ended with code ${exitCode}`, { code: 'LUBDUB_RUNTIME' });
        clearTimeout(this.watchdog);
        reject(failure);
        for (const call of this.pending.values()) call.reject(failure);
        this.pending.clear();
        if (!this.closing) onExit(this);
      });
    });
    // Whoever waits for `ready` sees the rejection; nobody waiting must not end the process.
    this.ready.catch(() => undefined);
  }

  /** Calls sent and not yet answered. */
  get load(): number {
    return this.pending.size;
  }

  /** @param input ownership passes to the thread: the array is empty afterwards */
  run(input: Float32Array): Promise<Float32Array> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.pending.set(id, { resolve, reject });
      if (this.pending.size === 1) this.restartWatchdog();
      const request: WorkerRequest = { id, input };
      this.worker.postMessage(request, [input.buffer as ArrayBuffer]);
    });
  }

  async close(): Promise<void> {
    this.closing = true;
    await this.worker.terminate();
  }

  private settle(id: number, output: Float32Array): void {
    const call = this.pending.get(id);
    this.pending.delete(id);
    this.restartWatchdog();
    call?.resolve(output);
  }

  private restartWatchdog(): void {
    clearTimeout(this.watchdog);
    if (this.pending.size === 0) return;
    this.watchdog = setTimeout(() => {
      this.failure ??= new ModelError(`inference took over ${this.timeoutMs} ms and was ended`, {
        code: 'LUBDUB_RUNTIME',
      });
      void this.worker.terminate();
    }, this.timeoutMs);
  }
}
