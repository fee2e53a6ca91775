/** Rhythm in envelopes: their autocorrelation. */

/**
 * Takes new frames of several bands, and adds products of each with those up to `lags - 1` before it.
 *
 * @param values the new frames of the first band, `step` bytes before those of the next
 * @param frames where they are put: those before them stand before, zeros where there are none
 * @param products `[lags]` by lag, the longest first
 * @param stride bytes from a band's frames to those of the next, and from its products
 * @param lags a multiple of 8
 */
export function lagProducts(
  values: usize,
  step: usize,
  frames: usize,
  products: usize,
  bands: i32,
  stride: usize,
  count: i32,
  lags: i32,
): void {
  for (; bands > 0; bands--, values += step, frames += stride, products += stride) {
    memory.copy(frames, values, 8 * count);
    addLagProducts(frames, count, lags, products);
  }
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
 * Pearson's correlation of the frames of a context with those `lag` earlier, for every lag, of several bands.
 *
 * @param frames all that the context and the longest lag before it need, oldest first
 * @param products `[blocks][lags]`, of the context's blocks, the longest lag first; their sum is taken
 * @param stride bytes from a band's frames to those of the next, and from its products
 * @param held how many frames they are
 * @param context index of the first of the context
 * @param lags even
 * @param leastPairs below so many pairs a correlation is 0
 * @param modulation squared share of the level that counts as no variation
 * @param work room for `6 * (held + 1)` float64
 * @param output `[bands][lags]`, the shortest lag first
 */
export function correlate(
  frames: usize,
  products: usize,
  bands: i32,
  stride: usize,
  held: i32,
  context: i32,
  blocks: i32,
  lags: i32,
  leastPairs: i32,
  modulation: f64,
  work: usize,
  output: usize,
): void {
  const sums = 16 * (held + 1);
  for (let band = 0; band < bands; band += 3) {
    const last = bands - 1 - band;
    // Three together, as no sum can begin before the one before it ends; where there are fewer, the last again.
    const second = stride * min(1, last);
    const third = stride * min(2, last);
    runningSums(frames, frames + second, frames + third, held, work);
    for (let each = 0; each <= min(2, last); each++) {
      correlateBand(
        work + sums * each,
        products,
        held,
        context,
        blocks,
        lags,
        leastPairs,
        modulation,
        output,
      );
      products += stride;
      output += 8 * lags;
    }
    frames += 3 * stride;
  }
}

/** Sums of the first 0, 1, … frames of three bands and of their squares, side by side: `[3][held + 1][2]`. */
function runningSums(first: usize, second: usize, third: usize, held: i32, work: usize): void {
  const ones = f64x2.splat(1);
  const step = 16 * (held + 1);
  let sum0 = f64x2.splat(0);
  let sum1 = sum0;
  let sum2 = sum0;
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

function correlateBand(
  sums: usize,
  products: usize,
  held: i32,
  context: i32,
  blocks: i32,
  lags: i32,
  leastPairs: i32,
  modulation: f64,
  output: usize,
): void {
  const all = v128.load(sums + 16 * held);
  const total = v128.shuffle<f64>(all, all, 0, 0);
  const totalOfSquares = v128.shuffle<f64>(all, all, 1, 1);
  // Two lags at a time, a longer one and the next shorter.
  for (let j = 0; j < lags; j += 2) {
    const lag = lags - 1 - j;
    const shorter = lag - 1;
    // What there is too little of is read somewhere, and not believed below.
    const first = min(held, max(context, lag));
    const second = min(held, max(context, shorter));
    let product = f64x2.splat(0);
    for (let row = products + 8 * j, stop = row + 8 * lags * blocks; row < stop; row += 8 * lags) {
      product = f64x2.add(product, v128.load(row));
    }
    const pairs = two(<f64>(held - first), <f64>(held - second));
    const share = f64x2.div(f64x2.splat(1), pairs);
    const lateOne = v128.load(sums + 16 * first);
    const lateOther = v128.load(sums + 16 * second);
    const later = f64x2.sub(total, v128.shuffle<f64>(lateOne, lateOther, 0, 2));
    const laterSquares = f64x2.sub(totalOfSquares, v128.shuffle<f64>(lateOne, lateOther, 1, 3));
    const endOne = v128.load(sums + 16 * max(0, held - lag));
    const endOther = v128.load(sums + 16 * max(0, held - shorter));
    const beginOne = v128.load(sums + 16 * max(0, first - lag));
    const beginOther = v128.load(sums + 16 * max(0, second - shorter));
    const earlier = f64x2.sub(
      v128.shuffle<f64>(endOne, endOther, 0, 2),
      v128.shuffle<f64>(beginOne, beginOther, 0, 2),
    );
    const earlierSquares = f64x2.sub(
      v128.shuffle<f64>(endOne, endOther, 1, 3),
      v128.shuffle<f64>(beginOne, beginOther, 1, 3),
    );
    const laterVariance = f64x2.sub(laterSquares, f64x2.mul(f64x2.mul(later, later), share));
    const earlierVariance = f64x2.sub(earlierSquares, f64x2.mul(f64x2.mul(earlier, earlier), share));
    const variance = f64x2.max(f64x2.splat(0), f64x2.mul(laterVariance, earlierVariance));
    const scale = f64x2.add(f64x2.sqrt(variance), f64x2.mul(f64x2.splat(modulation), laterSquares));
    let r = f64x2.div(f64x2.sub(product, f64x2.mul(f64x2.mul(later, earlier), share)), scale);
    r = f64x2.max(f64x2.splat(-1), f64x2.min(f64x2.splat(1), r));
    const known = v128.and(f64x2.gt(scale, f64x2.splat(0)), f64x2.ge(pairs, f64x2.splat(<f64>leastPairs)));
    r = v128.and(r, known);
    store<f64>(output + 8 * lag, f64x2.extract_lane(r, 0));
    store<f64>(output + 8 * shorter, f64x2.extract_lane(r, 1));
  }
}

function two(a: f64, b: f64): v128 {
  return f64x2.replace_lane(f64x2.splat(a), 1, b);
}
