/**
 * Measures how much every window is like a heart, of the data set and of sounds that are none, with the classes that ship.
 *
 * Usage: node tools/quality/measure-likeness.mjs DATA CACHE SET...
 *
 * DATA holds records.csv, heart-states.csv.gz and audio/; `npm run build` comes first. Sets can be measured at the same time:
 *
 * `hearts`            every recording marked usable
 * `through`           the same through three made-up stethoscopes each (made-up-stethoscopes.mjs), of database e one in six
 * `through-others`    folds 3 and 4 through two of other seeds
 * `loops`             one to three beats of a recording over and over, as a simulator plays them, through a stethoscope
 * `rhythms`           nine rhythms and a paced one of the beats of 102 people (test/support/made-up-rhythms.ts)
 * `sounds`            the kinds of heartless-sounds.mjs, seeds 0 to 7, 2000 to 2011 and 2100 to 2119
 * `sounds-through`    the same, seeds 3000 to 3011, through a made-up stethoscope more
 * `sounds-others`     the same, seeds 7000 to 7009: what the limit was looked at with
 * `further-others`    the kinds of more-heartless-sounds.mjs, seeds 7000 to 7009: likewise
 *
 * Writes to CACHE, for each set:
 * `likeness-SET.json`  for every window: recording and copy, or kind and seed; whether signal quality calls it usable, and its index
 * `likeness-SET.f64`   row-major `[windows, measures]`
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { butterworthBandPass } from '../../dist/src/condition/butterworth.js';
import { RationalResampler } from '../../dist/src/condition/rational-resampler.js';
import { SosFilter } from '../../dist/src/condition/second-order-sections.js';
import { EnvelopeBank } from '../../dist/src/heart/envelope-bank.js';
import { HeartRate } from '../../dist/src/heart/heart-rate.js';
import { readHeartSoundNetwork } from '../../dist/src/heart/heart-sounds-model.js';
import { HeartLikenessMeasures, LIKENESS_MEASURES } from '../../dist/src/window/heart-likeness-measures.js';
import { SignalQuality } from '../../dist/src/window/signal-quality.js';
import { readSignalQualityModel } from '../../dist/src/window/signal-quality-model.js';
import { RHYTHM_KINDS, assembleRhythm, planRhythm } from '../../dist/test/support/made-up-rhythms.js';
import { beatsOfPeople, recordsOf, samplesOf } from './data-set.mjs';
import * as known from './heartless-sounds.mjs';
import { throughForeignStethoscope } from './made-up-stethoscopes.mjs';
import * as further from './more-heartless-sounds.mjs';

const MODEL_RATE_HZ = 1000;
const WINDOW = 3000;
const HOP = 1000;
const RHYTHM_SECONDS = 40;
const LOOP_SECONDS = 16;
const LOOPED_BEATS = [1, 1, 2, 1, 3];
/** Database e is two thirds of all; of it one recording in so many is enough through made-up stethoscopes. */
const OF_E_ONE_IN = 6;
/** The heart rate of a recording that stethoscopes alter is taken from so much of it. */
const RATE_SECONDS = 20;

const [data, cache, ...chosen] = process.argv.slice(2);
if (chosen.length === 0) {
  console.error('usage: node tools/quality/measure-likeness.mjs DATA CACHE SET...');
  process.exit(2);
}
const model = readSignalQualityModel();
const network = readHeartSoundNetwork();
let rows = [];
let windows = [];

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

/** @returns the median rate of the windows, in beats a minute */
function measure(source, rate, origin) {
  const conditioned = condition(source, rate);
  const options = { sourceRateHz: rate, modelRateHz: MODEL_RATE_HZ, windowSamples: WINDOW, model, network };
  const quality = new SignalQuality(options);
  const bank = new EnvelopeBank(options);
  const heartRate = new HeartRate(model.heartRate);
  const measures = new HeartLikenessMeasures({ ...options, heartRate: model.heartRate });
  const rates = [];
  quality.executeRaw(source);
  for (let at = 0, end = WINDOW; end <= conditioned.length; at = end, end += HOP) {
    const samples = conditioned.subarray(at, end);
    quality.executeConditioned(samples);
    const frames = bank.execute(samples);
    heartRate.push(frames);
    measures.push(samples, frames);
    const beat = heartRate.beat();
    if (beat !== null) rates.push(beat.bpm);
    const { usable, sqi } = quality.window();
    rows.push(...measures.execute(beat, heartRate.correlations.mean));
    windows.push({ ...origin, usable, sqi: Number(sqi.toFixed(4)) });
  }
  rates.sort((a, b) => a - b);
  return rates[rates.length >> 1];
}

/** Nothing of what was measured since then is kept. */
function rateOf(samples, rate) {
  const [keptRows, keptWindows] = [rows, windows];
  [rows, windows] = [[], []];
  const bpm = measure(samples.subarray(0, RATE_SECONDS * rate), rate, {});
  [rows, windows] = [keptRows, keptWindows];
  return bpm;
}

async function hearts() {
  for (const { record } of recordsOf(data)) {
    const { samples, rateHz } = await samplesOf(data, record);
    measure(samples, rateHz, { record });
  }
}

async function through(seeds, leastFold) {
  for (const [index, { record, database, fold }] of recordsOf(data).entries()) {
    if (Number(fold) < leastFold || (database === 'e' && index % OF_E_ONE_IN !== 0)) continue;
    const { samples, rateHz } = await samplesOf(data, record);
    const bpm = rateOf(samples, rateHz);
    for (const copy of seeds) {
      const heard = throughForeignStethoscope(copy * 100_003 + index, samples, rateHz, bpm);
      measure(heard.samples, heard.rate, { record, copy });
    }
  }
}

async function loops() {
  let person = 0;
  for await (const { record, source, beats, usualSeconds } of beatsOfPeople(data)) {
    for (const [k, count] of LOOPED_BEATS.entries()) {
      const first = Math.floor(((k + 0.5) / LOOPED_BEATS.length) * (beats.length - count));
      const own = beats.slice(first, first + count);
      const plan = Array.from({ length: Math.ceil(LOOP_SECONDS / usualSeconds) }, (_, i) => ({
        intervalSeconds: (own[i % count].end - own[i % count].start) / source.rateHz,
      }));
      const made = assembleRhythm(source, own, plan);
      const seed = 7000 + k + 10 * person;
      const heard = throughForeignStethoscope(seed, made.samples, made.rateHz, 60 / usualSeconds);
      measure(heard.samples, heard.rate, { record, copy: `loop ${k}` });
    }
    person++;
  }
}

async function rhythms() {
  for await (const { record, source, beats, usualSeconds } of beatsOfPeople(data)) {
    for (const [k, kind] of [...RHYTHM_KINDS, 'paced'].entries()) {
      const seed =
        k + 100 * [...record].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 99991, 7);
      const plan =
        kind === 'paced'
          ? Array.from({ length: Math.ceil(RHYTHM_SECONDS / usualSeconds) }, () => ({
              intervalSeconds: usualSeconds,
            }))
          : planRhythm(kind, usualSeconds, RHYTHM_SECONDS, seed);
      const made = assembleRhythm(source, beats, plan);
      measure(made.samples, made.rateHz, { record, copy: kind });
    }
  }
}

/** @param lengths in seconds, in turn */
function sounds({ kinds, heartlessSound }, first, count, lengths, isForeign = false) {
  for (const [index, kind] of Object.keys(kinds).entries()) {
    for (let n = 0; n < count; n++) {
      const seed = first + n;
      let { samples, rate } = heartlessSound(kind, seed, lengths[n % lengths.length]);
      if (isForeign) ({ samples, rate } = throughForeignStethoscope(seed * 1009 + index, samples, rate, 140));
      measure(samples, rate, { kind, seed });
    }
  }
}

const sets = {
  hearts,
  through: () => through([0, 1, 2], 0),
  'through-others': () => through([10, 11], 3),
  loops,
  rhythms,
  sounds: () => {
    sounds(known, 0, 8, [14]);
    sounds(known, 2000, 12, [8, 12, 20]);
    sounds(known, 2100, 20, [6, 9, 14, 20]);
  },
  'sounds-through': () => sounds(known, 3000, 12, [14, 20], true),
  'sounds-others': () => sounds(known, 7000, 10, [14, 30, 10, 20]),
  'further-others': () => sounds(further, 7000, 10, [14, 30, 10, 20]),
};

for (const name of chosen) {
  [rows, windows] = [[], []];
  await sets[name]();
  writeFileSync(join(cache, `likeness-${name}.f64`), Float64Array.from(rows));
  const described = { measures: LIKENESS_MEASURES, windows };
  writeFileSync(join(cache, `likeness-${name}.json`), JSON.stringify(described));
}
