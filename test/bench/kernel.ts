import { execFile } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Classifier } from '../../src/classify/classifier.js';
import { goldenFeatures } from '../../src/classify/golden-windows.js';
import { InThreadClassifier } from '../../src/classify/in-thread-classifier.js';
import type { Model } from '../../src/classify/model.js';
import { PolyphaseTable } from '../../src/condition/polyphase-table.js';
import { RationalResampler } from '../../src/condition/rational-resampler.js';
import { LogFilterBank } from '../../src/window/log-filter-bank.js';
import { PlainLogFilterBank } from '../support/plain-log-filter-bank.js';
import { PlainResampler } from '../support/plain-resampler.js';
import type { LoadCost } from './load-cost.js';

const RUNS = 1000;
const SOURCE_RATE_HZ = 2000;

/** The compute module beside what it stands in for: LiteRT, and plain TypeScript. Least times of one run. */
export async function measureKernel(model: Model): Promise<string[]> {
  const lines: string[] = [];
  const { golden, input } = model.contract;
  const window = goldenFeatures(golden!.windows[0].features, golden!.step);
  const kernel = (await InThreadClassifier.open(model, 'kernel'))!;
  const litert = await Classifier.open({ model, runtime: 'litert' });
  try {
    // By turns, so that whatever else the machine does meets both.
    let [ours, theirs] = [Infinity, Infinity];
    for (let i = 0; i < RUNS; i++) {
      ours = Math.min(
        ours,
        time(() => kernel.scoreNow!(window)),
      );
      const copy = window.slice();
      const begin = performance.now();
      await litert.score(copy);
      theirs = Math.min(theirs, performance.now() - begin);
    }
    lines.push(compare('network, a window, there and back', theirs, ours, 'LiteRT in its thread'));
  } finally {
    await litert.close();
  }

  const options = { ...input.features, sampleRateHz: input.sampleRateHz, windowSamples: input.windowSamples };
  const second = Float64Array.from({ length: SOURCE_RATE_HZ }, (_, i) => Math.sin(i * i * 1e-4));
  const conditioned = second.subarray(0, input.sampleRateHz);
  const [plain, bank] = [new PlainLogFilterBank(options), new LogFilterBank(options)];
  for (const each of [plain, bank]) for (let i = 0; i < 4; i++) each.execute(conditioned);
  const table = new PolyphaseTable({
    inputRateHz: SOURCE_RATE_HZ,
    outputRateHz: input.sampleRateHz,
    antiAlias: input.antiAlias,
  });
  const [plainResampler, resampler] = [new PlainResampler(table), new RationalResampler(table)];
  const pairs: [string, () => void, () => void][] = [
    ['frames of a second', () => plain.execute(conditioned), () => bank.execute(conditioned)],
    ['features of a window', () => plain.window(), () => bank.window()],
    ['resampling a second', () => plainResampler.execute(second), () => resampler.execute(second)],
  ];
  for (const [what, slow, fast] of pairs) {
    let [before, now] = [Infinity, Infinity];
    for (let i = 0; i < RUNS; i++) {
      before = Math.min(before, time(slow));
      now = Math.min(now, time(fast));
    }
    lines.push(compare(what, before, now, 'plain TypeScript'));
  }

  const [bare, started, other] = await Promise.all(
    ['none', 'kernel', 'litert'].map((runtime) => loadCost(runtime, model.contractPath)),
  );
  lines.push(
    `  a process with a warm model: kernel ${describe(started)}, LiteRT ${describe(other)}, none ${describe(bare)}`,
  );
  return lines;
}

function time(run: () => void): number {
  const begin = performance.now();
  run();
  return performance.now() - begin;
}

const compare = (what: string, before: number, now: number, other: string) =>
  `  ${what.padEnd(34)} ${(1000 * now).toFixed(0)} us; ${other} ${(1000 * before).toFixed(0)} us: ${(before / now).toFixed(1)} times`;

const describe = ({ cpuMs, residentMegabytes }: LoadCost) =>
  `${cpuMs.toFixed(0)} ms of CPU and ${residentMegabytes.toFixed(0)} MB`;

async function loadCost(runtime: string, contractPath: string): Promise<LoadCost> {
  const script = fileURLToPath(new URL('./load-cost.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, runtime, contractPath]);
  return JSON.parse(stdout) as LoadCost;
}
