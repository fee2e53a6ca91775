/** What the studies of predictions share (tools/examination, tools/stethoscope). */
import { readFileSync } from 'node:fs';

/**
 * Reads what `lubdub evaluate` wrote, one entry a usable recording: its calibrated evidence (a logit) and its other columns as
 * they stand. A recording without an answer, or inconclusive because of its signal, is left out.
 */
export function readPredictions(path) {
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/);
  const columns = header.split(',');
  return lines.flatMap((line) => {
    const cells = Object.fromEntries(line.split(',').map((cell, i) => [columns[i], cell]));
    const { database, group, label, probability, reasons, usableSeconds } = cells;
    const isUsable = reasons === '' || reasons.split(' ').includes('evidence-uncertain');
    if (probability === '' || !isUsable) return [];
    const p = Math.min(1 - 1e-9, Math.max(1e-9, Number(probability)));
    const evidence = Math.log(p / (1 - p));
    return [{ database, group, abnormal: label === 'abnormal', evidence, seconds: Number(usableSeconds) }];
  });
}

export function groupBy(list, keyOf) {
  const groups = new Map();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Sensitivity and specificity of `{ value, abnormal }` at a threshold, and their mean. */
export function score(cases, threshold = 0) {
  const share = (abnormal, isRight) => {
    const own = cases.filter((one) => one.abnormal === abnormal);
    return own.filter(({ value }) => isRight(value)).length / own.length;
  };
  const sensitivity = share(true, (value) => value >= threshold);
  const specificity = share(false, (value) => value < threshold);
  return { sensitivity, specificity, balanced: (sensitivity + specificity) / 2 };
}

/** Repeatable random numbers in [0, 1). */
export function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
