/** Measures of a window's frames, in float64: how loud they are, how uneven, how much their bands have in common. */
import { column, heldFrames } from './kept-stretch';
import { exactLogarithm10 } from './logarithms64';
import { ranked, rankedOf, sumsOfFour } from './selection';

/** Beyond are silence and what no recording leaves. */
const MOST_RATIO: f64 = 6;

/**
 * Measures of the last `count` frames.
 *
 * @param context frames over which the level's unsteadiness is taken, as far back as there are any
 * @param perSecond frames a second, over whose means it is taken
 * @param work room for `2 * count` float64
 * @param output `[7]`: decimal logarithms of loud (90 %) over median, of median over quiet (10 %), of the loudest over loud
 *   energy below 150 Hz, of loud over quiet energy above, of the kurtosis; unsteadiness; logarithm of the energy above
 *   150 Hz over that below
 * @param squares `[4]`: mean square of the loud frames, of all, and of the median; the last is lost
 */
export function frameMeasures(
  kept: usize,
  count: i32,
  context: i32,
  perSecond: i32,
  work: usize,
  output: usize,
  squares: usize,
): void {
  const lower = column(kept, 0, count);
  const upper = column(kept, 1, count);
  const square = column(kept, 2, count);
  const stop = lower + 8 * count;
  sumsOfFour(stop, count, upper - lower, squares);
  const frames = <f64>count;
  const meanLower = load<f64>(squares) / frames;
  const meanUpper = load<f64>(squares, 8) / frames;
  const meanSquare = load<f64>(squares, 16) / frames;
  const meanFourth = load<f64>(squares, 24) / frames;
  const loud = quantile(lower, count, 0.9, work);
  const middle = quantile(lower, count, 0.5, work);
  const quiet = quantile(lower, count, 0.1, work);
  let loudest = load<f64>(lower);
  for (let at = lower + 8; at < stop; at += 8) loudest = max(loudest, load<f64>(at));
  store<f64>(output, logarithmOfRatio(loud, middle));
  store<f64>(output, logarithmOfRatio(middle, quiet), 8);
  store<f64>(output, logarithmOfRatio(loudest, loud), 16);
  const loudUpper = quantile(upper, count, 0.9, work);
  store<f64>(output, logarithmOfRatio(loudUpper, quantile(upper, count, 0.1, work)), 24);
  store<f64>(output, logarithmOfRatio(meanFourth, meanSquare * meanSquare), 32);
  store<f64>(output, unsteadiness(column(kept, 0, heldFrames(kept, context)), stop, perSecond), 40);
  store<f64>(output, logarithmOfRatio(meanUpper, meanLower), 48);
  store<f64>(squares, quantile(square, count, 0.9, work));
  store<f64>(squares, meanSquare, 8);
  store<f64>(squares, rankedOf(square, count, count >> 1, work), 16);
}

/** Nearest rank. */
function quantile(values: usize, count: i32, share: f64, work: usize): f64 {
  return rankedOf(values, count, nearestRank(share, count), work);
}

/** Of what a share of so many stay below, from 0 as the smallest. */
export function nearestRank(share: f64, count: i32): i32 {
  return <i32>floor(share * <f64>(count - 1) + 0.5);
}

/** Median, nearest rank, of numbers that may be lost; `fallback` of none. @param spare room for as many */
export function medianOf(values: usize, count: i32, fallback: f64, spare: usize): f64 {
  return count === 0 ? fallback : ranked(values, count, nearestRank(0.5, count), spare);
}

/** Within what no recording leaves, so that digital silence gives a number too. */
function logarithmOfRatio(a: f64, b: f64): f64 {
  if (!(a > 0)) return b > 0 ? -MOST_RATIO : 0;
  if (!(b > 0)) return MOST_RATIO;
  const ratio = a / b;
  if (ratio < 1e-300) return -MOST_RATIO;
  if (ratio > 1e300) return MOST_RATIO;
  return max(-MOST_RATIO, min(MOST_RATIO, exactLogarithm10(ratio)));
}

/** Standard deviation of the levels of whole seconds, counted from the newest; 0 without one. */
function unsteadiness(oldest: usize, end: usize, perSecond: i32): f64 {
  let sum: f64 = 0;
  let squares: f64 = 0;
  let seconds: f64 = 0;
  for (const second = 8 * perSecond; end - second >= oldest; end -= second) {
    let energy: f64 = 0;
    for (let at = end - second; at < end; at += 8) energy += load<f64>(at);
    // The smallest number there is, so that there is a logarithm.
    const level = exactLogarithm10(energy / <f64>perSecond + 5e-324);
    sum += level;
    squares += level * level;
    seconds++;
  }
  if (seconds === 0) return 0;
  const mean = sum / seconds;
  return sqrt(max(0, squares / seconds - mean * mean));
}

/**
 * Pearson's correlation of two runs of `count` float64, of the numbers from `first` on; 0 where either does not vary.
 */
export function correlationOf(a: usize, b: usize, first: i32, count: i32): f64 {
  const start = 8 * first;
  const stop = 8 * count;
  let sumA: f64 = 0;
  let sumB: f64 = 0;
  for (let at = start; at < stop; at += 8) {
    sumA += load<f64>(a + at);
    sumB += load<f64>(b + at);
  }
  const meanA = sumA / <f64>(count - first);
  const meanB = sumB / <f64>(count - first);
  let ab: f64 = 0;
  let aa: f64 = 0;
  let bb: f64 = 0;
  for (let at = start; at < stop; at += 8) {
    const x = load<f64>(a + at) - meanA;
    const y = load<f64>(b + at) - meanB;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}
