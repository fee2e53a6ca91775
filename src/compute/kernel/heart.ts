/** Rhythm in envelopes of three bands: their autocorrelation, and the beat in it. */
import { findBeat } from './beat';

const BANDS = 3;
/** Numbers of the state before its bands: two int32, and one that is not used. */
const HEADER = 2;

/**
 * Takes frames: fourth roots of their energies, so that a knock does not outweigh the beats, and sums of products of each with
 * those up to `lags - 1` before it. Products are summed by block, so that old ones leave exactly, without rounding drift.
 *
 * State: int32 `known`, frames of the stretch, 0 where it is new, and `end`; one number more; then by band `[blocks][lags]`, sums of
 * products of the frames in a block, the longest lag first, and frames up to `end`, the newest last, moved to the front where
 * they are full, so that no run is cut in two.
 *
 * @param frames three energies first in rows of `rowBytes` bytes
 * @param lags a multiple of 8
 */
export function takeEnvelopes(
  frames: usize,
  count: i32,
  rowBytes: usize,
  state: usize,
  blocks: i32,
  blockFrames: i32,
  lags: i32,
): void {
  const keep = blocks * blockFrames + lags - 1;
  const stride: usize = 8 * (blocks * lags + 2 * keep);
  const bands = state + 8 * HEADER;
  let known = load<i32>(state);
  let end = load<i32>(state, 4);
  if (known === 0) {
    end = lags - 1;
    for (let band = 0; band < BANDS; band++) memory.fill(bands + stride * band, 0, 8 * (blocks * lags + end));
  }
  while (count > 0) {
    const some = min(count, blockFrames - (known % blockFrames));
    const row = bands + 8 * lags * ((known / blockFrames) % blocks);
    const isFull = end + some > 2 * keep;
    const from = isFull ? keep : end;
    for (let band = 0; band < BANDS; band++) {
      const history = bands + stride * band + 8 * blocks * lags;
      const products = row + stride * band;
      if (isFull) memory.copy(history, history + 8 * (end - keep), 8 * keep);
      if (known % blockFrames === 0) memory.fill(products, 0, 8 * lags);
      const to = history + 8 * from;
      for (let i = 0; i < some; i++) {
        store<f64>(to + 8 * i, sqrt(sqrt(load<f64>(frames + rowBytes * i + 8 * band))));
      }
      addLagProducts(to, some, lags, products);
    }
    end = from + some;
    known += some;
    count -= some;
    frames += rowBytes * some;
  }
  store<i32>(state, known);
  store<i32>(state, end, 4);
}

function addLagProducts(frames: usize, count: i32, lags: i32, products: usize): void {
  const end = frames + 8 * count;
  let earlier = frames - 8 * (lags - 1);
  for (const stop = products + 8 * lags; products < stop; products += 64, earlier += 64) {
    let sum0 = v128.load(products);
    let sum1 = v128.load(products, 16);
    let sum2 = v128.load(products, 32);
    let sum3 = v128.load(products, 48);
    for (let at = frames, from = earlier; at < end; at += 8, from += 8) {
      const value = v128.load64_splat(at);
      sum0 = f64x2.add(sum0, f64x2.mul(value, v128.load(from)));
      sum1 = f64x2.add(sum1, f64x2.mul(value, v128.load(from, 16)));
      sum2 = f64x2.add(sum2, f64x2.mul(value, v128.load(from, 32)));
      sum3 = f64x2.add(sum3, f64x2.mul(value, v128.load(from, 48)));
    }
    v128.store(products, sum0);
    v128.store(products, sum1, 16);
    v128.store(products, sum2, 32);
    v128.store(products, sum3, 48);
  }
}

/**
 * The beat of the last `blocks` blocks, the newest of which may have begun only: see `findBeat`. Each correlation is Pearson's,
 * of the frames of this context with those `lag` earlier.
 *
 * @param state as `takeEnvelopes` leaves it
 * @param leastPairs below so many pairs, 1 or more, a correlation is 0
 * @param modulation squared share of the level that counts as no variation
 * @param shortest lag that is a beat, and `longest`: at most `lags - 3`
 * @param preferences `[lags]`, what a lag has to show more than others
 * @param isWhole whether all lags of the highest band are asked for; otherwise only that of the beat
 * @param work room for `6 * ((blocks * blockFrames + lags) + 1)` float64
 * @param output `[4][lags]` correlations, the shortest lag first: low, mid, high, mean of low and mid; then `[8]` of the beat
 * @returns the lag of the beat, 0 where none stands out
 */
export function rhythmBeat(
  state: usize,
  blocks: i32,
  blockFrames: i32,
  lags: i32,
  leastPairs: i32,
  modulation: f64,
  shortest: i32,
  longest: i32,
  preferences: usize,
  isWhole: bool,
  work: usize,
  output: usize,
): i32 {
  const keep = blocks * blockFrames + lags - 1;
  const stride: usize = 8 * (blocks * lags + 2 * keep);
  const products = state + 8 * HEADER;
  const known = load<i32>(state);
  const contextStart = max(0, (known + blockFrames - 1) / blockFrames - blocks) * blockFrames;
  const oldest = max(0, contextStart - (lags - 1));
  const held = known - oldest;
  const context = contextStart - oldest;
  const frames = products + 8 * (blocks * lags + load<i32>(state, 4) - held);
  runningSums(frames, frames + stride, frames + 2 * stride, held, work);
  const sums = 16 * (held + 1);
  const high = output + 16 * lags;
  for (let band = 0; band < 2; band++) {
    correlateBand(
      work + sums * band,
      products + stride * band,
      held,
      context,
      blocks,
      lags,
      leastPairs,
      modulation,
      lags - 1,
      1,
      output + 8 * lags * band,
    );
  }
  const found = output + 32 * lags;
  const lag = findBeat(output, lags, shortest, longest, preferences, found);
  if (isWhole || lag !== 0) {
    // Lags go in twos, an odd one and the next shorter.
    correlateBand(
      work + 2 * sums,
      products + 2 * stride,
      held,
      context,
      blocks,
      lags,
      leastPairs,
      modulation,
      isWhole ? lags - 1 : lag | 1,
      isWhole ? 1 : lag | 1,
      high,
    );
  }
  if (lag !== 0) store<f64>(found, load<f64>(high + 8 * lag), 32);
  return lag;
}

/** Sums of the first 0, 1, … frames of three bands and of their squares, side by side: `[3][held + 1][2]`. */
function runningSums(first: usize, second: usize, third: usize, held: i32, work: usize): void {
  const ones = f64x2.splat(1);
  const step = 16 * (held + 1);
  let sum0 = f64x2.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
  // Three together, as no sum can begin before the one before it ends.
  for (let n = 0; ; n++, work += 16, first += 8, second += 8, third += 8) {
    v128.store(work, sum0);
    v128.store(work + step, sum1);
    v128.store(work + 2 * step, sum2);
    if (n === held) break;
    // A number and its square.
    sum0 = f64x2.add(sum0, f64x2.mul(v128.load64_splat(first), v128.load64_lane(first, ones, 1)));
    sum1 = f64x2.add(sum1, f64x2.mul(v128.load64_splat(second), v128.load64_lane(second, ones, 1)));
    sum2 = f64x2.add(sum2, f64x2.mul(v128.load64_splat(third), v128.load64_lane(third, ones, 1)));
  }
}

/**
 * Correlations of one band at the lags from `longest` down to `shortest - 1`, both odd: two at a time, a longer one and the next
 * shorter.
 *
 * @param sums of `held + 1`, see `runningSums`
 * @param products `[blocks][lags]`, the longest lag first; their sum is taken
 * @param held frames that the context and the longest lag before it need
 * @param context index of the first of the context among them
 * @param output `[lags]`
 */
function correlateBand(
  sums: usize,
  products: usize,
  held: i32,
  context: i32,
  blocks: i32,
  lags: i32,
  leastPairs: i32,
  modulation: f64,
  longest: i32,
  shortest: i32,
  output: usize,
): void {
  const zero = f64x2.splat(0);
  const all = v128.load(sums + 16 * held);
  const total = v128.shuffle<f64>(all, all, 0, 0);
  const totalOfSquares = v128.shuffle<f64>(all, all, 1, 1);
  let lag = longest;
  for (; lag >= shortest && held - max(context, lag - 1) < leastPairs; lag -= 2) {
    v128.store(output + 8 * (lag - 1), zero);
  }
  let pairs = zero;
  let share = zero;
  let later = zero;
  let laterSquares = zero;
  let laterVariance = zero;
  let level = zero;
  for (let isSame = false; lag >= shortest; lag -= 2) {
    const shorter = lag - 1;
    let earlier = v128.shuffle<f64>(
      v128.load(sums + 16 * (held - lag)),
      v128.load(sums + 16 * (held - shorter)),
      0,
      2,
    );
    let earlierSquares = v128.shuffle<f64>(
      v128.load(sums + 16 * (held - lag)),
      v128.load(sums + 16 * (held - shorter)),
      1,
      3,
    );
    if (!isSame) {
      // Lags that reach behind the first frame begin later; what all others begin with is computed once, which halves the time.
      const first = max(context, lag);
      const second = max(context, shorter);
      const lateOne = v128.load(sums + 16 * first);
      const lateOther = v128.load(sums + 16 * second);
      pairs = two(<f64>(held - first), <f64>(held - second));
      share = f64x2.div(f64x2.splat(1), pairs);
      later = f64x2.sub(total, v128.shuffle<f64>(lateOne, lateOther, 0, 2));
      laterSquares = f64x2.sub(totalOfSquares, v128.shuffle<f64>(lateOne, lateOther, 1, 3));
      laterVariance = f64x2.sub(laterSquares, f64x2.mul(f64x2.mul(later, later), share));
      level = f64x2.mul(f64x2.splat(modulation), laterSquares);
      isSame = lag <= context;
    }
    if (isSame) {
      const beginOne = v128.load(sums + 16 * (context - lag));
      const beginOther = v128.load(sums + 16 * (context - shorter));
      earlier = f64x2.sub(earlier, v128.shuffle<f64>(beginOne, beginOther, 0, 2));
      earlierSquares = f64x2.sub(earlierSquares, v128.shuffle<f64>(beginOne, beginOther, 1, 3));
    }
    let product = zero;
    const column = products + 8 * (lags - 1 - lag);
    for (let row = column, stop = row + 8 * lags * blocks; row < stop; row += 8 * lags) {
      product = f64x2.add(product, v128.load(row));
    }
    const earlierVariance = f64x2.sub(earlierSquares, f64x2.mul(f64x2.mul(earlier, earlier), share));
    const variance = f64x2.max(zero, f64x2.mul(laterVariance, earlierVariance));
    const scale = f64x2.add(f64x2.sqrt(variance), level);
    let r = f64x2.div(f64x2.sub(product, f64x2.mul(f64x2.mul(later, earlier), share)), scale);
    r = f64x2.max(f64x2.splat(-1), f64x2.min(f64x2.splat(1), r));
    const known = v128.and(f64x2.gt(scale, zero), f64x2.ge(pairs, f64x2.splat(<f64>leastPairs)));
    r = v128.and(r, known);
    v128.store(output + 8 * shorter, v128.shuffle<f64>(r, r, 1, 0));
  }
}

function two(a: f64, b: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(a), 1, b);
}
