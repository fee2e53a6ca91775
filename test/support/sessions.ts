import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Gap, SampleChunk, Sampled } from '../../src/decode/samples.js';
import { SessionRecorder, type SessionRecorderOptions } from '../../src/record/session-recorder.js';

/** A folder of its own that is gone after `use`. */
export async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lubdub-record-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function recorderOptions(
  outDirectory: string,
  changes: Partial<SessionRecorderOptions> = {},
): SessionRecorderOptions {
  return {
    outDirectory,
    format: { sampleRateHz: 2000, bitsPerSample: 16 },
    device: { firmware: 'test 1.0', serialNumber: 'T-1' },
    model: { name: 'test-model', sha256: '0'.repeat(64) },
    configuration: { threads: 1 },
    lubdubVersion: '0.0.0-test',
    startedAt: new Date('2026-03-04T05:06:07.890Z'),
    ...changes,
  };
}

export function newRecorder(
  outDirectory: string,
  changes: Partial<SessionRecorderOptions> = {},
): SessionRecorder {
  return new SessionRecorder(recorderOptions(outDirectory, changes));
}

/** Samples whose 16-bit integers follow from their index, so that a misplaced one is seen. */
export function chunk(firstSample: number, length: number, fullScale = 32768): SampleChunk {
  const samples = Float64Array.from({ length }, (_, i) => sampleAt(firstSample + i) / fullScale);
  return { kind: 'samples', firstSample, samples };
}

export function sampleAt(index: number): number {
  return ((Math.imul(index, 7919) + 12345) & 0xffff) - 32768;
}

export function gap(atSample: number, lostSamples: number, cause: Gap['cause'] = 'lost'): Gap {
  return { kind: 'gap', atSample, lostSamples, cause };
}

/** What a stream says, whatever its chunking: gaps, and runs of samples next to each other. */
export function canonical(stream: readonly Sampled[]): (Gap | { firstSample: number; samples: number[] })[] {
  const pieces: (Gap | { firstSample: number; samples: number[] })[] = [];
  for (const value of stream) {
    const last = pieces.at(-1);
    if (value.kind === 'gap') pieces.push({ ...value });
    else if (
      last !== undefined &&
      'samples' in last &&
      last.firstSample + last.samples.length === value.firstSample
    )
      last.samples.push(...value.samples);
    else if (value.samples.length > 0)
      pieces.push({ firstSample: value.firstSample, samples: [...value.samples] });
  }
  return pieces;
}

export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
