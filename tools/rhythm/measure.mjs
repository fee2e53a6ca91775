/**
 * Hears recordings and made-up rhythms with the classes that ship, once, so that rules can be fitted without hearing
 * them again.
 *
 * Usage: node tools/rhythm/measure.mjs CACHE PART/PARTS [--physionet DATA] [--pascal DATA] [--made-up DATA]
 *
 * `npm run build` comes first. DATA of `--physionet` and `--made-up` is PhysioNet/CinC 2016 with records.csv, audio/ and
 * heart-states.csv.gz. Writes CACHE/{physionet,pascal,made-up}-PART.ndjson: a line a recording with its windows and its
 * heart sounds. A made-up rhythm is real beats of one recording at other intervals (test/support/made-up-rhythms.ts).
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { parseContract } from '../../dist/src/classify/model.js';
import { openRecording } from '../../dist/src/decode/recording-file.js';
import { windowingFor } from '../../dist/src/screen/recording-setup.js';
import { RecordingWindows } from '../../dist/src/window/recording-windows.js';
import { readSignalQualityModel } from '../../dist/src/window/signal-quality-model.js';
import {
  RHYTHM_KINDS,
  assembleRhythm,
  cutBeats,
  planRhythm,
} from '../../dist/test/support/made-up-rhythms.js';

/** Recordings whose beats are used, of each fold and database. */
const BASES = { a: 5, b: 5, c: 3, d: 4, e: 6 };
const LEAST_BEATS = 10;
const MADE_UP_SECONDS = 40;
const CONTRACT = new URL('../../models/heart-sound.json', import.meta.url);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { physionet: { type: 'string' }, pascal: { type: 'string' }, 'made-up': { type: 'string' } },
});
const [cache, share] = positionals;
if (!share) {
  console.error(
    'usage: node tools/rhythm/measure.mjs CACHE PART/PARTS [--physionet DATA] [--pascal DATA] [--made-up DATA]',
  );
  process.exit(2);
}
const [part, parts] = share.split('/').map(Number);
const contract = parseContract(readFileSync(CONTRACT, 'utf8'), CONTRACT.pathname);
const signalQuality = readSignalQualityModel();

const round = (value, digits) => Number(value.toFixed(digits));

function hear(samples, sampleRateHz) {
  const format = { sampleRateHz, bitsPerSample: 16 };
  const listener = new RecordingWindows(windowingFor({ contract, format, signalQuality }));
  const windows = [];
  listener.push({ kind: 'samples', firstSample: 0, samples }, (window) =>
    windows.push({
      startSeconds: round(window.startSeconds, 4),
      endSeconds: round(window.endSeconds, 4),
      usable: window.quality.usable,
      sqi: round(window.quality.sqi, 4),
      reasons: window.quality.reasons,
      sounds: window.sounds.map(
        ({ sound, startSeconds, endSeconds, confidence, level, loudestBefore, restBefore }) => [
          sound,
          round(startSeconds, 3),
          round(endSeconds, 3),
          round(confidence, 4),
          round(level, 4),
          round(loudestBefore, 4),
          round(restBefore, 4),
        ],
      ),
    }),
  );
  return windows;
}

async function samplesOf(path) {
  const recording = await openRecording(path);
  const chunks = [];
  for await (const { samples } of recording.chunks(2 ** 16)) chunks.push(Float64Array.from(samples));
  await recording.close();
  const all = new Float64Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return { samples: all, rateHz: recording.sampleRateHz };
}

function tableOf(path) {
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const columns = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i], cell])));
}

async function writing(name, items, work) {
  const file = openSync(join(cache, `${name}-${part}.ndjson`), 'w');
  for (const [index, item] of items.entries()) {
    if (index % parts !== part) continue;
    for (const line of await work(item)) writeSync(file, `${JSON.stringify(line)}\n`);
  }
  closeSync(file);
}

if (values.pascal !== undefined) {
  const records = tableOf(join(values.pascal, 'records.csv')).filter(({ label }) => label !== 'artifact');
  await writing('pascal', records, async ({ record, set, label, noisy, group }) => {
    const { samples, rateHz } = await samplesOf(join(values.pascal, 'audio', `${record}.flac`));
    return [
      { record, set, label, noisy, group, seconds: samples.length / rateHz, windows: hear(samples, rateHz) },
    ];
  });
}

if (values.physionet !== undefined) {
  const records = tableOf(join(values.physionet, 'records.csv')).filter(({ quality }) => quality === '1');
  await writing('physionet', records, async ({ record, database, label, group, fold }) => {
    const { samples, rateHz } = await samplesOf(join(values.physionet, 'audio', `${record}.flac`));
    return [
      {
        record,
        database,
        label,
        group,
        fold,
        seconds: samples.length / rateHz,
        windows: hear(samples, rateHz),
      },
    ];
  });
}

if (values['made-up'] !== undefined) {
  const data = values['made-up'];
  const states = new Map();
  const lines = gunzipSync(readFileSync(join(data, 'heart-states.csv.gz')))
    .toString()
    .trim()
    .split('\n')
    .slice(1);
  for (const line of lines) {
    const [record, sample, state] = line.split(',');
    if (!states.has(record)) states.set(record, []);
    states.get(record).push({ at: Number(sample), state });
  }
  const taken = new Map();
  const groups = new Set();
  const bases = tableOf(join(data, 'records.csv')).filter(({ record, database, fold, group, quality }) => {
    const key = `${database} ${fold}`;
    const isWanted =
      quality === '1' &&
      !groups.has(group) &&
      (taken.get(key) ?? 0) < (BASES[database] ?? 0) &&
      cutBeats(states.get(record) ?? [], 2000).length >= LEAST_BEATS;
    if (!isWanted) return false;
    taken.set(key, (taken.get(key) ?? 0) + 1);
    groups.add(group);
    return true;
  });
  console.error(`${bases.length} recordings give their beats`);
  await writing('made-up', bases, async ({ record, database, label, group, fold }) => {
    const source = await samplesOf(join(data, 'audio', `${record}.flac`));
    const beats = cutBeats(states.get(record), source.rateHz);
    const lengths = beats.map(({ start, end }) => end - start).sort((a, b) => a - b);
    const usual = lengths[lengths.length >> 1] / source.rateHz;
    return RHYTHM_KINDS.map((kind, k) => {
      const seed =
        k + 100 * [...record].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 99991, 7);
      const plan = planRhythm(kind, usual, MADE_UP_SECONDS, seed);
      const made = assembleRhythm(source, beats, plan);
      const events = plan.flatMap(({ event }, i) =>
        event === undefined ? [] : [[event, made.startSeconds[i]]],
      );
      const windows = hear(made.samples, made.rateHz);
      return {
        record,
        database,
        label,
        group,
        fold,
        kind,
        seed,
        usual,
        starts: made.startSeconds,
        events,
        windows,
      };
    });
  });
}
