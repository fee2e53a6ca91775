import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import type * as LiteRtPackage from '@litertjs/core';
import { ModelError } from '../errors.js';
import { elementCount, type ModelRuntime } from './runtime.js';

/**
 * One build on every Node and processor. Left to itself the package takes the one with relaxed SIMD wherever the engine
 * has that, whose results differ in the last digits between processors and from this one. The choice costs 0.1 ms a
 * window on Node 24 (0.22 for 0.13 ms, x64) and nothing on Node 22 (0.23 ms both).
 */
const WASM_BUILD = 'litert_wasm_compat_internal.js';

/**
 * LiteRT (Google's TFLite runtime, built as WebAssembly with XNNPACK) inside a Node worker thread.
 *
 * Node is not a target that the package names: its loader expects the scope of a browser's worker. What it needs is
 * put on the global object here, which is why this must run in a worker thread and nowhere else, once a thread. The
 * threaded build crashes in Node, so one thread runs one model; use several workers for throughput.
 *
 * @returns the model, warm: the first run plans memory and kernels and must not be the first window of a patient
 * @throws ModelError (rejection) where the runtime refuses the model, with what it printed
 */
export async function loadLiteRtModel(modelBytes: Uint8Array): Promise<ModelRuntime> {
  const log: string[] = [];
  try {
    const runtime = await load(modelBytes, (line) => log.push(line));
    await runtime.run(new Float32Array(elementCount(runtime.tensors.inputShape)));
    return runtime;
  } catch (cause) {
    const errors = log.filter((line) => !/^(INFO|WARNING|VERBOSE)/.test(line));
    const printed = errors.length === 0 ? '' : ` (${errors.slice(-3).join('; ')})`;
    throw new ModelError(
      `the runtime could not load the model: ${(cause as Error).message ?? String(cause)}${printed}; ` +
        'run `lubdub doctor` to check this installation',
      { cause, code: 'LUBDUB_RUNTIME' },
    );
  }
}

async function load(modelBytes: Uint8Array, print: (line: string) => void): Promise<ModelRuntime> {
  const { Tensor, loadAndCompile, loadLiteRt } = await importLiteRt(print);
  await loadLiteRt(join(wasmDirectory(), WASM_BUILD));
  const model = await loadAndCompile(modelBytes, { accelerator: 'wasm', cpuOptions: { numThreads: 1 } });
  const inputShape = Array.from(model.getInputDetails()[0].shape);
  const outputShape = Array.from(model.getOutputDetails()[0].shape);
  if (inputShape.some((size) => size < 1)) {
    throw new Error(`its input must have a fixed shape with a batch of 1, got [${inputShape.join(', ')}]`);
  }

  const runOnce = async (input: Float32Array): Promise<Float32Array> => {
    const tensor = new Tensor(input, inputShape);
    try {
      const outputs = await model.run(tensor);
      try {
        return Float32Array.from(outputs[0].toTypedArray() as Float32Array);
      } finally {
        for (const output of outputs) output.delete();
      }
    } finally {
      tensor.delete();
    }
  };
  // The runtime is not re-entrant: a call waits for the one before it.
  let last: Promise<unknown> = Promise.resolve();
  return {
    tensors: { runtime: 'LiteRT', inputShape, outputShape },
    run(input) {
      const result = last.then(() => runOnce(input));
      last = result.catch(() => undefined);
      return result;
    },
  };
}

async function importLiteRt(print: (line: string) => void): Promise<typeof LiteRtPackage> {
  const scope = globalThis as unknown as Record<string, unknown>;
  scope.self = globalThis;
  scope.importScripts = (script: string) => {
    scope.ModuleFactory = evaluateCommonJs(script);
  };
  scope.Module = { print, printErr: print };
  return import('@litertjs/core');
}

/** The glue file is CommonJS inside a package that declares itself ES modules, so `require` would misread it. */
function evaluateCommonJs(path: string): unknown {
  const wrapper = `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'utf8')}\n})`;
  const evaluate = runInThisContext(wrapper, { filename: path }) as (...scope: unknown[]) => void;
  const module = { exports: {} as unknown };
  evaluate(module.exports, createRequire(path), module, path, dirname(path));
  return module.exports;
}

function wasmDirectory(): string {
  const entry = fileURLToPath(import.meta.resolve('@litertjs/core'));
  return join(dirname(dirname(entry)), 'wasm');
}
