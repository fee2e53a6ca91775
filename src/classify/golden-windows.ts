import { ModelError } from '../errors.js';
import type { Model } from './model.js';
import { checkLength } from './runtime.js';

/**
 * Features of a golden window.
 *
 * @param base64 an int8 for each feature, row-major
 * @param step what one of these integers stands for
 * @returns the receiver owns the array
 */
export function goldenFeatures(base64: string, step: number): Float32Array {
  const features = new Float32Array(new Int8Array(Buffer.from(base64, 'base64')));
  for (let i = 0; i < features.length; i++) features[i] *= step;
  return features;
}

/**
 * Has the loaded model score the golden windows of its contract. The hash tells whether a file is the one that was
 * meant; this tells whether the file, on this machine, computes what it did where it was released.
 *
 * The windows are of real recordings: made-up noise drives a network into saturation, where most changes of it go unseen.
 *
 * @param score logit of one window's features
 * @throws ModelError where a logit differs by more than the contract's tolerance
 */
export async function checkGolden(
  model: Model,
  score: (features: Float32Array) => Promise<number>,
): Promise<void> {
  const { golden } = model.contract;
  for (const [index, { features, logit }] of golden?.windows.entries() ?? []) {
    const { step, tolerance } = golden!;
    const window = goldenFeatures(features, step);
    checkLength(model, window);
    const found = await score(window);
    if (Math.abs(found - logit) <= tolerance) continue;
    throw new ModelError(
      `golden.windows.${index} of ${model.contractPath} must score ${logit} within ${tolerance}, got ${found}; ` +
        'the model was changed, or this machine computes wrongly: restore both files from the same release',
    );
  }
}
