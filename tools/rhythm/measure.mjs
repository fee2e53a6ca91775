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
import { parseContract } from '../../dist/src/classify/parse-contract.js';
import { windowingFor } from '../../dist/src/screen/recording-setup.js';
import { RecordingWindows } from '../../dist/src/window/recording-windows.js';
import { readSignalQualityModel } from '../../dist/src/window/signal-quality-model.js';
import { RHYTHM_KINDS, assembleRhythm, planRhythm } from '../../dist/test/support/made-up-rhythms.js';
import { basesOf, beatsOf, recordsOf, samplesOf, tableOf } from '../quality/data-set.mjs';

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

async function writing(name, items, work) {
  const file = openSync(join(cache, `${name}-${part}.ndjson`), 'w');
  for (const [index, item] of items.entries()) {
    if (index % parts !== part) continue;
    for (const line of await work(item)) writeSync(file, `${JSON.stringify(line)}\n`);
  }
  closeSync(file);
}

if (values.pascal !== undefined) {
  const records = tableOf(values.pascal).filter(({ label }) => label !== 'artifact');
  await writing('pascal', records, async ({ record, set, label, noisy, group }) => {
    const { samples, rateHz } = await samplesOf(values.pascal, record);
    return [
      { record, set, label, noisy, group, seconds: samples.length / rateHz, windows: hear(samples, rateHz) },
    ];
  });
}

if (values.physionet !== undefined) {
  const records = recordsOf(values.physionet);
  await writing('physionet', records, async ({ record, database, label, group, fold }) => {
    const { samples, rateHz } = await samplesOf(values.physionet, record);
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
  const bases = basesOf(data);
  console.error(`${bases.length} recordings give their beats`);
  await writing('made-up', bases, async (base) => {
    const { record, database, label, group, fold } = base;
    const { source, beats, usualSeconds: usual } = await beatsOf(data, base);
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
