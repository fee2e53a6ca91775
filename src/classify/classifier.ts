import { ConfigurationError } from '../errors.js';
import type { WindowScorer } from './classify-windows.js';
import { checkGolden } from './golden-windows.js';
import type { InferenceStart } from './inference-worker.js';
import type { RuntimeChoice } from './load-runtime.js';
import type { Model } from './model.js';
import { checkFeatures, checkTensors, type LoadedTensors } from './runtime.js';
import { SupervisedThreads } from './supervised-threads.js';

export interface ClassifierOptions {
  readonly model: Model;
  /** Worker threads; one is enough for a device, one a core for files. Default 1. */
  readonly threads?: number;
  /** What executes the model; default `auto`. */
  readonly runtime?: RuntimeChoice;
  /** A call longer than this counts as hung. Default 10,000. */
  readonly timeoutMs?: number;
  /** For tests: another worker script. */
  readonly script?: URL;
}

/** So many deaths in a row without one window scored mean that the runtime is unusable, not unlucky. */
const MOST_DEATHS_IN_A_ROW = 4;

type InferenceThreads = SupervisedThreads<Float32Array, Float32Array, LoadedTensors>;

/**
 * The model, executed off the main thread by one or more worker threads, one call at a time in each.
 *
 * A thread that dies or hangs is replaced; the calls that it held are rejected, and it is for the caller to count
 * them. Open it with {@link Classifier.open}, which checks the loaded tensors against the contract.
 */
export class Classifier implements WindowScorer {
  private constructor(
    readonly model: Model,
    readonly threadCount: number,
    readonly runtime: string,
    private readonly threads: InferenceThreads,
  ) {}

  /**
   * Starts the threads and waits until the model is warm in each.
   *
   * @throws ModelError where the runtime cannot load the model, or its tensors or golden outputs are not those of the
   *   contract
   */
  static async open(options: ClassifierOptions): Promise<Classifier> {
    const count = options.threads ?? 1;
    if (!Number.isInteger(count) || count < 1 || count > 64) {
      throw new ConfigurationError(`threads must be an integer in 1..64, got ${count}`);
    }
    const { model, runtime = 'auto', timeoutMs = 10_000 } = options;
    const start: InferenceStart = { modelBytes: model.bytes, runtime };
    const { threads, ready } = await SupervisedThreads.open<Float32Array, Float32Array, LoadedTensors>(
      count,
      {
        thread: {
          script: options.script ?? new URL('./inference-worker.js', import.meta.url),
          workerData: start,
          timeoutMs,
          what: 'inference',
          youngGenerationMb: 2,
        },
        requestsPerThread: Infinity,
        mostDeaths: MOST_DEATHS_IN_A_ROW,
        remedy: 'run `lubdub doctor` to check this installation',
      },
    );
    const classifier = new Classifier(model, count, ready[0].runtime, threads);
    try {
      for (const tensors of ready) checkTensors(model, tensors);
      await checkGolden(model, (features) => classifier.score(features));
    } catch (error) {
      await classifier.close();
      throw error;
    }
    return classifier;
  }

  /** Threads that died or hung and were replaced. */
  get replacedThreads(): number {
    return this.threads.deaths;
  }

  /**
   * Scores one window.
   *
   * @param features finite numbers in the contract's input shape; ownership passes on
   * @returns the logit of *abnormal*, not calibrated
   * @throws ModelError (rejection) where this window is lost with its thread, or the runtime is unusable
   */
  async score(features: Float32Array): Promise<number> {
    checkFeatures(this.model, features);
    return (await this.threads.request(features, [features.buffer as ArrayBuffer]))[0];
  }

  close(): Promise<void> {
    return this.threads.close();
  }
}
