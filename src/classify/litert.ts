import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';
import type * as LiteRtPackage from '@litertjs/core';
import { ModelError } from '../errors.js';
import type { ModelRuntime } from './runtime.js';

/**
 * LiteRT (Google's TFLite runtime, built as WebAssembly with XNNPACK) inside a Node worker thread.
 *
 * Node is not a target that the package names: its loader expects the scope of a browser's worker. What it needs is
 * put on the global object here, which is why this file must be imported in a worker thread of its own and nowhere
 * else. The threaded build crashes in Node, so one thread runs one model; use several workers for throughput.
 */
export async function loadLiteRtModel(modelBytes: Uint8Array): Promise<ModelRuntime> {
  const { Tensor, loadAndCompile, loadLiteRt } = await importLiteRt();
  let model: LiteRtPackage.CompiledModel;
  try {
    await loadLiteRt(`${wasmDirectory()}/`);
    model = await loadAndCompile(modelBytes, { accelerator: 'wasm', cpuOptions: { numThreads: 1 } });
  } catch (cause) {
    throw new ModelError(
      `the runtime could not load the model: ${String((cause as Error).message ?? cause)}; ` +
        'run `lubdub doctor` to check this installation',
      { cause, code: 'LUBDUB_RUNTIME' },
    );
  }
  const inputShape = Array.from(model.getInputDetails()[0].shape);
  const outputShape = Array.from(model.getOutputDetails()[0].shape);
  if (inputShape.some((size) => size < 1)) {
    throw new ModelError(
      `the model's input must have a fixed shape, got [${inputShape.join(', ')}]; convert it with a static batch of 1`,
    );
  }
  return {
    name: 'LiteRT (WebAssembly)',
    inputShape,
    outputShape,
    async run(input: Float32Array): Promise<Float32Array> {
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
    },
  };
}

let lastLogLines: string[] = [];

/** What the runtime itself printed of late: the only place where it says why it refused a model. */
export function recentRuntimeLog(): string {
  return lastLogLines.join('\n');
}

async function importLiteRt(): Promise<typeof LiteRtPackage> {
  const scope = globalThis as unknown as Record<string, unknown>;
  scope.self = globalThis;
  scope.importScripts = (script: string) => {
    scope.ModuleFactory = evaluateCommonJs(script);
  };
  scope.Module = {
    print: remember,
    printErr: remember,
  };
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

function remember(line: string): void {
  lastLogLines = [...lastLogLines.slice(-19), line];
}

function wasmDirectory(): string {
  const entry = fileURLToPath(import.meta.resolve('@litertjs/core'));
  return join(dirname(dirname(entry)), 'wasm');
}
