/**
 * Writes the envelopes of every recording, as the product computes them, for fit_heart_sounds.py.
 *
 * Usage: node tools/quality/envelopes.mjs CACHE
 *
 * CACHE is what prepare.py wrote; `npm run build` comes first. Writes to CACHE:
 * `envelopes.f32`   row-major `[frames, 3]`: mean squares of the three bands in frames of 20 ms, all recordings in turn
 * `envelopes.json`  how many frames each recording has
 */
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvelopeBank, FRAME_LENGTH, FrameField } from '../../dist/src/heart/envelope-bank.js';

const cache = process.argv[2];
if (!cache) {
  console.error('usage: node tools/quality/envelopes.mjs CACHE');
  process.exit(2);
}
const records = JSON.parse(readFileSync(join(cache, 'records.json'), 'utf8'));
const file = openSync(join(cache, 'conditioned.f64'), 'r');
const envelopes = [];
const counts = [];
for (const record of records) {
  const conditioned = new Float64Array(record.conditionedSamples);
  readSync(file, conditioned, 0, conditioned.byteLength, 8 * record.conditionedOffset);
  const frames = new EnvelopeBank({ modelRateHz: 1000 }).execute(conditioned);
  counts.push(frames.length / FRAME_LENGTH);
  for (let row = 0; row < frames.length; row += FRAME_LENGTH) {
    envelopes.push(frames[row + FrameField.low], frames[row + FrameField.mid], frames[row + FrameField.high]);
  }
}
closeSync(file);
writeFileSync(join(cache, 'envelopes.f32'), Float32Array.from(envelopes));
writeFileSync(join(cache, 'envelopes.json'), JSON.stringify(counts));
