/** Reads a data set as it lies in DATA: records.csv and audio/, of PhysioNet/CinC 2016 heart-states.csv.gz, too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { openRecording } from '../../dist/src/decode/file/recording-file.js';
import { cutBeats } from '../../dist/test/support/made-up-rhythms.js';

/** Recordings whose beats are used, of each fold and database. */
const BASES = { a: 5, b: 5, c: 3, d: 4, e: 6 };
const LEAST_BEATS = 10;
const STATES_RATE_HZ = 2000;

/** Rows of records.csv, by column. */
export function tableOf(data) {
  const [header, ...lines] = readFileSync(join(data, 'records.csv'), 'utf8').trim().split(/\r?\n/);
  const columns = header.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [columns[i], cell])));
}

/** Those that are marked usable. */
export const recordsOf = (data) => tableOf(data).filter(({ quality }) => quality === '1');

export async function samplesOf(data, record) {
  const recording = await openRecording(join(data, 'audio', `${record}.flac`));
  const chunks = [];
  for await (const { samples } of recording.chunks(2 ** 20)) chunks.push(Float64Array.from(samples));
  await recording.close();
  const samples = new Float64Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    samples.set(chunk, at);
    at += chunk.length;
  }
  return { samples, rateHz: recording.sampleRateHz };
}

function statesOf(data) {
  const states = new Map();
  const lines = gunzipSync(readFileSync(join(data, 'heart-states.csv.gz')))
    .toString()
    .trim()
    .split('\n');
  for (const line of lines.slice(1)) {
    const [record, sample, state] = line.split(',');
    if (!states.has(record)) states.set(record, []);
    states.get(record).push({ at: Number(sample), state });
  }
  return states;
}

/** Of 102 people one recording each whose beats are used: its row, with the states of the heart. */
export function basesOf(data) {
  const states = statesOf(data);
  const taken = new Map();
  const groups = new Set();
  return recordsOf(data).flatMap((row) => {
    const { record, database, fold, group } = row;
    const own = states.get(record) ?? [];
    const key = `${database} ${fold}`;
    const isWanted =
      !groups.has(group) &&
      (taken.get(key) ?? 0) < (BASES[database] ?? 0) &&
      cutBeats(own, STATES_RATE_HZ).length >= LEAST_BEATS;
    if (!isWanted) return [];
    taken.set(key, (taken.get(key) ?? 0) + 1);
    groups.add(group);
    return [{ ...row, states: own }];
  });
}

/** Its whole beats, with their usual length. */
export async function beatsOf(data, { record, states }) {
  const source = await samplesOf(data, record);
  const beats = cutBeats(states, source.rateHz);
  const lengths = beats.map(({ start, end }) => end - start).sort((a, b) => a - b);
  return { source, beats, usualSeconds: lengths[lengths.length >> 1] / source.rateHz };
}

/** Of all of them, one after the other. */
export async function* beatsOfPeople(data) {
  for (const base of basesOf(data)) yield { record: base.record, ...(await beatsOf(data, base)) };
}
