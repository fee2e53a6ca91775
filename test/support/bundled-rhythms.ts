import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { openRecording } from '../../src/decode/file/recording-file.js';
import { wavHeader } from '../../src/decode/file/wav-writer.js';
import {
  assembleRhythm,
  cutBeats,
  planRhythm,
  type MadeUpRecording,
  type PlannedBeat,
  type RhythmKind,
} from './made-up-rhythms.js';

export interface MadeUpRhythm extends MadeUpRecording {
  readonly plan: readonly PlannedBeat[];
}

/** Real beats of a bundled recording, by its hand-corrected states, in this rhythm; the same for the same seed. */
export async function bundledRhythm(
  record: string,
  kind: RhythmKind,
  seconds = 40,
  seed = 1,
): Promise<MadeUpRhythm> {
  const source = await samplesOf(`test/recordings/${record}.wav`);
  const states = gunzipSync(readFileSync('test/recordings/heart-states.csv.gz'))
    .toString()
    .split('\n')
    .map((line) => line.split(','))
    .filter(([name]) => name === record)
    .map(([, sample, state]) => ({ at: Number(sample), state }));
  const beats = cutBeats(states, source.rateHz);
  const lengths = beats.map(({ start, end }) => end - start).sort((a, b) => a - b);
  const plan = planRhythm(kind, lengths[lengths.length >> 1] / source.rateHz, seconds, seed);
  return { ...assembleRhythm(source, beats, plan), plan };
}

export async function samplesOf(path: string): Promise<{ samples: Float64Array; rateHz: number }> {
  const file = await openRecording(path);
  const parts: number[] = [];
  for await (const { samples } of file.chunks()) for (const sample of samples) parts.push(sample);
  await file.close();
  return { samples: Float64Array.from(parts), rateHz: file.sampleRateHz };
}

/** Writes it as 16-bit WAV. */
export async function writeRhythm(
  path: string,
  { samples, rateHz }: Pick<MadeUpRecording, 'samples' | 'rateHz'>,
): Promise<void> {
  const data = Buffer.alloc(2 * samples.length);
  samples.forEach((sample, i) =>
    data.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(32768 * sample))), 2 * i),
  );
  const header = wavHeader({ sampleRateHz: rateHz, bitsPerSample: 16, dataBytes: data.length });
  await writeFile(path, Buffer.concat([header, data]));
}
