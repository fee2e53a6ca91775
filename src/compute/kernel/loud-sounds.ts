/** The loudest sounds in an envelope of sums of squares, in float64. */
import {
  FRAME,
  binCountOf,
  binsOf,
  frameCountOf,
  heldFrames,
  lastFrames,
  quietOf,
  setQuiet,
} from './kept-stretch';
import { exactLogarithm10 } from './logarithms64';
import { medianOf, nearestRank } from './quality-measures';
import { ranked, rankedNear } from './selection';

/** Bins that an envelope's bin depends on, either side. */
const SMOOTHED = 2;

/**
 * Sums of squares of bins, their smoothed envelope and where it has peaks, as samples come.
 *
 * Histories hold `2 * keep` numbers, newest last; when they are full, what is kept is moved to the front. State, one after
 * the other: float64 `sum` of the bin begun; int32 `filled`, samples in it, and `end`, bins in the history; float64
 * `bins[2 * keep]`, `envelope[2 * keep]`, as much of it as does not depend on what follows; uint8 `isPeak[2 * keep]`.
 *
 * @param keep bins that are looked back on, at least 5
 * @returns bins that the samples completed
 */
export function envelopeBins(samples: usize, count: i32, binSamples: i32, keep: i32, state: usize): i32 {
  const bins = state + 16;
  const room = 2 * keep;
  let sum = load<f64>(state);
  let filled = load<i32>(state, 8);
  let end = load<i32>(state, 12);
  let completed = 0;
  for (const stop = samples + 8 * count; samples < stop; samples += 8) {
    const x = load<f64>(samples);
    sum += x * x;
    if (++filled < binSamples) continue;
    if (end === room) end = makeRoom(bins, keep);
    store<f64>(bins + 8 * end++, sum);
    settle(bins, end, room);
    completed++;
    sum = 0;
    filled = 0;
  }
  store<f64>(state, sum);
  store<i32>(state, filled, 8);
  store<i32>(state, end, 12);
  return completed;
}

function makeRoom(bins: usize, keep: i32): i32 {
  const envelope = bins + 16 * keep;
  const isPeak = envelope + 16 * keep;
  memory.copy(bins, bins + 8 * keep, 8 * keep);
  memory.copy(envelope, envelope + 8 * keep, 8 * keep);
  memory.copy(isPeak, isPeak + keep, keep);
  return keep;
}

/** The envelope two bins back, and whether it has a peak one before that. */
function settle(bins: usize, end: i32, room: i32): void {
  const here = end - 1 - SMOOTHED;
  if (here < 0) return;
  const envelope = bins + 8 * room;
  const isPeak = envelope + 8 * room;
  store<f64>(envelope + 8 * here, smoothed(bins, here, 0, end));
  if (here < 2) return;
  const peak = envelope + 8 * (here - 1);
  const value = load<f64>(peak);
  store<u8>(isPeak + here - 1, u8(i32(value >= load<f64>(peak - 8)) & i32(value > load<f64>(peak, 8))));
}

/** A triangle of 20 ms, of sums; what lies outside of `first` to `end` is 0. */
function smoothed(bins: usize, at: i32, first: i32, end: i32): f64 {
  const x = bins + 8 * at;
  const earlier = at - 2 >= first ? load<f64>(x - 16) : 0;
  const before = at - 1 >= first ? load<f64>(x - 8) : 0;
  const after = at + 1 < end ? load<f64>(x, 8) : 0;
  const later = at + 2 < end ? load<f64>(x, 16) : 0;
  return (3 * load<f64>(x) + 2 * (before + after) + earlier + later) / 9;
}

/** Bins either side of a sound's peak that belong to it. */
const REACH = 25;
/** Two sounds closer than so many bins are one. */
const APART = 38;
/** Sounds a second that are looked at: two for each of 75 beats a minute. */
const MOST_PER_SECOND: f64 = 2.5;
/** What is quieter than this share of the second loudest sound's energy is no sound. */
const LEAST_SHARE: f64 = 0.05;
/** What so many bins stay below is no sound's own. */
const FLOOR_SHARE: f64 = 0.2;
/** Keeps logarithms of digital silence finite. */
const LEAST_ENERGY: f64 = 1e-20;

/** Of so many candidates in a row the largest is known, so that the largest of all is found among few. */
const BLOCK = 16;

/** Bytes of a peak: bin, envelope there, standard deviation in bins, skew. */
const PEAK = 32;
/** Numbers of a peak that medians are taken of. */
const COLUMNS = 6;
/** Frames about a peak that its colour is taken from. */
const FRAMES_BEFORE = 2;
const FRAMES_AFTER = 3;
// Of a frame, as envelopeFrames writes it.
const LOW = 0;
const MID = 8;
const HIGH = 16;
const CROSSINGS = 48;

/**
 * Medians over the loudest peaks, see {@link loudestPeaks}, and how they are spread.
 *
 * @param binSamples of the bins that are kept, `keep` of which are looked back on
 * @param frameRate frames a second, `context` of which are looked back on
 * @param work room for `3 * keep` float64, and eleven for each of 2.5 peaks a second
 * @param output `[7]`: standard deviation in milliseconds; skew; decimal logarithm of loud (90 %) over quiet (10 %) envelopes,
 *   of the energy above 150 Hz over that below, of 65..150 Hz over 25..65 Hz; half the sign changes a second; peaks a second
 */
export function loudSounds(
  kept: usize,
  binSamples: i32,
  keep: i32,
  sampleRate: f64,
  context: i32,
  frameRate: f64,
  work: usize,
  output: usize,
): void {
  const bins = min(binCountOf(kept), keep);
  const before = binCountOf(kept) - bins;
  const most = <i32>floor((MOST_PER_SECOND * <f64>bins * <f64>binSamples) / sampleRate);
  const held = heldFrames(kept, context);
  const frames = lastFrames(kept, held);
  const first = frameCountOf(kept) - held;
  const peaks = work + 24 * keep;
  const count = loudestPeaks(kept, keep, most, work, peaks);
  const column = <usize>(8 * most);
  const columns = peaks + PEAK * most;
  for (let i = 0; i < count; i++) {
    const peak = peaks + PEAK * i;
    const to = columns + 8 * i;
    store<f64>(to, load<f64>(peak, 16));
    store<f64>(to + column, load<f64>(peak, 24));
    store<f64>(to + 2 * column, exactLogarithm10(load<f64>(peak, 8) + LEAST_ENERGY));
    const seconds = ((<f64>before + load<f64>(peak)) * <f64>binSamples) / sampleRate;
    const centre = <i32>floor(seconds * frameRate) - first;
    const from = max(0, centre - FRAMES_BEFORE);
    colour(frames, from, min(held, centre + FRAMES_AFTER + 1), to + 3 * column, column);
  }
  const spare = columns + <usize>COLUMNS * column;
  const msPerBin = <f64>(1000 * binSamples) / sampleRate;
  store<f64>(output, msPerBin * medianOf(columns, count, 0, spare));
  store<f64>(output, medianOf(columns + column, count, 1, spare), 8);
  store<f64>(output, spreadOf(columns + 2 * column, count, work, spare), 16);
  store<f64>(output, medianOf(columns + 3 * column, count, 0, spare), 24);
  store<f64>(output, medianOf(columns + 4 * column, count, 0, spare), 32);
  store<f64>(output, (medianOf(columns + 5 * column, count, 0, spare) * sampleRate) / 2, 40);
  store<f64>(output, <f64>count / max(1, (<f64>bins * msPerBin) / 1000), 48);
}

/** What a peak's frames say, a `column` apart. */
function colour(frames: usize, from: i32, to: i32, output: usize, column: usize): void {
  let low = LEAST_ENERGY;
  let mid = LEAST_ENERGY;
  let high = LEAST_ENERGY;
  let crossings = LEAST_ENERGY;
  for (let frame = frames + FRAME * from, end = frames + FRAME * to; frame < end; frame += FRAME) {
    low += load<f64>(frame, LOW);
    mid += load<f64>(frame, MID);
    high += load<f64>(frame, HIGH);
    crossings += load<f64>(frame, CROSSINGS);
  }
  store<f64>(output, exactLogarithm10(high / (low + mid)));
  store<f64>(output + column, exactLogarithm10(mid / low));
  store<f64>(output + 2 * column, crossings / <f64>max(1, to - from));
}

/** What nine in ten stay below less what one in ten does; 0 of none. */
function spreadOf(values: usize, count: i32, copy: usize, spare: usize): f64 {
  if (count === 0) return 0;
  memory.copy(copy, values, 8 * count);
  const loud = ranked(copy, count, nearestRank(0.9, count), spare);
  return loud - ranked(values, count, nearestRank(0.1, count), spare);
}

/**
 * The loudest peaks of the last bins, loudest first, none near another or the ends, and their shapes.
 *
 * @param most peaks
 * @param work room for `3 * keep` float64
 * @param output `[most][4]`: bin, envelope there, standard deviation in bins, skew
 * @returns how many there are
 */
function loudestPeaks(kept: usize, keep: i32, most: i32, work: usize, output: usize): i32 {
  const state = binsOf(kept);
  const end = load<i32>(state, 12);
  const length = min(end, keep);
  if (length === 0) return 0;
  const start = end - length;
  const bins = state + 16;
  const history = bins + 16 * keep;
  const isPeak = history + 16 * keep + start;
  const envelope = work;
  memory.copy(envelope, history + 8 * start, 8 * length);
  for (let n = 0; n < length; n = n === 1 && length > 4 ? length - 2 : n + 1) {
    store<f64>(envelope + 8 * n, smoothed(bins, start + n, start, end));
  }
  const values = work + 8 * keep;
  const places = values + 8 * keep;
  // It hardly changes from window to window.
  const quiet = rankedNear(envelope, length, nearestRank(FLOOR_SHARE, length), quietOf(kept), values);
  setQuiet(kept, quiet);

  let candidates = 0;
  for (let n = REACH; n < length - REACH; n++) {
    store<f64>(values + 8 * candidates, load<f64>(envelope + 8 * n));
    store<i32>(places + 4 * candidates, n);
    candidates += load<u8>(isPeak + n);
  }
  // The last block is filled up with what is never found.
  for (let i = 0; i < BLOCK; i++) store<f64>(values + 8 * (candidates + i), -1);
  const blocks = (candidates + BLOCK - 1) / BLOCK;
  const maxima = places + 4 * keep;
  for (let block = 0; block < blocks; block++) setMaximum(values, maxima, block);
  store<f64>(maxima + 8 * blocks, -1);
  let found = 0;
  let second: f64 = 0;
  for (; found < most; found++) {
    const loudest = largest(maxima, blocks);
    if (!(loudest >= 0) || (found >= 3 && loudest < LEAST_SHARE * second)) break;
    if (found === 1) second = loudest;
    const at = placeOf(loudest, values, BLOCK * placeOf(loudest, maxima, 0));
    const peak = load<i32>(places + 4 * at);
    let from = at;
    let to = at + 1;
    while (from > 0 && peak - load<i32>(places + 4 * from - 4) <= APART) from--;
    while (to < candidates && load<i32>(places + 4 * to) - peak <= APART) to++;
    for (let i = from; i < to; i++) store<f64>(values + 8 * i, -1);
    for (let block = from / BLOCK; BLOCK * block < to; block++) setMaximum(values, maxima, block);
    const row = output + PEAK * found;
    store<f64>(row, <f64>peak);
    store<f64>(row, loudest, 8);
    shape(envelope + 8 * peak, quiet, row + 16);
  }
  return found;
}

function setMaximum(values: usize, maxima: usize, block: i32): void {
  store<f64>(maxima + 8 * block, largest(values + 8 * BLOCK * block, BLOCK));
}

/** Where the first of its kind is, from `at` on; there must be one. */
function placeOf(value: f64, values: usize, at: i32): i32 {
  while (load<f64>(values + 8 * at) !== value) at++;
  return at;
}

/** Of an odd number, one more is looked at. */
function largest(values: usize, count: i32): f64 {
  let first = f64x2.splat(-1);
  let second = first;
  const end = values + 8 * count;
  for (; values + 16 < end; values += 32) {
    first = f64x2.pmax(first, v128.load(values));
    second = f64x2.pmax(second, v128.load(values, 16));
  }
  if (values < end) first = f64x2.pmax(first, v128.load(values));
  first = f64x2.pmax(first, second);
  return max(f64x2.extract_lane(first, 0), f64x2.extract_lane(first, 1));
}

/** Centre of gravity's spread and side of a peak's energy above the floor, in bins. */
function shape(peak: usize, floor: f64, output: usize): void {
  const floors = f64x2.splat(floor);
  const zero = f64x2.splat(0);
  let sides = zero;
  let moments = zero;
  for (let d = 1; d <= REACH; d++) {
    let both = v128.load64_lane(peak + 8 * d, v128.load64_zero(peak - 8 * d), 1);
    both = f64x2.pmax(zero, f64x2.sub(both, floors));
    sides = f64x2.add(sides, both);
    const turned = v128.shuffle<f64>(both, both, 1, 0);
    const distance = f64x2.splat(<f64>d);
    // What is later less what is earlier, and both together.
    let moment = v128.shuffle<f64>(f64x2.sub(turned, both), f64x2.add(turned, both), 0, 2);
    moment = f64x2.mul(moment, distance);
    moments = f64x2.add(moments, f64x2.mul(moment, f64x2.replace_lane(distance, 0, 1)));
  }
  const before = f64x2.extract_lane(sides, 0);
  const after = f64x2.extract_lane(sides, 1);
  const first = f64x2.extract_lane(moments, 0);
  const second = f64x2.extract_lane(moments, 1);
  const sum = LEAST_ENERGY + before + after + max(0, load<f64>(peak) - floor);
  const centre = first / sum;
  store<f64>(output, sqrt(max(0, second / sum - centre * centre)));
  store<f64>(output, (after - before) / sum, 8);
}
