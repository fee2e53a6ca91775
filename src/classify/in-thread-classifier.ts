import type { WindowScorer } from './classify-windows.js';
import { checkGolden } from './golden-windows.js';
import { loadKernel, loadRuntime, type RuntimeChoice } from './load-runtime.js';
import type { Model } from './model.js';
import {
  checkFeatures,
  checkLength,
  checkTensors,
  elementCount,
  isSynchronous,
  type ModelRuntime,
  type SynchronousRuntime,
} from './runtime.js';

/** Windows that are timed: enough for the engine to have compiled what it runs. */
const TIMED_WINDOWS = 12;

/**
 * The model in the caller's thread: beside the stages before it in a worker of files, or beside everything else where a
 * window costs a fraction of its hop.
 */
export class InThreadClassifier implements WindowScorer {
  readonly threadCount = 1;
  /** The logit at once, where the runtime needs no promise; see {@link WindowScorer.scoreNow}. */
  readonly scoreNow: ((features: Float32Array) => number) | undefined;

  private constructor(
    readonly model: Model,
    private readonly loaded: ModelRuntime,
  ) {
    if (!isSynchronous(loaded)) return;
    this.scoreNow = (features) => {
      checkLength(model, features);
      return loaded.runNow(features)[0];
    };
  }

  /**
   * The kernel, in any thread, the main one too.
   *
   * @returns `null` where the model or the choice asks for LiteRT, which {@link Classifier} runs in threads of its own
   * @throws ModelError where the kernel is asked for and lacks an operation of the model, or the tensors or golden outputs
   *   are not those of the contract
   */
  static async open(model: Model, choice: RuntimeChoice = 'auto'): Promise<InThreadClassifier | null> {
    const kernel = loadKernel(model.bytes, choice);
    return kernel === undefined ? null : InThreadClassifier.checked(model, kernel);
  }

  /**
   * Any runtime, in a worker thread.
   *
   * @throws ModelError where the runtime cannot load the model, or its tensors or golden outputs are not those of the
   *   contract
   */
  static async openInWorker(model: Model, choice: RuntimeChoice): Promise<InThreadClassifier> {
    return InThreadClassifier.checked(model, await loadRuntime(model.bytes, choice));
  }

  private static async checked(model: Model, runtime: ModelRuntime): Promise<InThreadClassifier> {
    checkTensors(model, runtime.tensors);
    const classifier = new InThreadClassifier(model, runtime);
    await checkGolden(model, (features) => classifier.score(features));
    return classifier;
  }

  /** For people: what executes the model. */
  get runtime(): string {
    return this.loaded.tensors.runtime;
  }

  /**
   * Milliseconds that a window takes, the least of several that are run for this.
   *
   * @returns Infinity where the runtime does not answer at once
   */
  measureWindowMs(): number {
    return isSynchronous(this.loaded) ? leastMs(this.loaded) : Infinity;
  }

  /**
   * Scores one window.
   *
   * @param features finite numbers in the contract's input shape; only read
   * @returns the logit of *abnormal*, not calibrated
   * @throws ModelError (rejection) for features that it cannot take
   */
  async score(features: Float32Array): Promise<number> {
    checkFeatures(this.model, features);
    return (await this.loaded.run(features))[0];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function leastMs(runtime: SynchronousRuntime): number {
  const features = new Float32Array(elementCount(runtime.tensors.inputShape));
  let least = Infinity;
  for (let i = 0; i < TIMED_WINDOWS; i++) {
    const begin = performance.now();
    runtime.runNow(features);
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}
