import { ModelError } from '../errors.js';
import { KernelRuntime, UnsupportedModel } from './kernel/kernel-runtime.js';
import type { ModelRuntime } from './runtime.js';
import type { RuntimeChoice } from './runtime-choice.js';

export type { RuntimeChoice } from './runtime-choice.js';

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

/** Loads a model into the thread of a worker, warm; see `loadLiteRtModel` for why it must be one. */
export async function loadRuntime(modelBytes: Uint8Array, choice: RuntimeChoice): Promise<ModelRuntime> {
  const kernel = loadKernel(modelBytes, choice);
  if (kernel !== undefined) return kernel;
  // Loaded when it is needed: it is a hundred times the kernel.
  const { loadLiteRtModel } = await import('./litert.js');
  return loadLiteRtModel(modelBytes);
}
