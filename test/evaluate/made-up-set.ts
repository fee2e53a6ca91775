import type { LabelledRecording } from '../../src/evaluate/labelled-set.js';
import type { Prediction, Screened } from '../../src/evaluate/prediction-row.js';

/** Recordings a0000, a0001, … of two databases, every third abnormal, two of a person. */
export function madeUpSet(count: number): LabelledRecording[] {
  return Array.from({ length: count }, (_, i) => ({
    record: `a${String(i).padStart(4, '0')}`,
    label: i % 3 === 0 ? 'abnormal' : 'normal',
    database: i % 2 === 0 ? 'a' : 'b',
    markedUsable: i % 5 !== 4,
    group: `p${Math.floor(i / 2)}`,
    fold: i % 4,
  }));
}

/** A result that depends on the record's number alone, with a silent recording among every eleven. */
export function madeUpResult(record: string): Screened {
  const number = Number(record.slice(1));
  const silent = number % 11 === 10;
  const probability = silent ? null : ((number * 37) % 100) / 100 + 0.001;
  const verdict: Prediction['verdict'] =
    probability === null || Math.abs(probability - 0.5) < 0.1
      ? 'inconclusive'
      : probability < 0.5
        ? 'normal'
        : 'abnormal';
  return {
    final: {
      verdict,
      probability,
      reasons: verdict === 'inconclusive' ? ['too-little-usable-signal', 'noisy'] : [],
      durationSeconds: 20.5,
      usableSeconds: silent ? 0 : 1 / 3 + number,
      windows: 2,
      lostSamples: 0,
      droppedWindows: 0,
      quality: silent ? null : 0.1 + 0.2,
      heartRateBpm: number % 2 === 0 ? null : 71.25,
      sampleRateHz: 2000,
    },
    windows: [0, 1].map((index) => ({
      index,
      startSeconds: index,
      endSeconds: index + 3,
      logit: silent ? null : number / 7,
      probability,
      quality: 0.5,
      usable: !silent,
    })),
  };
}
