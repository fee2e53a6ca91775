import { performance } from 'node:perf_hooks';
import { ModelError } from '../errors.js';
import type { WindowScorer } from './classify-windows.js';
import { checkGolden } from './golden-windows.js';
import { KernelRuntime, UnsupportedModel } from './kernel/kernel-runtime.js';
import type { Model } from './model.js';
import { checkFeatures, checkTensors, elementCount, type SynchronousRuntime } from './runtime.js';

/** Windows that are timed: enough for the engine to have compiled what it runs. */
const TIMED_WINDOWS = 12;

/** The model in the caller's thread: it answers before the call returns, and nothing waits. */
export class InThreadClassifier implements WindowScorer {
  readonly threadCount = 1;

  private constructor(
    readonly model: Model,
    private readonly runtime: SynchronousRuntime,
    /** Milliseconds that one window took when it was opened, the least of several. */
    readonly windowMs: number,
  ) {}

  /**
   * @returns `null` where the kernel lacks an operation of this model: {@link Classifier} runs it
   * @throws ModelError where the tensors or golden outputs are not those of the contract
   */
  static async open(model: Model): Promise<InThreadClassifier | null> {
    let runtime: SynchronousRuntime;
    try {
      runtime = new KernelRuntime(model.bytes);
    } catch (error) {
      if (error instanceof UnsupportedModel) return null;
      throw error;
    }
    checkTensors(model, runtime.tensors);
    const classifier = new InThreadClassifier(model, runtime, leastMs(runtime));
    await checkGolden(model, (features) => classifier.score(features));
    return classifier;
  }

  /**
   * Scores one window.
   *
   * @param features finite numbers in the contract's input shape; only read
   * @returns the logit of *abnormal*, not calibrated
   * @throws ModelError for features that it cannot take
   */
  scoreNow(features: Float32Array): number {
    checkFeatures(this.model, features);
    return this.runtime.runNow(features)[0];
  }

  score(features: Float32Array): Promise<number> {
    try {
      return Promise.resolve(this.scoreNow(features));
    } catch (error) {
      return Promise.reject(error as ModelError);
    }
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
