/**
 * Measures how much every window is like a heart, of the data set and of sounds that are none, with the classes that ship.
 *
 * Usage: node tools/quality/measure-likeness.mjs DATA CACHE [PART/PARTS]
 *
 * DATA holds records.csv and audio/; `npm run build` comes first. Parts can be measured at the same time. Writes to CACHE:
 * `likeness-PART.json`  for every window: recording or kind and seed, whether signal quality calls it usable
 * `likeness-PART.f64`   row-major `[windows, measures]`
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { butterworthBandPass } from '../../dist/src/condition/butterworth.js';
import { RationalResampler } from '../../dist/src/condition/rational-resampler.js';
import { SosFilter } from '../../dist/src/condition/second-order-sections.js';
import { openRecording } from '../../dist/src/decode/recording-file.js';
import { EnvelopeBank } from '../../dist/src/heart/envelope-bank.js';
import { HeartRate } from '../../dist/src/heart/heart-rate.js';
import { readHeartSoundNetwork } from '../../dist/src/heart/heart-sounds-model.js';
import { HeartLikenessMeasures, LIKENESS_MEASURES } from '../../dist/src/window/heart-likeness-measures.js';
import { SignalQuality } from '../../dist/src/window/signal-quality.js';
import { readSignalQualityModel } from '../../dist/src/window/signal-quality-model.js';
import { heartlessSound, kinds } from './heartless-sounds.mjs';

const MODEL_RATE_HZ = 1000;
const WINDOW = 3000;
const HOP = 1000;
const HEARTLESS_SECONDS = 14;
const HEARTLESS_OF_EACH_KIND = 8;
/** Database e is two thirds of all; of it one recording in so many will do. */
const OF_E_ONE_IN = 6;

const [data, cache, share = '0/1'] = process.argv.slice(2);
if (!cache) {
  console.error('usage: node tools/quality/measure-likeness.mjs DATA CACHE [PART/PARTS]');
  process.exit(2);
}
const [part, parts] = share.split('/').map(Number);
const model = readSignalQualityModel();
const network = readHeartSoundNetwork();
const rows = [];
const windows = [];

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

function measure(source, rate, origin) {
  const conditioned = condition(source, rate);
  const options = { sourceRateHz: rate, modelRateHz: MODEL_RATE_HZ, windowSamples: WINDOW, model, network };
  const quality = new SignalQuality(options);
  const bank = new EnvelopeBank(options);
  const heartRate = new HeartRate(model.heartRate);
  const measures = new HeartLikenessMeasures({ ...options, heartRate: model.heartRate });
  quality.executeRaw(source);
  for (let at = 0, end = WINDOW; end <= conditioned.length; at = end, end += HOP) {
    const samples = conditioned.subarray(at, end);
    quality.executeConditioned(samples);
    const frames = bank.execute(samples);
    heartRate.push(frames);
    measures.push(samples, frames);
    const beat = heartRate.beat();
    rows.push(...measures.execute(beat, heartRate.correlations.mean));
    windows.push({ ...origin, usable: quality.window().usable });
  }
}

const records = readFileSync(join(data, 'records.csv'), 'utf8').trim().split('\n').slice(1);
const chosen = records.filter((line, index) => !line.startsWith('e') || index % OF_E_ONE_IN === 0);
for (const [index, line] of chosen.entries()) {
  if (index % parts !== part) continue;
  const record = line.split(',')[0];
  const recording = await openRecording(join(data, 'audio', `${record}.flac`));
  for await (const { samples } of recording.chunks(2 ** 20))
    measure(samples, recording.sampleRateHz, { record });
  await recording.close();
}
for (const kind of Object.keys(kinds)) {
  for (let seed = part; seed < HEARTLESS_OF_EACH_KIND; seed += parts) {
    const { rate, samples } = heartlessSound(kind, seed, HEARTLESS_SECONDS);
    measure(samples, rate, { kind, seed });
  }
}
writeFileSync(join(cache, `likeness-${part}.f64`), Float64Array.from(rows));
writeFileSync(join(cache, `likeness-${part}.json`), JSON.stringify({ measures: LIKENESS_MEASURES, windows }));
