/**
 * Fits what tells extra beats and pauses on some folds, and says what all rhythm notices are worth on others.
 *
 * Usage: node tools/rhythm/study.mjs CACHE [--fit]
 *
 * CACHE is what measure.mjs wrote. `--fit` prints the weights for src/heart/beat-events.ts from folds 0, 1 and 2, and of
 * irregular rhythms what the thresholds of src/heart/rhythm.ts were chosen by; nothing of folds 3 and 4 is looked at then.
 * Without it the shipped code is scored: fitted folds and, apart from them, the others.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { BeatEvents, EVENT_MEASURES } from '../../dist/src/heart/beat-events.js';
import { BeatIntervals } from '../../dist/src/heart/beat-intervals.js';
import { LEAST_QUALITY, RhythmWatch } from '../../dist/src/heart/rhythm-watch.js';
import { Rhythm } from '../../dist/src/heart/rhythm.js';

const FITTED = ['0', '1', '2'];
/** A notice is of the event that begins so near. */
const NEAR_SECONDS = 0.15;
const PENALTY = 0.001;
const [cache, option] = process.argv.slice(2);
if (!cache || (option !== undefined && option !== '--fit')) {
  console.error('usage: node tools/rhythm/study.mjs CACHE [--fit]');
  process.exit(2);
}

function* recordings(name) {
  for (const file of readdirSync(cache).filter((entry) => entry.startsWith(`${name}-`))) {
    for (const line of readFileSync(join(cache, file), 'utf8').trim().split('\n')) {
      const { windows, ...about } = JSON.parse(line);
      yield {
        ...about,
        windows: windows.map(({ startSeconds, endSeconds, sqi, sounds }) => ({
          startSeconds,
          endSeconds,
          quality: sqi,
          sounds: sounds.map(([sound, start, end, confidence, level, loudestBefore, restBefore]) => ({
            sound,
            startSeconds: start,
            endSeconds: end,
            confidence,
            level,
            loudestBefore,
            restBefore,
          })),
        })),
      };
    }
  }
}

/** Candidates and the greatest irregularity, as RhythmWatch would come by them. */
function candidatesOf({ windows }) {
  const intervals = new BeatIntervals();
  const events = new BeatEvents();
  const rhythm = new Rhythm();
  const candidates = [];
  let irregularity = null;
  const isGood = (seconds) => {
    const holding = windows.filter((window) => seconds >= window.startSeconds && seconds < window.endSeconds);
    return holding.length > 0 && holding.every(({ quality }) => quality >= LEAST_QUALITY);
  };
  for (const sound of windows.flatMap((window) => window.sounds)) {
    if (!isGood(sound.startSeconds)) {
      candidates.push(...events.endStretch());
      intervals.endStretch();
      rhythm.endStretch();
      continue;
    }
    const interval = intervals.push(sound);
    if (interval === undefined) continue;
    rhythm.push(interval);
    candidates.push(...events.push(interval));
    const now = rhythm.estimate();
    if (now !== null) irregularity = Math.max(irregularity ?? -Infinity, now.irregularity);
  }
  return { candidates: [...candidates, ...events.endStretch()], irregularity };
}

function noticesOf({ windows }) {
  const watch = new RhythmWatch();
  const notices = windows.flatMap((window) => watch.pushWindow(window));
  return { notices: [...notices, ...watch.endStretch()], summary: watch.summary() };
}

/** An early beat is planned by when it begins, a pause by the beat before it. */
const timeOf = ({ kind, notice = kind, startSeconds, endSeconds }) =>
  notice === 'pause' ? startSeconds : endSeconds;
const isReal = (found, { events }) =>
  events.some(
    ([kind, at]) => kind === (found.notice ?? found.kind) && Math.abs(at - timeOf(found)) < NEAR_SECONDS,
  );
const share = (part, all) => (all === 0 ? null : Number((part / all).toFixed(3)));
const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.floor(q * (values.length - 1))];

/** Logistic regression by Newton's method. */
function fitLogistic(rows, labels, weights) {
  const size = rows[0].length + 1;
  let w = new Array(size).fill(0);
  for (let step = 0; step < 30; step++) {
    const gradient = w.map((value, i) => (i === 0 ? 0 : PENALTY * value));
    const hessian = w.map((_, i) => w.map((__, j) => (i === j ? (i === 0 ? 1e-9 : PENALTY) : 0)));
    rows.forEach((row, n) => {
      const x = [1, ...row];
      const p = 1 / (1 + Math.exp(-x.reduce((sum, value, i) => sum + value * w[i], 0)));
      for (let i = 0; i < size; i++) {
        gradient[i] += weights[n] * (p - labels[n]) * x[i];
        for (let j = 0; j < size; j++) hessian[i][j] += weights[n] * p * (1 - p) * x[i] * x[j];
      }
    });
    const change = solve(hessian, gradient);
    w = w.map((value, i) => value - change[i]);
  }
  return w;
}

function solve(matrix, vector) {
  const rows = matrix.map((row, i) => [...row, vector[i]]);
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i]) > Math.abs(rows[best][i]) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    rows.forEach((row, k) => {
      if (k === i) return;
      const factor = row[i] / rows[i][i];
      for (let j = i; j <= rows.length; j++) row[j] -= factor * rows[i][j];
    });
  }
  return rows.map((row, i) => row[rows.length] / row[i]);
}

function fit() {
  const found = { 'extra-beat': [], pause: [] };
  const irregularities = {};
  for (const recording of recordings('made-up')) {
    if (!FITTED.includes(recording.fold)) continue;
    const { candidates, irregularity } = candidatesOf(recording);
    if (irregularity !== null) (irregularities[recording.kind] ??= []).push(irregularity);
    for (const each of candidates)
      found[each.kind].push({ ...each, source: 'made-up', real: isReal(each, recording) });
  }
  let hours = 0;
  for (const recording of recordings('physionet')) {
    if (!FITTED.includes(recording.fold) || recording.label !== 'normal') continue;
    const { candidates, irregularity } = candidatesOf(recording);
    hours += recording.seconds / 3600;
    if (irregularity !== null) (irregularities.normal ??= []).push(irregularity);
    for (const each of candidates) found[each.kind].push({ ...each, source: 'normal', real: false });
  }
  for (const [kind, own] of Object.entries(found)) {
    const real = own.filter((each) => each.real).length;
    const parts = { 'made-up': 0, normal: 0 };
    for (const each of own) if (!each.real) parts[each.source]++;
    const weights = own.map((each) => (each.real ? 1 : real / 2 / parts[each.source]));
    const w = fitLogistic(
      own.map(({ measures }) => measures),
      own.map((each) => Number(each.real)),
      weights,
    );
    console.log(kind, JSON.stringify(EVENT_MEASURES[kind]));
    console.log(JSON.stringify(w.map((value) => Number(value.toFixed(3)))), { real, ...parts });
    const scores = own.map(
      ({ measures }) => 1 / (1 + Math.exp(-measures.reduce((sum, x, i) => sum + x * w[i + 1], w[0]))),
    );
    for (const from of [0.5, 0.6, 0.7, 0.8, 0.9]) {
      const passed = own.filter((_, n) => scores[n] >= from);
      const of = (source, isOne) =>
        passed.filter((each) => each.source === source && each.real === isOne).length;
      const falseAnHour = of('normal', false) / hours;
      console.log(
        `from ${from}: ${of('made-up', true)} real, ${of('made-up', false)} false in made-up rhythms, ${falseAnHour.toFixed(2)} an hour of normal ones`,
      );
    }
  }
  for (const [kind, values] of Object.entries(irregularities)) {
    const quantiles = [0.05, 0.25, 0.5, 0.75, 0.95, 1].map((q) => quantile(values, q).toFixed(2));
    console.log(`irregularity, ${kind} (${values.length}): ${quantiles.join(' ')}`);
  }
  const irregular = irregularities.fibrillation.map((x) => ({ x, real: 1, weight: 1 }));
  for (const [kind, values] of Object.entries(irregularities)) {
    if (kind === 'fibrillation') continue;
    const kinds = Object.keys(irregularities).length - 1;
    const weight = irregularities.fibrillation.length / kinds / values.length;
    irregular.push(...values.map((x) => ({ x, real: 0, weight })));
  }
  const [intercept, slope] = fitLogistic(
    irregular.map(({ x }) => [x]),
    irregular.map(({ real }) => real),
    irregular.map(({ weight }) => weight),
  );
  console.log(`irregular: midpoint ${(-intercept / slope).toFixed(3)}, scale ${(1 / slope).toFixed(4)}`);
  console.log(
    'highest of normal recordings',
    irregularities.normal
      .sort((a, b) => b - a)
      .slice(0, 12)
      .map((x) => x.toFixed(2))
      .join(' '),
  );
}

/** Exact limits of a Poisson rate, 95 %, by bisection. */
function poissonLimits(count) {
  const below = (mean, k) => {
    let term = Math.exp(-mean);
    let sum = 0;
    for (let i = 0; i <= k; i++) {
      sum += term;
      term *= mean / (i + 1);
    }
    return sum;
  };
  const search = (isTooHigh) => {
    let [low, high] = [0, 10 + 4 * count];
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2;
      if (isTooHigh(middle)) high = middle;
      else low = middle;
    }
    return low;
  };
  return [
    count === 0 ? 0 : search((mean) => 1 - below(mean, count - 1) > 0.025),
    search((mean) => below(mean, count) < 0.025),
  ];
}

/** Wilson's interval of a share, 95 %. */
function wilson(part, all) {
  if (all === 0) return null;
  const [p, z] = [part / all, 1.96];
  const half = z * Math.sqrt((p * (1 - p)) / all + z ** 2 / 4 / all ** 2);
  return [-1, 1].map((sign) =>
    Number(((p + z ** 2 / 2 / all + sign * half) / (1 + z ** 2 / all)).toFixed(3)),
  );
}

const KINDS = ['irregular', 'extra-beat', 'pause'];

function score(folds) {
  const rows = {};
  let correct = 0;
  let wrong = 0;
  for (const recording of recordings('made-up')) {
    if (!folds.includes(recording.fold)) continue;
    const { notices, summary } = noticesOf(recording);
    const row = (rows[recording.kind] ??= {
      recordings: 0,
      heardForIrregular: 0,
      irregular: 0,
      planned: 0,
      found: 0,
      withFound: 0,
      falseExtra: 0,
      falsePause: 0,
      seconds: 0,
    });
    row.recordings++;
    row.seconds += recording.starts.at(-1);
    row.heardForIrregular += Number(summary.irregular !== null);
    row.irregular += Number(summary.irregular?.noticed === true);
    row.planned += recording.events.length;
    const told = notices.filter(({ notice }) => notice !== 'irregular');
    const real = told.filter((each) => isReal(each, recording));
    correct += real.length;
    wrong += told.length - real.length;
    row.found += real.length;
    row.withFound += Number(real.length > 0);
    row.falseExtra += told.filter((each) => each.notice === 'extra-beat' && !real.includes(each)).length;
    row.falsePause += told.filter((each) => each.notice === 'pause' && !real.includes(each)).length;
  }
  const madeUp = Object.entries(rows).map(([kind, row]) => ({
    kind,
    recordings: row.recordings,
    'irregular can be told': row.heardForIrregular,
    'called irregular': row.irregular,
    'of recordings': share(row.irregular, row.recordings),
    'of recordings, interval': wilson(row.irregular, row.recordings)?.join('-'),
    'events planned': row.planned,
    'events told': share(row.found, row.planned),
    'recordings with one told': share(row.withFound, row.recordings),
    'recordings with one told, interval': wilson(row.withFound, row.recordings)?.join('-'),
    'false extra beats an hour': Number((row.falseExtra / (row.seconds / 3600)).toFixed(1)),
    'false pauses an hour': Number((row.falsePause / (row.seconds / 3600)).toFixed(1)),
  }));
  console.table(madeUp);
  console.log(`${correct} of ${correct + wrong} events told in made-up rhythms were planned`);
  const counts = { irregular: 0, 'extra-beat': 0, pause: 0 };
  const by = { irregular: [], 'extra-beat': [], pause: [] };
  let hours = 0;
  let number = 0;
  let canTell = 0;
  for (const recording of recordings('physionet')) {
    if (!folds.includes(recording.fold) || recording.label !== 'normal') continue;
    hours += recording.seconds / 3600;
    number++;
    const { notices, summary } = noticesOf(recording);
    canTell += Number(summary.irregular !== null);
    for (const { notice } of notices) {
      counts[notice]++;
      by[notice].push(recording.record);
    }
  }
  console.log(
    `${number} normal recordings, ${hours.toFixed(2)} hours; in ${canTell} an irregular rhythm could be told`,
  );
  for (const kind of KINDS) {
    const [low, high] = poissonLimits(counts[kind]).map((limit) => (limit / hours).toFixed(2));
    const rate = (counts[kind] / hours).toFixed(2);
    console.log(
      `${kind}: ${counts[kind]} false notices, ${rate} an hour (${low}-${high}) ${[...new Set(by[kind])].join(' ')}`,
    );
  }
}

/** Half of the groups, by their names, so that one person is in one half. */
const half = (group) => [...group].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 65521, 7) % 2;

function pascal(which) {
  const rows = {};
  for (const recording of recordings('pascal')) {
    if (recording.set !== 'b' || half(recording.group) !== which || recording.noisy === '1') continue;
    if (!['normal', 'extrastole'].includes(recording.label)) continue;
    const { notices, summary } = noticesOf(recording);
    const row = (rows[recording.label] ??= {
      clips: 0,
      hours: 0,
      canTell: 0,
      extra: 0,
      pause: 0,
      irregular: 0,
      any: 0,
    });
    row.clips++;
    row.hours += recording.seconds / 3600;
    row.canTell += Number(summary.extraBeats !== null);
    const has = (kind) => Number(notices.some(({ notice }) => notice === kind));
    row.extra += has('extra-beat');
    row.pause += has('pause');
    row.irregular += has('irregular');
    row.any += Number(notices.length > 0);
  }
  for (const row of Object.values(rows)) row.hours = Number(row.hours.toFixed(3));
  console.table(rows);
}

/** Whether the interval that departs most from a clip's median ranks extrasystoles over normal clips: nothing is fitted. */
function pascalDepartures() {
  const departures = { normal: [], extrastole: [] };
  for (const { set, label, noisy, windows } of recordings('pascal')) {
    if (set !== 'b' || noisy === '1' || departures[label] === undefined) continue;
    const starts = windows.flatMap(({ sounds }) => sounds.filter(({ sound }) => sound === 'S1'));
    const lengths = starts.slice(1).map(({ startSeconds }, i) => startSeconds - starts[i].startSeconds);
    if (lengths.length < 3) continue;
    const usual = [...lengths].sort((a, b) => a - b)[lengths.length >> 1];
    departures[label].push(Math.max(...lengths.map((seconds) => Math.abs(seconds / usual - 1))));
  }
  const { normal, extrastole } = departures;
  const wins = extrastole.reduce(
    (sum, x) => sum + normal.reduce((own, y) => own + (x > y ? 1 : x === y ? 0.5 : 0), 0),
    0,
  );
  const auc = (wins / normal.length / extrastole.length).toFixed(2);
  console.log(
    `largest departure from the median interval: AUC ${auc}, ${extrastole.length} against ${normal.length} clips`,
  );
}

if (option === '--fit') fit();
else {
  for (const [title, folds] of [
    ['Fitted on: folds 0, 1, 2', FITTED],
    ['Not fitted on: folds 3, 4', ['3', '4']],
  ]) {
    console.log(`\n${title}`);
    score(folds);
  }
  for (const which of [0, 1]) {
    console.log(
      `\nPASCAL 2011, set b without clips marked noisy, half ${which} of the groups; nothing was fitted on it`,
    );
    pascal(which);
  }
  pascalDepartures();
}
