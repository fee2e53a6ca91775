/** The heart's cycle: how long its states last, and the forward pass of Viterbi's algorithm over them. */
import { exponential64, logarithm64 } from './functions64';

const STATES = 4;

/**
 * Log-probabilities of a state's durations: a normal distribution cut off, and a share that follows no rule.
 *
 * @param mean and deviation, in frames
 * @param room of a row; even
 * @param table `[room]`, the duration of `room` frames first and of one frame last
 * @param survivals `[room]`, of lasting at least so long, in the same order
 */
export function durationTable(
  mean: f64,
  deviation: f64,
  shortest: i32,
  longest: i32,
  room: i32,
  unruly: f64,
  table: usize,
  survivals: usize,
): void {
  let total: f64 = 0;
  // What is longer does not come.
  const begin = (room - longest) & ~1;
  for (let at = begin; at <= room - shortest; at += 2) {
    const longer = f64x2.div(
      f64x2.sub(
        f64x2.replace_lane(f64x2.splat(<f64>(room - at)), 1, <f64>(room - at - 1)),
        f64x2.splat(mean),
      ),
      f64x2.splat(deviation),
    );
    v128.store(table + 8 * at, exponential64(f64x2.mul(f64x2.splat(-0.5), f64x2.mul(longer, longer))));
  }
  for (let d = shortest; d <= longest; d++) total += load<f64>(table + 8 * (room - d));
  const ruly = (1 - unruly) / max(total, 1e-12);
  const rest = unruly / <f64>(longest - shortest + 1);
  let survival: f64 = 0;
  for (let at = 0; at < begin; at += 2) {
    v128.store(table + 8 * at, f64x2.splat(-Infinity));
    v128.store(survivals + 8 * at, f64x2.splat(-Infinity));
  }
  for (let d = room - begin; d >= 1; d--) {
    const at = 8 * (room - d);
    const p = d < shortest || d > longest ? 0 : ruly * load<f64>(table + at) + rest;
    survival += p;
    store<f64>(table + at, p);
    store<f64>(survivals + at, survival);
  }
  for (let at: usize = 8 * begin; at < 8 * <usize>room; at += 16) {
    v128.store(table + at, logarithm64(v128.load(table + at)));
    v128.store(survivals + at, logarithm64(v128.load(survivals + at)));
  }
}

/**
 * The forward pass of a semi-Markov chain of four states that follow each other, frame by frame.
 *
 * @param logLikelihoods of each frame, `[frames][8]`, of which the last four are taken
 * @param before frames of the stretch before these
 * @param tables `[4][2][room]`, by state: log-probabilities of its durations, then of lasting at least so long, the longest
 *   first; see durationTable
 * @param longest int32 `[4]`, the longest duration of each state, at most `room`
 * @param sums `[4]`, of all log-likelihoods so far, taken and left behind
 * @param entries by state, `row` bytes from one to the next: of each of the last `room` frames' ends, the best score of a path that
 *   enters the state there, less `sums` of the state; minus infinity for the beginning and what lies before. New ones are
 *   written behind them.
 * @param lengths `[history][4]` of uint8, a ring: how long the state lasts that is likeliest to end with the frame, in the row
 *   after the frame's
 * @param history rows of the ring
 */
export function likeliestPaths(
  logLikelihoods: usize,
  frames: i32,
  before: i32,
  tables: usize,
  room: i32,
  longest: usize,
  sums: usize,
  entries: usize,
  row: usize,
  lengths: usize,
  history: i32,
): void {
  const firstPlaces = f64x2.replace_lane(f64x2.splat(1), 1, 2);
  const step = f64x2.splat(2);
  for (let frame = 0; frame < frames; frame++, logLikelihoods += 64) {
    const t = before + frame + 1;
    const found = lengths + STATES * (t % history);
    for (let state = 0; state < STATES; state++) {
      const sum = sums + 8 * state;
      store<f64>(sum, load<f64>(sum) + load<f64>(logLikelihoods + 8 * (STATES + state)));
    }
    for (let state = 0; state < STATES; state++) {
      const table = tables + 16 * room * state;
      const window = entries + row * state + 8 * frame;
      const most = load<i32>(longest + 4 * state);
      const begin = (room - most) & ~1;
      // Two by two, so that one comparison does not wait for the one before. Where each is highest is kept without a branch, which
      // no processor foresees: a third less time than to look for the highest afterwards.
      let best = f64x2.splat(-Infinity);
      let beside = best;
      let place = f64x2.splat(0);
      let placeBeside = place;
      let places = f64x2.add(f64x2.splat(<f64>begin), firstPlaces);
      let at: usize = 8 * begin;
      for (; at + 16 < 8 * <usize>room; at += 32) {
        const score = f64x2.add(v128.load(window + at), v128.load(table + at));
        place = f64x2.pmax(place, v128.and(places, f64x2.ge(score, best)));
        best = f64x2.pmax(best, score);
        places = f64x2.add(places, step);
        const other = f64x2.add(v128.load(window + at, 16), v128.load(table + at, 16));
        placeBeside = f64x2.pmax(placeBeside, v128.and(places, f64x2.ge(other, beside)));
        beside = f64x2.pmax(beside, other);
        places = f64x2.add(places, step);
      }
      if (at < 8 * <usize>room) {
        const score = f64x2.add(v128.load(window + at), v128.load(table + at));
        place = f64x2.pmax(place, v128.and(places, f64x2.ge(score, best)));
        best = f64x2.pmax(best, score);
      }
      const both = f64x2.pmax(best, beside);
      let highest = max(f64x2.extract_lane(both, 0), f64x2.extract_lane(both, 1));
      // Of durations that score alike, the shortest, which stands last.
      place = v128.and(place, f64x2.eq(best, f64x2.splat(highest)));
      placeBeside = v128.and(placeBeside, f64x2.eq(beside, f64x2.splat(highest)));
      const last = f64x2.pmax(place, placeBeside);
      let length = room + 1 - <i32>max(f64x2.extract_lane(last, 0), f64x2.extract_lane(last, 1));
      // The first segment may have begun before the stretch did.
      if (t <= most) {
        const whole = load<f64>(table + 8 * (2 * room - t));
        if (whole > highest) {
          highest = whole;
          length = t;
        }
      }
      store<u8>(found + state, <u8>length);
      const next = (state + 1) & (STATES - 1);
      const entered = highest + load<f64>(sums + 8 * state) - load<f64>(sums + 8 * next);
      store<f64>(entries + row * next + 8 * (room + frame), entered);
    }
  }
}
