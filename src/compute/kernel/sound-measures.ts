/** What heart sounds of the last seconds have in common, in float64. */
import { column, frameCountOf, heldFrames } from './kept-stretch';
import { exactLogarithm } from './logarithms64';
import { medianOf, nearestRank } from './quality-measures';
import { ranked } from './selection';

// A sound, in a row of float64.
const ROW = 40;
/** Whether it is a second sound. */
const IS_SECOND = 0;
const START_SECONDS = 8;
const CONFIDENCE = 16;
/** Frames of the stretch. */
const START = 24;
const END = 32;

/**
 * @param context frames that are looked back on
 * @param sounds `[count][5]`: 0 for a first sound and 1 for a second, start in seconds, confidence, first frame and the one
 *   after the last
 * @param expectedSystole seconds that a systole lasts in hearts
 * @param unknownDeviation of systole from that, without any, in seconds
 * @param unknownSpread of what is there less than twice
 * @param work room for three float64 a frame of the levels, and for four a sound
 * @param output `[9]`: mean confidence of first, of second sounds, and of the worst fifth; deviation of systole; spread of the
 *   logarithms of systole and beat; level of first, of second sounds over that between sounds; of the loudest between over
 *   the sounds
 */
export function soundMeasures(
  kept: usize,
  context: i32,
  sounds: usize,
  count: i32,
  expectedSystole: f64,
  unknownDeviation: f64,
  unknownSpread: f64,
  work: usize,
  output: usize,
): void {
  const end = sounds + ROW * count;
  const spare = work + 8 * count;
  confidences(sounds, end, count, work, spare, output);
  const systoles = spare;
  const logSystoles = systoles + 8 * count;
  const logBeats = logSystoles + 8 * count;
  const deviation = work;
  let systoleCount = 0;
  let beatCount = 0;
  let lastFirst: f64 = -1;
  for (let at = sounds; at < end; at += ROW) {
    if (load<f64>(at, IS_SECOND) !== 0) continue;
    const start = load<f64>(at, START_SECONDS);
    if (at + ROW < end && load<f64>(at + ROW, IS_SECOND) !== 0) {
      const systole = load<f64>(at + ROW, START_SECONDS) - start;
      store<f64>(systoles + 8 * systoleCount, systole);
      store<f64>(logSystoles + 8 * systoleCount++, exactLogarithm(systole));
    }
    if (lastFirst >= 0) store<f64>(logBeats + 8 * beatCount++, exactLogarithm(start - lastFirst));
    lastFirst = start;
  }
  const systole = medianOf(systoles, systoleCount, expectedSystole + unknownDeviation, deviation);
  store<f64>(output, abs(systole - expectedSystole), 24);
  store<f64>(output, spread(logSystoles, systoleCount, unknownSpread), 32);
  store<f64>(output, spread(logBeats, beatCount, unknownSpread), 40);
  const held = heldFrames(kept, context);
  contrasts(column(kept, 4, held), frameCountOf(kept) - held, sounds, end, count, work, output + 48);
}

function confidences(
  sounds: usize,
  end: usize,
  count: i32,
  values: usize,
  spare: usize,
  output: usize,
): void {
  let first: f64 = 0;
  let firsts = 0;
  let second: f64 = 0;
  let to = values;
  for (let at = sounds; at < end; at += ROW, to += 8) {
    const confidence = load<f64>(at, CONFIDENCE);
    store<f64>(to, confidence);
    if (load<f64>(at, IS_SECOND) === 0) {
      first += confidence;
      firsts++;
    } else second += confidence;
  }
  store<f64>(output, firsts === 0 ? 0 : first / <f64>firsts);
  store<f64>(output, firsts === count ? 0 : second / <f64>(count - firsts), 8);
  store<f64>(output, count === 0 ? 0 : ranked(values, count, nearestRank(0.2, count), spare), 16);
}

function contrasts(
  levels: usize,
  oldest: i32,
  sounds: usize,
  end: usize,
  count: i32,
  work: usize,
  output: usize,
): void {
  const firsts = work;
  const seconds = firsts + 8 * count;
  const all = seconds + 8 * count;
  const spareOfSounds = all + 8 * count;
  const rest = spareOfSounds + 8 * count;
  let firstCount = 0;
  let secondCount = 0;
  let restCount = 0;
  let lastEnd = -1;
  for (let at = sounds; at < end; at += ROW) {
    const start = <i32>load<f64>(at, START) - oldest;
    const stop = <i32>load<f64>(at, END) - oldest;
    let level: f64 = 0;
    for (let frame = start; frame < stop; frame++) level += load<f64>(levels + 8 * frame);
    if (stop > start) level /= <f64>(stop - start);
    store<f64>(all + 8 * (firstCount + secondCount), level);
    if (load<f64>(at, IS_SECOND) === 0) store<f64>(firsts + 8 * firstCount++, level);
    else store<f64>(seconds + 8 * secondCount++, level);
    if (lastEnd >= 0) {
      for (let frame = lastEnd; frame < start; frame++) {
        store<f64>(rest + 8 * restCount++, load<f64>(levels + 8 * frame));
      }
    }
    lastEnd = stop;
  }
  // What is ranked may be lost: the rest is needed twice.
  const copy = rest + 8 * restCount;
  const spare = copy + 8 * restCount;
  memory.copy(copy, rest, 8 * restCount);
  const pause = medianOf(copy, restCount, 0, spare);
  const loud = restCount === 0 ? 0 : ranked(rest, restCount, nearestRank(0.95, restCount), spare);
  store<f64>(output, medianOf(firsts, firstCount, pause, spareOfSounds) - pause);
  store<f64>(output, medianOf(seconds, secondCount, pause, spareOfSounds) - pause, 8);
  store<f64>(output, loud - medianOf(all, count, 0, spareOfSounds), 16);
}

/** Standard deviation; `fallback` of fewer than two. */
function spread(values: usize, count: i32, fallback: f64): f64 {
  if (count < 2) return fallback;
  const end = values + 8 * count;
  let sum: f64 = 0;
  for (let at = values; at < end; at += 8) sum += load<f64>(at);
  const centre = sum / <f64>count;
  let squares: f64 = 0;
  for (let at = values; at < end; at += 8) {
    const difference = load<f64>(at) - centre;
    squares += difference * difference;
  }
  return sqrt(squares / <f64>count);
}
