/** Correlation of a signal with itself at lags about one beat, in float64. */

import { heldSamples, lastSamples } from './kept-stretch';

/** Lags, two in a vector, whose sums are taken in one pass. */
const TOGETHER = 10;

/** Lags in which the same wave is looked for, either side of the beat. */
const REACH_SECONDS: f64 = 0.008;
/** Of samples a beat apart at least so many seconds are compared. */
const LEAST_SECONDS: f64 = 0.8;
const LEAST_ENERGY: f64 = 1e-20;

/**
 * The largest correlation of the samples that are kept with themselves at lags about one beat, in [0, 1]. Every second
 * sample is compared: that will do for a correlation, and costs a quarter.
 *
 * @param lag of the beat in samples, 0 where there is none
 * @param work room for as many float64 as samples are kept, and for 0.04 s and 64 more
 * @returns 0 where too little is known
 */
export function sameWave(kept: usize, lag: i32, sampleRate: f64, work: usize): f64 {
  const count = heldSamples(kept);
  const reach = <i32>floor(REACH_SECONDS * sampleRate + 0.5);
  if (lag === 0 || <f64>(count - lag - reach) < LEAST_SECONDS * sampleRate) return 0;
  return largestCorrelation(lastSamples(kept, count), count, lag - reach, reach + 1, work);
}

/**
 * The largest correlation, at least 0, of every second of `x` with what lies `shortest`, `shortest + 2`, … samples later.
 *
 * @param lags how many
 * @param work room for `count + 2 * lags + 32` float64
 */
function largestCorrelation(x: usize, count: i32, shortest: i32, lags: i32, work: usize): f64 {
  // Every second sample from the first on, and those the shortest lag later, with zeros behind them.
  const pairs = (count - shortest + 1) >> 1;
  const early = work;
  const late = work + 8 * pairs;
  const groups = (lags + TOGETHER - 1) / TOGETHER;
  for (let j = 0; j < pairs; j++) {
    store<f64>(early + 8 * j, load<f64>(x + 16 * j));
    store<f64>(late + 8 * j, load<f64>(x + 16 * j + 8 * shortest));
  }
  memory.fill(late + 8 * pairs, 0, 8 * TOGETHER * groups);
  const products = late + 8 * (pairs + TOGETHER * groups);
  // Energies at the longest lag; shorter ones compare more.
  const least = pairs - lags + 1;
  let squares = f64x2.splat(LEAST_ENERGY);
  for (let group = 0; group < groups; group++) {
    const shift = 8 * TOGETHER * group;
    const isFirst = group === 0;
    let sum0 = f64x2.splat(0);
    let sum1 = f64x2.splat(0);
    let sum2 = f64x2.splat(0);
    let sum3 = f64x2.splat(0);
    let sum4 = f64x2.splat(0);
    let from = late + shift;
    let at = early;
    if (isFirst) {
      const longest = 8 * (lags - 1);
      for (const end = early + 8 * least; at < end; at += 8, from += 8) {
        const y = v128.load64_splat(at);
        const both = v128.load64_lane(from + longest, y, 0);
        squares = f64x2.add(squares, f64x2.mul(both, both));
        sum0 = f64x2.add(sum0, f64x2.mul(v128.load(from), y));
        sum1 = f64x2.add(sum1, f64x2.mul(v128.load(from, 16), y));
        sum2 = f64x2.add(sum2, f64x2.mul(v128.load(from, 32), y));
        sum3 = f64x2.add(sum3, f64x2.mul(v128.load(from, 48), y));
        sum4 = f64x2.add(sum4, f64x2.mul(v128.load(from, 64), y));
      }
    }
    for (const end = early + 8 * pairs; at < end; at += 8, from += 8) {
      const y = v128.load64_splat(at);
      sum0 = f64x2.add(sum0, f64x2.mul(v128.load(from), y));
      sum1 = f64x2.add(sum1, f64x2.mul(v128.load(from, 16), y));
      sum2 = f64x2.add(sum2, f64x2.mul(v128.load(from, 32), y));
      sum3 = f64x2.add(sum3, f64x2.mul(v128.load(from, 48), y));
      sum4 = f64x2.add(sum4, f64x2.mul(v128.load(from, 64), y));
    }
    v128.store(products + shift, sum0);
    v128.store(products + shift, sum1, 16);
    v128.store(products + shift, sum2, 32);
    v128.store(products + shift, sum3, 48);
    v128.store(products + shift, sum4, 64);
  }
  let lateSquares = f64x2.extract_lane(squares, 0);
  let earlySquares = f64x2.extract_lane(squares, 1);
  let best: f64 = 0;
  for (let lag = lags - 1; lag >= 0; lag--) {
    if (lag < lags - 1) {
      const x = load<f64>(late + 8 * lag);
      const y = load<f64>(early + 8 * (pairs - 1 - lag));
      lateSquares += x * x;
      earlySquares += y * y;
    }
    best = max(best, load<f64>(products + 8 * lag) / sqrt(lateSquares * earlySquares));
  }
  return best;
}
