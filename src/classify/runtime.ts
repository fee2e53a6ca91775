import { ModelError } from '../errors.js';
import type { Model } from './model.js';

export type TensorShape = readonly number[];

/** What a runtime says of the model that it loaded. */
export interface LoadedTensors {
  /** For people: which runtime this is. */
  readonly runtime: string;
  readonly inputShape: TensorShape;
  readonly outputShape: TensorShape;
}

/**
 * What a runtime must offer to execute a window classifier: one float32 input, one float32 output, fixed shapes, warm.
 */
export interface ModelRuntime {
  readonly tensors: LoadedTensors;
  /**
   * Calls may be made at any time; they are executed one after the other.
   *
   * @param input finite numbers, as many as the input shape has elements; the caller checked both
   * @returns the output's elements; the receiver owns the array
   */
  run(input: Float32Array): Promise<Float32Array>;
}

/** A runtime that answers in the caller's thread and at once. */
export interface SynchronousRuntime extends ModelRuntime {
  /**
   * As {@link ModelRuntime.run}, without a promise, and of numbers that nobody checked.
   *
   * @returns the receiver owns the array
   * @throws ModelError where one of them is not finite
   */
  runNow(input: Float32Array): Float32Array;
}

export const isSynchronous = (runtime: ModelRuntime): runtime is SynchronousRuntime => 'runNow' in runtime;

export const elementCount = (shape: TensorShape): number =>
  shape.reduce((product, size) => product * size, 1);

/** @throws ModelError naming the item of the contract in which it differs from the loaded model */
export function checkTensors(model: Model, loaded: LoadedTensors): void {
  const { input, output } = model.contract;
  const differs = (a: TensorShape, b: TensorShape) => a.join() !== b.join();
  const explain = (item: string, stated: TensorShape, verb: string, found: TensorShape) =>
    new ModelError(
      `${item} is [${stated.join(', ')}] in ${model.contractPath}, but the model ${verb} [${found.join(', ')}]; ` +
        'model and contract must come from the same conversion',
    );
  if (differs(loaded.inputShape, input.tensor.shape)) {
    throw explain('input.tensor.shape', input.tensor.shape, 'takes', loaded.inputShape);
  }
  if (differs(loaded.outputShape, output.tensor.shape)) {
    throw explain('output.tensor.shape', output.tensor.shape, 'gives', loaded.outputShape);
  }
}

/** @throws ModelError for a window of another length */
export function checkLength(model: Model, features: Float32Array): void {
  const expected = elementCount(model.contract.input.tensor.shape);
  if (features.length === expected) return;
  throw new ModelError(`a window must have ${expected} features, got ${features.length}`);
}

/** @throws ModelError for a window that the model cannot take: the runtime accepts NaN silently, and is confident */
export function checkFeatures(model: Model, features: Float32Array): void {
  checkLength(model, features);
  const count = features.length;
  // A number less itself is 0, or no number where it is none or infinite: sums of that are faster than asking for each.
  let first = 0;
  let second = 0;
  for (let i = 1; i < count; i += 2) {
    first += features[i - 1] - features[i - 1];
    second += features[i] - features[i];
  }
  const last = features[count - 1];
  if (first + second + (last - last) !== 0) throw notFinite(features);
}

/** @param features one of which is not finite */
export function notFinite(features: Float32Array): ModelError {
  const index = features.findIndex((feature) => !Number.isFinite(feature));
  return new ModelError(`features must be finite, got ${features[index]} at index ${index}`);
}
