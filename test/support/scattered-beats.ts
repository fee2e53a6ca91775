import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { openRecording } from '../../src/decode/recording-file.js';
import { noiseFrom } from '../window/synthetic-signals.js';

export async function samplesOf(path: string): Promise<{ samples: Float64Array; rateHz: number }> {
  const file = await openRecording(path);
  const parts: number[] = [];
  for await (const { samples } of file.chunks()) for (const sample of samples) parts.push(sample);
  await file.close();
  return { samples: Float64Array.from(parts), rateHz: file.sampleRateHz };
}

/**
 * Real beats of a recording, by its hand-corrected states, at intervals that scatter by this share of their mean: a
 * diastole is cut short, or goes on with its own samples backwards and forwards so that no edge clicks.
 */
export async function scatteredBeats(
  record: string,
  scatter: number,
): Promise<{ samples: Float64Array; rateHz: number }> {
  const { samples, rateHz } = await samplesOf(`test/recordings/${record}.wav`);
  const states = gunzipSync(readFileSync('test/recordings/heart-states.csv.gz'))
    .toString()
    .split('\n')
    .map((line) => line.split(','))
    .filter(([name]) => name === record)
    .map(([, sample, state]) => ({ at: Number(sample), state }));
  const beats = states.flatMap(({ at, state }, i) => {
    const [diastole, next] = [states[i + 3], states[i + 4]];
    return state === 'S1' && diastole?.state === 'diastole' && next?.state === 'S1'
      ? [{ start: at, diastole: diastole.at, end: next.at }]
      : [];
  });
  const lengths = beats.map(({ start, end }) => end - start).sort((a, b) => a - b);
  const usual = lengths[lengths.length >> 1];
  const { normal, uniform } = noiseFrom(11);
  const made: number[] = [];
  for (let n = 0; n < 40; n++) {
    const { start, diastole, end } = beats[Math.floor(((uniform() + 1) / 2) * beats.length) % beats.length];
    const wanted = usual * Math.max(0.5, Math.min(1.9, 1 + scatter * normal()));
    const pause = Math.max(0.08 * rateHz, wanted - (diastole - start));
    for (let i = start; i < diastole; i++) made.push(samples[i]);
    const length = end - diastole;
    for (let i = 0; i < pause; i++) {
      const phase = i % (2 * length);
      made.push(samples[phase < length ? diastole + phase : end - 1 - (phase - length)]);
    }
  }
  return { samples: Float64Array.from(made), rateHz };
}
