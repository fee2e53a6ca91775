/**
 * Measures every window of the data set, and of signals that are no heart sound, with the classes that ship.
 *
 * Usage: node tools/quality/measure.mjs CACHE
 *
 * CACHE is what prepare.py wrote; `npm run build` comes first. Writes to CACHE:
 * `windows.json`  for every window: group it belongs to, position, names of the columns
 * `windows.f64`   row-major `[windows, columns]`
 */
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { butterworthBandPass } from '../../dist/src/condition/butterworth.js';
import { RationalResampler } from '../../dist/src/condition/rational-resampler.js';
import { SosFilter } from '../../dist/src/condition/second-order-sections.js';
import { EnvelopeBank } from '../../dist/src/heart/envelope-bank.js';
import {
  BEAT_CONFIDENCE_FEATURES,
  HeartRate,
  beatConfidenceFeatures,
} from '../../dist/src/heart/heart-rate.js';
import { QUALITY_MEASURES, QualityMeasures } from '../../dist/src/window/signal-quality-measures.js';
import { RAIL_FRAME_LENGTH, RailDetector, RailField } from '../../dist/src/window/signal-quality-rails.js';
import { badSignal, makers, randomFrom } from './bad-signals.mjs';

const MODEL_RATE_HZ = 1000;
const WINDOW = 3000;
const HOP = 1000;
const FRAME = 20;
const BAD_SECONDS = 20;
const BAD_OF_EACH_KIND = 30;
/** Heart sounds under noise this much louder than them, in decibels, are no longer heart sounds. */
const BURIED_DB = 12;
const COLUMNS = [
  ...QUALITY_MEASURES,
  ...BEAT_CONFIDENCE_FEATURES.map((name) => `rate.${name}`),
  'bpm',
  'atRail',
  'longestRunSeconds',
];

const cache = process.argv[2];
if (!cache) {
  console.error('usage: node tools/quality/measure.mjs CACHE');
  process.exit(2);
}
const records = JSON.parse(readFileSync(join(cache, 'records.json'), 'utf8'));
const rows = [];
const windows = [];

function measure(source, rate, conditioned, origin) {
  const bank = new EnvelopeBank({ modelRateHz: MODEL_RATE_HZ });
  const heartRate = new HeartRate({
    intercept: 0,
    weights: BEAT_CONFIDENCE_FEATURES.map(() => 0),
    answerFrom: 0,
  });
  const measures = new QualityMeasures(WINDOW / FRAME);
  const rails = new RailDetector({ sampleRateHz: rate }).execute(source);
  for (let end = WINDOW, at = 0; end <= conditioned.length; at = end, end += HOP) {
    const frames = bank.execute(conditioned.subarray(at, end));
    heartRate.push(frames);
    measures.push(frames);
    const beat = heartRate.beat();
    const row = [...measures.execute(beat, heartRate.correlations)];
    row.push(
      ...(beat
        ? beatConfidenceFeatures(beat, heartRate.contextSeconds)
        : BEAT_CONFIDENCE_FEATURES.map(() => 0)),
    );
    row.push(beat?.bpm ?? 0);
    let samples = 0;
    let atRail = 0;
    let run = 0;
    for (let frame = Math.max(0, (end - WINDOW) / FRAME - 1); frame < end / FRAME - 1; frame++) {
      const field = frame * RAIL_FRAME_LENGTH;
      samples += rails[field + RailField.samples];
      atRail += rails[field + RailField.atRail];
      run = Math.max(run, rails[field + RailField.longestRun]);
    }
    row.push(atRail / samples, run / rate);
    rows.push(row);
    windows.push({ ...origin, startSeconds: (end - WINDOW) / MODEL_RATE_HZ });
  }
}

function condition(source, rate) {
  const filter = new SosFilter(butterworthBandPass({ order: 4, lowHz: 25, highHz: 400, sampleRateHz: rate }));
  filter.prime(source[0]);
  const filtered = new Float64Array(source.length);
  filter.execute(source, filtered);
  return new RationalResampler({
    inputRateHz: rate,
    outputRateHz: MODEL_RATE_HZ,
    antiAlias: { passHz: 400, stopHz: 600, stopbandDb: 80 },
  }).execute(filtered);
}

const sourceFile = openSync(join(cache, 'source.i16'), 'r');
const conditionedFile = openSync(join(cache, 'conditioned.f64'), 'r');
const random = randomFrom(1);
const started = process.hrtime.bigint();
let seconds = 0;
records.forEach((record, index) => {
  const integers = new Int16Array(record.sourceSamples);
  readSync(sourceFile, integers, 0, integers.byteLength, 2 * record.sourceOffset);
  const conditioned = new Float64Array(record.conditionedSamples);
  readSync(conditionedFile, conditioned, 0, conditioned.byteLength, 8 * record.conditionedOffset);
  const source = Float64Array.from(integers, (value) => value / 32768);
  measure(source, record.sourceRateHz, conditioned, { kind: 'recording', record: index });
  seconds += conditioned.length / MODEL_RATE_HZ;
  if (index % 25 !== 0) return;
  // Buried in noise: the conditioned signals are added, so that the ratio is that within the band.
  const level = Math.sqrt(conditioned.reduce((sum, x) => sum + x * x, 0) / conditioned.length);
  const name = random.pick(['white', 'pink', 'brown']);
  const noise = condition(makers[name](random, conditioned.length / MODEL_RATE_HZ, 2000), 2000);
  const noiseLevel = Math.sqrt(noise.reduce((sum, x) => sum + x * x, 0) / noise.length);
  const gain = (level / noiseLevel) * 10 ** (BURIED_DB / 20);
  const buried = conditioned.map((x, n) => x + gain * (noise[n] ?? 0));
  measure(source, record.sourceRateHz, buried, { kind: 'buried', record: index });
});
closeSync(sourceFile);
closeSync(conditionedFile);
let seed = 0;
for (const name of Object.keys(makers)) {
  for (let i = 0; i < BAD_OF_EACH_KIND; i++) {
    const { rate, samples } = badSignal(name, ++seed, BAD_SECONDS);
    measure(samples, rate, condition(samples, rate), { kind: name, seed });
    seconds += BAD_SECONDS;
  }
}
const microseconds = Number(process.hrtime.bigint() - started) / 1e3;
console.error(
  `${windows.length} windows, ${(microseconds / seconds).toFixed(0)} microseconds a second, reading included`,
);
writeFileSync(join(cache, 'windows.f64'), Float64Array.from(rows.flat()));
writeFileSync(join(cache, 'windows.json'), JSON.stringify({ columns: COLUMNS, windows }));
