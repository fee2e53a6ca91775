import { ModelError } from '../errors.js';
import { KernelRuntime, UnsupportedModel } from './kernel/kernel-runtime.js';
import { loadLiteRtModel } from './litert.js';
import type { ModelRuntime } from './runtime.js';

/**
 * What executes the model: `kernel`, lubdub's own, for networks like the one that ships; `litert`, Google's, for any;
 * `auto`, the kernel where it can and LiteRT elsewhere.
 */
export const RUNTIME_CHOICES = ['auto', 'kernel', 'litert'] as const;
export type RuntimeChoice = (typeof RUNTIME_CHOICES)[number];

/**
 * The kernel with a model, in the caller's thread and at once.
 *
 * @returns `undefined` where it is LiteRT's, which needs a thread of its own
 * @throws ModelError where the kernel is asked for and cannot run the model
 */
export function loadKernel(modelBytes: Uint8Array, choice: RuntimeChoice): KernelRuntime | undefined {
  if (choice === 'litert') return undefined;
  try {
    return new KernelRuntime(modelBytes);
  } catch (cause) {
    if (!(cause instanceof UnsupportedModel)) throw cause;
    if (choice === 'auto') return undefined;
    throw new ModelError(
      `the kernel cannot run this model: ${cause.message}; use --runtime auto or --runtime litert`,
      { cause, code: 'LUBDUB_RUNTIME' },
    );
  }
}

/** Loads a model into the thread of a worker, warm; see {@link loadLiteRtModel} for why it must be one. */
export async function loadRuntime(modelBytes: Uint8Array, choice: RuntimeChoice): Promise<ModelRuntime> {
  return loadKernel(modelBytes, choice) ?? (await loadLiteRtModel(modelBytes));
}
