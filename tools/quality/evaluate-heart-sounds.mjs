/**
 * Finds S1 and S2 of every recording with the network that was not fitted on it, and scores them.
 *
 * Usage: node tools/quality/evaluate-heart-sounds.mjs CACHE DATA [MODEL.json]
 *
 * CACHE is what fit_heart_sounds.py wrote to; DATA holds heart-states.csv.gz. The scores are printed and, where a
 * model is named, written into its `fit.heldOut`. A sound found counts where it begins within 100 ms of a hand-corrected
 * one of its kind; sounds within the marked noise, and outside the marked part of a recording, count neither way.
 */
import { closeSync, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { HeartIntervals } from '../../dist/src/heart/heart-intervals.js';
import { HeartSounds } from '../../dist/src/heart/heart-sounds.js';
import { readHeartSoundNetwork } from '../../dist/src/heart/heart-sounds-model.js';
import { readSignalQualityModel } from '../../dist/src/window/signal-quality-model.js';

const TOLERANCE_SECONDS = 0.1;
const SOURCE_RATE_HZ = 2000;
const [cache, data, modelFile] = process.argv.slice(2);
if (!data) {
  console.error('usage: node tools/quality/evaluate-heart-sounds.mjs CACHE DATA [MODEL.json]');
  process.exit(2);
}
const records = JSON.parse(readFileSync(join(cache, 'records.json'), 'utf8'));
const networks = [0, 1, 2, 3, 4].map((fold) =>
  readHeartSoundNetwork(join(cache, `heart-sounds-fold${fold}.json`)),
);
const { heartRate } = readSignalQualityModel();

const marks = new Map();
for (const line of gunzipSync(readFileSync(join(data, 'heart-states.csv.gz')))
  .toString()
  .trim()
  .split('\n')
  .slice(1)) {
  const [record, sample, state] = line.split(',');
  if (!marks.has(record)) marks.set(record, []);
  marks.get(record).push({ seconds: Number(sample) / SOURCE_RATE_HZ, state });
}

const tallies = new Map();
function count(key, right, found, marked) {
  const tally = tallies.get(key) ?? { right: 0, found: 0, marked: 0 };
  tally.right += right;
  tally.found += found;
  tally.marked += marked;
  tallies.set(key, tally);
}
const f1 = ({ right, found, marked }) => Number(((2 * right) / (found + marked)).toFixed(4));
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

const errors = { systole: [], diastole: [] };
const shares = [];
let seconds = 0;
let microseconds = 0;
const file = openSync(join(cache, 'conditioned.f64'), 'r');
for (const record of records) {
  const own = marks.get(record.record);
  if (own === undefined || own.filter(({ state }) => state === 'S1').length < 2) continue;
  const conditioned = new Float64Array(record.conditionedSamples);
  readSync(file, conditioned, 0, conditioned.byteLength, 8 * record.conditionedOffset);
  const heartSounds = new HeartSounds({
    modelRateHz: 1000,
    network: networks[Number(record.fold)],
    heartRate,
  });
  const began = process.cpuUsage();
  const sounds = [];
  for (let at = 0; at < conditioned.length; at += 1000) {
    sounds.push(...heartSounds.execute(conditioned.subarray(at, at + 1000)));
  }
  sounds.push(...heartSounds.finish());
  microseconds += process.cpuUsage(began).user;
  seconds += conditioned.length / 1000;

  const noise = own.flatMap(({ seconds, state }, i) =>
    state === '(N' ? [[seconds - 0.15, (own[i + 1]?.seconds ?? Infinity) + 0.15]] : [],
  );
  const first = own[0].seconds - TOLERANCE_SECONDS;
  const last = own[own.length - 1].seconds + TOLERANCE_SECONDS;
  const counts = (t) => t >= first && t <= last && !noise.some(([from, to]) => t > from && t < to);
  const total = { right: 0, found: 0, marked: 0 };
  for (const kind of ['S1', 'S2']) {
    const marked = own
      .filter(({ state }) => state === kind)
      .map((mark) => mark.seconds)
      .filter(counts);
    const found = sounds
      .filter(({ sound }) => sound === kind)
      .map((sound) => sound.startSeconds)
      .filter(counts);
    let right = 0;
    for (let m = 0, f = 0; m < marked.length && f < found.length;) {
      if (Math.abs(found[f] - marked[m]) <= TOLERANCE_SECONDS) {
        right++;
        m++;
        f++;
      } else if (found[f] < marked[m]) f++;
      else m++;
    }
    for (const key of ['all', kind, record.database, `fold ${record.fold}`])
      count(key, right, found.length, marked.length);
    total.right += right;
    total.found += found.length;
    total.marked += marked.length;
  }
  shares.push(f1(total));

  const intervals = new HeartIntervals();
  for (const sound of sounds) intervals.push(sound);
  const estimate = intervals.estimate();
  const gaps = (from, to) =>
    own.flatMap(({ seconds, state }, i) => {
      const next = own.slice(i + 1, i + 3).find((mark) => mark.state === to);
      return state === from && next ? [next.seconds - seconds] : [];
    });
  if (estimate === null) continue;
  errors.systole.push(Math.abs(estimate.systoleSeconds - median(gaps('S1', 'S2'))));
  errors.diastole.push(Math.abs(estimate.diastoleSeconds - median(gaps('S2', 'S1'))));
}
closeSync(file);

const keys = [
  'all',
  'S1',
  'S2',
  'a',
  'b',
  'c',
  'd',
  'e',
  'f',
  'fold 0',
  'fold 1',
  'fold 2',
  'fold 3',
  'fold 4',
];
const withinShare = (values, limit) =>
  Number((values.filter((x) => x <= limit).length / values.length).toFixed(3));
const report = {
  f1Within100ms: Object.fromEntries(keys.map((key) => [key, f1(tallies.get(key))])),
  recordingsWithF1Above: Object.fromEntries(
    [0.8, 0.9, 0.95].map((x) => [
      x,
      withinShare(
        shares.map((s) => -s),
        -x,
      ),
    ]),
  ),
  recordingsWithMedianSystoleWithin20ms: withinShare(errors.systole, 0.02),
  recordingsWithMedianDiastoleWithin40ms: withinShare(errors.diastole, 0.04),
};
console.log(JSON.stringify(report, null, 1));
console.error(`${(microseconds / seconds).toFixed(0)} microseconds a second of signal`);
if (modelFile) {
  const text = readFileSync(modelFile, 'utf8');
  const fit = JSON.parse(text).fit;
  writeFileSync(
    modelFile,
    `${text.slice(0, text.lastIndexOf('"fit":'))}"fit": ${JSON.stringify({ ...fit, heldOut: report })}\n}\n`,
  );
}
