import { ConfigurationError, ModelError } from '../errors.js';
import type { WindowScorer } from './classify-windows.js';
import { checkGolden } from './golden-windows.js';
import type { InferenceStart } from './inference-worker.js';
import type { Model } from './model.js';
import { RequestThread, type RequestThreadOptions } from './request-thread.js';
import { checkFeatures, checkTensors, type LoadedTensors } from './runtime.js';

type InferenceThread = RequestThread<Float32Array, Float32Array, LoadedTensors>;

export interface ClassifierOptions {
  readonly model: Model;
  /** Worker threads; one is enough for a device, one a core for files. Default 1. */
  readonly threads?: number;
  /** A call longer than this counts as hung. Default 10,000. */
  readonly timeoutMs?: number;
  /** For tests: another worker script. */
  readonly script?: URL;
}

/** So many replacements in a row without one window scored mean that the runtime is unusable, not unlucky. */
const MAX_FRUITLESS_REPLACEMENTS = 3;

/**
 * The model, executed off the main thread by one or more worker threads, one call at a time in each.
 *
 * A thread that dies or hangs is replaced; the calls that it held are rejected, and it is for the caller to count
 * them. Open it with {@link Classifier.open}, which checks the loaded tensors against the contract.
 */
export class Classifier implements WindowScorer {
  /** Threads that died or hung and were replaced. */
  replacedThreads = 0;
  private readonly threads: (InferenceThread | undefined)[] = [];
  private fruitless = 0;
  private unusable: ModelError | undefined;
  private closed = false;

  private constructor(
    readonly model: Model,
    private readonly threadOptions: RequestThreadOptions,
    threadCount: number,
  ) {
    for (let slot = 0; slot < threadCount; slot++) this.threads.push(this.startThread(slot));
  }

  /**
   * Starts the threads and waits until the model is warm in each.
   *
   * @throws ModelError where the runtime cannot load the model, or its tensors or golden outputs are not those of the
   *   contract
   */
  static async open(options: ClassifierOptions): Promise<Classifier> {
    const threads = options.threads ?? 1;
    if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
      throw new ConfigurationError(`threads must be an integer in 1..64, got ${threads}`);
    }
    const start: InferenceStart = { modelBytes: options.model.bytes };
    const threadOptions = {
      script: options.script ?? new URL('./inference-worker.js', import.meta.url),
      workerData: start,
      timeoutMs: options.timeoutMs ?? 10_000,
      what: 'inference',
      youngGenerationMb: 2,
    };
    const classifier = new Classifier(options.model, threadOptions, threads);
    try {
      const loaded = await Promise.all(classifier.threads.map((thread) => thread!.ready));
      for (const tensors of loaded) checkTensors(options.model, tensors);
      await checkGolden(options.model, (features) => classifier.score(features));
    } catch (error) {
      await classifier.close();
      throw error;
    }
    return classifier;
  }

  get threadCount(): number {
    return this.threads.length;
  }

  /**
   * Scores one window.
   *
   * @param features finite numbers in the contract's input shape; ownership passes on
   * @returns the logit of *abnormal*, not calibrated
   * @throws ModelError (rejection) where this window is lost with its thread, or the runtime is unusable
   */
  async score(features: Float32Array): Promise<number> {
    if (this.unusable !== undefined) throw this.unusable;
    checkFeatures(this.model, features);
    const output = await this.leastLoadedThread().request(features, [features.buffer as ArrayBuffer]);
    this.fruitless = 0;
    return output[0];
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.threads.flatMap((thread) => (thread === undefined ? [] : [thread.close()])));
  }

  private leastLoadedThread(): InferenceThread {
    let best: InferenceThread | undefined;
    for (const thread of this.threads) {
      if (thread !== undefined && (best === undefined || thread.load < best.load)) best = thread;
    }
    if (best === undefined) throw new ModelError('the classifier is closed', { code: 'LUBDUB_RUNTIME' });
    return best;
  }

  private startThread(slot: number): InferenceThread {
    return new RequestThread(this.threadOptions, () => {
      this.threads[slot] = undefined;
      if (this.closed) return;
      this.replacedThreads++;
      if (++this.fruitless > MAX_FRUITLESS_REPLACEMENTS) {
        this.unusable = new ModelError(
          `the inference thread died ${this.fruitless} times in a row without scoring a window; ` +
            'run `lubdub doctor` to check this installation',
          { code: 'LUBDUB_RUNTIME' },
        );
        return;
      }
      this.threads[slot] = this.startThread(slot);
    });
  }
}
