import type { WindowScorer } from './classify-windows.js';
import { checkGolden } from './golden-windows.js';
import { loadKernel, loadRuntime, type RuntimeChoice } from './load-runtime.js';
import type { Model } from './model.js';
import { checkFeatures, checkTensors, isSynchronous, type ModelRuntime } from './runtime.js';

/**
 * The model, executed in this thread: beside the stages before it in a worker of files, or beside everything else where a
 * window costs a fraction of its hop.
 */
export class InThreadScorer implements WindowScorer {
  readonly threadCount = 1;
  /** The logit at once, where the runtime needs no promise; see {@link WindowScorer.scoreNow}. */
  readonly scoreNow: ((features: Float32Array) => number) | undefined;

  private constructor(
    readonly model: Model,
    private readonly loaded: ModelRuntime,
  ) {
    this.scoreNow = isSynchronous(loaded)
      ? (features) => {
          checkFeatures(model, features);
          return loaded.runNow(features)[0];
        }
      : undefined;
  }

  /**
   * In a worker thread: any runtime.
   *
   * @throws ModelError where the runtime cannot load the model, or its tensors or golden outputs are not those of the
   *   contract
   */
  static async open(model: Model, choice: RuntimeChoice): Promise<InThreadScorer> {
    return InThreadScorer.checked(model, await loadRuntime(model.bytes, choice));
  }

  /**
   * In any thread, the main one too: the kernel.
   *
   * @returns `undefined` where the model or the choice asks for LiteRT, which needs a worker thread
   * @throws ModelError as {@link InThreadScorer.open}
   */
  static async openKernel(model: Model, choice: RuntimeChoice): Promise<InThreadScorer | undefined> {
    const kernel = loadKernel(model.bytes, choice);
    return kernel === undefined ? undefined : InThreadScorer.checked(model, kernel);
  }

  private static async checked(model: Model, runtime: ModelRuntime): Promise<InThreadScorer> {
    checkTensors(model, runtime.tensors);
    const scorer = new InThreadScorer(model, runtime);
    await checkGolden(model, (features) => scorer.score(features));
    return scorer;
  }

  /** For people: which runtime this is. */
  get runtime(): string {
    return this.loaded.tensors.runtime;
  }

  async score(features: Float32Array): Promise<number> {
    checkFeatures(this.model, features);
    return (await this.loaded.run(features))[0];
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
