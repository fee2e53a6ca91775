/**
 * What steady sound does to healthy hearts: recordings that a network calls normal, screened again under hum and noise.
 *
 *   node tools/noise/study.mjs --model RUN/fold-0/heart-sound.json --data DATA --fold 0 [--seed 1] [--people 60]
 *
 * DATA holds records.csv and audio/; `npm run build` comes first. Of the fold's recordings that are labelled normal and
 * marked usable a seed draws an order; the first 60 whose first 15 s the network calls normal, by the runtime's own signal
 * quality and rules, are taken. Prints JSON: how many become abnormal and how many inconclusive under each sound.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { from, lastValueFrom } from 'rxjs';
import { loadRecording } from '../../dist/src/present/load-recording.js';
import { Screener } from '../../dist/src/screen/screener.js';
import { colouredNoise, randomFrom } from '../quality/bad-signals.mjs';
import { mean, mulberry32 } from '../study-parts.mjs';

const SECONDS = 15;
const BELOW_DB = [10, 20];
/** How far and how slowly the mains' frequency wanders. */
const DRIFT_HZ = 0.1;
const DRIFT_PERIOD_SECONDS = 20;

const mains = (baseHz, harmonics) => (rateHz, count, random) => {
  const starts = harmonics.map(() => random.between(0, 2 * Math.PI));
  const swing = (DRIFT_HZ * DRIFT_PERIOD_SECONDS) / (2 * Math.PI);
  return Float64Array.from({ length: count }, (_, i) => {
    const time = i / rateHz;
    const turns = baseHz * time + swing * Math.sin((2 * Math.PI * time) / DRIFT_PERIOD_SECONDS);
    return harmonics.reduce((sum, n, k) => sum + Math.sin(2 * Math.PI * n * turns + starts[k]) / n, 0);
  });
};

const coloured = (slope) => (rateHz, count, random) =>
  colouredNoise(random, SECONDS, rateHz, slope).subarray(0, count);

const SOUNDS = {
  'hum 50 Hz': mains(50, [1]),
  'hum 60 Hz with harmonics': mains(60, [1, 2, 3, 4, 5]),
  white: coloured(0),
  pink: coloured(1),
};

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string' },
    fold: { type: 'string' },
    seed: { type: 'string', default: '1' },
    people: { type: 'string', default: '60' },
  },
});
if (!values.model || !values.data || !values.fold) {
  console.error(
    'usage: node tools/noise/study.mjs --model CONTRACT --data DATA --fold N [--seed 1] [--people 60]',
  );
  process.exit(2);
}

const screener = await Screener.open(values.model, 1);
const chosen = [];
for (const record of shuffled(healthyOf(values.fold), mulberry32(Number(values.seed)))) {
  if (chosen.length === Number(values.people)) break;
  const recording = await firstSeconds(record);
  if (recording !== null && (await verdictOf(recording.samples, recording.sampleRateHz)) === 'normal') {
    chosen.push({ record, ...recording });
  }
}
const table = {};
for (const below of BELOW_DB) {
  for (const [name, make] of Object.entries(SOUNDS)) {
    const counts = { normal: 0, abnormal: 0, inconclusive: 0 };
    for (const [number, { samples, sampleRateHz }] of chosen.entries()) {
      const random = randomFrom(1000 * (Number(values.seed) + 1) + number);
      const sound = make(sampleRateHz, samples.length, random);
      const gain = (deviation(samples) / deviation(sound)) * 10 ** (-below / 20);
      counts[
        await verdictOf(
          samples.map((x, i) => x + gain * sound[i]),
          sampleRateHz,
        )
      ] += 1;
    }
    table[`${name}, -${below} dB`] = counts;
  }
}
await screener.close();
console.log(
  JSON.stringify(
    { model: values.model, fold: Number(values.fold), recordings: chosen.length, table },
    null,
    1,
  ),
);

function healthyOf(fold) {
  const [header, ...lines] = readFileSync(join(values.data, 'records.csv'), 'utf8').trim().split(/\r?\n/);
  const columns = header.split(',');
  return lines
    .map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i], cell])))
    .filter((row) => row.fold === fold && row.label === 'normal' && row.quality === '1')
    .map(({ record }) => record);
}

/** Null where a recording is shorter. */
async function firstSeconds(record) {
  const { samples, sampleRateHz } = await loadRecording(join(values.data, 'audio', `${record}.flac`));
  const count = SECONDS * sampleRateHz;
  return samples.length < count
    ? null
    : { samples: Float64Array.from(samples.subarray(0, count)), sampleRateHz };
}

async function verdictOf(samples, sampleRateHz) {
  const chunks = [];
  for (let at = 0; at < samples.length; at += sampleRateHz) {
    chunks.push({ kind: 'samples', firstSample: at, samples: samples.slice(at, at + sampleRateHz) });
  }
  const source = { sampleRateHz, bitsPerSample: 16 };
  const { verdict } = await lastValueFrom(from(chunks).pipe(screener.screen(source, { capacity: Infinity })));
  return verdict;
}

function shuffled(list, random) {
  return list
    .map((one) => ({ one, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one);
}

function deviation(samples) {
  const centre = mean(samples);
  return Math.sqrt(samples.reduce((sum, x) => sum + (x - centre) ** 2, 0) / samples.length);
}
