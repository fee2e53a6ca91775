import { performance } from 'node:perf_hooks';
import { Subject } from 'rxjs';
import { elementCount } from '../../src/classify/runtime.js';
import type { Sampled } from '../../src/decode/samples.js';
import type { Screener } from '../../src/screen/screener.js';
import { quantile } from './quantile.js';
import { repeat } from './stages.js';

/** Milliseconds of one inference for who asks for it, one at a time. */
export async function timeInference(
  screener: Screener,
  runs = 500,
): Promise<{ median: number; p99: number }> {
  const count = elementCount(screener.model.contract.input.tensor.shape);
  const times: number[] = [];
  for (let i = 0; i < runs; i++) {
    const features = new Float32Array(count).fill(i / runs);
    const begin = performance.now();
    await screener.classifier.score(features);
    times.push(performance.now() - begin);
  }
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/**
 * Milliseconds from the arrival of the chunk that holds a window's last sample to its verdict, with samples coming in
 * packets of 10 ms; `pauseMs` between windows lets everything else settle, as at the bedside.
 */
export async function timeLatency(
  screener: Screener,
  samples: Float64Array,
  sampleRateHz: number,
  windows = 300,
  pauseMs = 20,
): Promise<{ median: number; p99: number; worst: number }> {
  const signal = repeat(samples, (windows + 2) * sampleRateHz);
  const input = new Subject<Sampled>();
  const times: number[] = [];
  let completedAt = 0;
  let onWindow: () => void = () => undefined;
  input.pipe(screener.screen({ sampleRateHz, bitsPerSample: 16 })).subscribe((judged) => {
    if (judged.kind !== 'window') return;
    times.push(performance.now() - completedAt);
    onWindow();
  });
  const packet = sampleRateHz / 100;
  for (let at = 0, next = 3 * sampleRateHz; at < signal.length; at += packet) {
    const completes = at + packet >= next && at + packet <= signal.length;
    const scored = completes ? new Promise<void>((resolve) => (onWindow = resolve)) : undefined;
    completedAt = performance.now();
    input.next({ kind: 'samples', firstSample: at, samples: signal.slice(at, at + packet) });
    if (scored === undefined) continue;
    await scored;
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    next += sampleRateHz;
  }
  input.complete();
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99), worst: Math.max(...times) };
}
