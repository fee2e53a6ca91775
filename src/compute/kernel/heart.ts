/** Rhythm and heart states in envelopes: autocorrelation, the emissions' network. */
import { exponential64, logarithm64 } from './functions64';

/**
 * Adds products of each frame with those up to `lags - 1` before it.
 *
 * @param frames the first new one; those before it stand before it, zeros where there are none
 * @param lags a multiple of 8
 * @param products `[lags]` by lag, the longest first
 */
export function lagProducts(frames: usize, count: i32, lags: i32, products: usize): void {
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
 * Pearson's correlation of the frames of a context with those `lag` earlier, for every lag.
 *
 * @param frames all that the context and the longest lag before it need, oldest first
 * @param held how many they are
 * @param context index of the first of the context
 * @param products `[blocks][lags]`, of the context's blocks, the longest lag first; their sum is taken
 * @param lags even
 * @param leastPairs below so many pairs a correlation is 0
 * @param modulation squared share of the level that counts as no variation
 * @param work room for `2 * (held + 1)` float64
 * @param output `[lags]`, the shortest lag first
 */
export function correlate(
  frames: usize,
  held: i32,
  context: i32,
  products: usize,
  blocks: i32,
  lags: i32,
  leastPairs: i32,
  modulation: f64,
  work: usize,
  output: usize,
): void {
  const sums = work;
  const squares = work + 8 * (held + 1);
  let sum: f64 = 0;
  let square: f64 = 0;
  store<f64>(sums, 0);
  store<f64>(squares, 0);
  for (let n = 1; n <= held; n++) {
    const value = load<f64>(frames + 8 * (n - 1));
    sum += value;
    square += value * value;
    store<f64>(sums + 8 * n, sum);
    store<f64>(squares + 8 * n, square);
  }
  const total = f64x2.splat(sum);
  const totalOfSquares = f64x2.splat(square);
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
    const later = f64x2.sub(total, pair(sums, first, second));
    const laterSquares = f64x2.sub(totalOfSquares, pair(squares, first, second));
    const earlier = f64x2.sub(
      pair(sums, max(0, held - lag), max(0, held - shorter)),
      pair(sums, max(0, first - lag), max(0, second - shorter)),
    );
    const earlierSquares = f64x2.sub(
      pair(squares, max(0, held - lag), max(0, held - shorter)),
      pair(squares, max(0, first - lag), max(0, second - shorter)),
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

function pair(values: usize, a: i32, b: i32): v128 {
  return two(load<f64>(values + 8 * a), load<f64>(values + 8 * b));
}

const BANDS = 3;
const STATES = 4;
/** Context of a frame: each of the seven about it, and four means of three on either side. */
const NEAR = 3;
const FIRST_FAR = 5;
const LAST_FAR = 14;
const FAR_STEP = 3;

/**
 * Posteriors and scaled log-likelihoods of the four heart states, frame by frame, by a network of one hidden layer.
 *
 * @param rows `[rowCount][3]`, logarithms of energies; beyond their ends the first and the last stand in
 * @param first row of the first frame to be judged
 * @param scaling `[frames][2][3]`: of each frame, what is subtracted from its bands and what they are multiplied with
 * @param network `[inputs][hidden]` weights, `[hidden]` biases, `[hidden][4]` weights, `[4]` biases, `[4]` log priors
 * @param hidden a multiple of 8; units that do not exist have zeros
 * @param work room for `inputs + hidden` float64
 * @param output `[frames][2][4]`: posteriors, log-likelihoods
 */
export function heartStates(
  rows: usize,
  rowCount: i32,
  first: i32,
  frames: i32,
  scaling: usize,
  network: usize,
  inputs: i32,
  hidden: i32,
  likelihoodScale: f64,
  work: usize,
  output: usize,
): void {
  const hiddenBiases = network + 8 * inputs * hidden;
  const weights = hiddenBiases + 8 * hidden;
  const biases = weights + 32 * hidden;
  const units = work + 8 * inputs;
  const third: f64 = 1.0 / 3;
  for (let frame = 0; frame < frames; frame++, scaling += 8 * 2 * BANDS, output += 64) {
    const at = first + frame;
    for (let band = 0; band < BANDS; band++) {
      const column = rows + 8 * band;
      const mean = load<f64>(scaling + 8 * band);
      const factor = load<f64>(scaling + 8 * (BANDS + band));
      let to = work + 8 * band;
      for (let offset = -NEAR; offset <= NEAR; offset++, to += 8 * BANDS) {
        store<f64>(to, (valueAt(column, at + offset, rowCount) - mean) * factor);
      }
      for (let offset = FIRST_FAR; offset <= LAST_FAR; offset += FAR_STEP, to += 16 * BANDS) {
        store<f64>(to, (sumAbout(column, at + offset, rowCount) * third - mean) * factor);
        store<f64>(to + 8 * BANDS, (sumAbout(column, at - offset, rowCount) * third - mean) * factor);
      }
    }
    for (let unit = 0; unit < hidden; unit += 8) {
      let sum0 = v128.load(hiddenBiases + 8 * unit);
      let sum1 = v128.load(hiddenBiases + 8 * unit, 16);
      let sum2 = v128.load(hiddenBiases + 8 * unit, 32);
      let sum3 = v128.load(hiddenBiases + 8 * unit, 48);
      let weight = network + 8 * unit;
      for (let input = work; input < units; input += 8, weight += 8 * hidden) {
        const x = v128.load64_splat(input);
        sum0 = f64x2.add(sum0, f64x2.mul(v128.load(weight), x));
        sum1 = f64x2.add(sum1, f64x2.mul(v128.load(weight, 16), x));
        sum2 = f64x2.add(sum2, f64x2.mul(v128.load(weight, 32), x));
        sum3 = f64x2.add(sum3, f64x2.mul(v128.load(weight, 48), x));
      }
      const zero = f64x2.splat(0);
      v128.store(units + 8 * unit, f64x2.max(zero, sum0));
      v128.store(units + 8 * unit, f64x2.max(zero, sum1), 16);
      v128.store(units + 8 * unit, f64x2.max(zero, sum2), 32);
      v128.store(units + 8 * unit, f64x2.max(zero, sum3), 48);
    }
    let a = v128.load(biases);
    let b = v128.load(biases, 16);
    for (let unit = 0; unit < hidden; unit++) {
      const x = v128.load64_splat(units + 8 * unit);
      a = f64x2.add(a, f64x2.mul(v128.load(weights + 32 * unit), x));
      b = f64x2.add(b, f64x2.mul(v128.load(weights + 32 * unit, 16), x));
    }
    softmax(a, b, biases + 8 * STATES, likelihoodScale, output);
  }
}

function softmax(a: v128, b: v128, logPriors: usize, likelihoodScale: f64, output: usize): void {
  const most = f64x2.max(a, b);
  const largest = max(f64x2.extract_lane(most, 0), f64x2.extract_lane(most, 1));
  const ea = exponential64(f64x2.sub(a, f64x2.splat(largest)));
  const eb = exponential64(f64x2.sub(b, f64x2.splat(largest)));
  const sums = f64x2.add(ea, eb);
  const total = f64x2.splat(f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1));
  const logTotal = f64x2.add(f64x2.splat(largest), logarithm64(total));
  const factor = f64x2.splat(likelihoodScale);
  v128.store(output, f64x2.div(ea, total));
  v128.store(output, f64x2.div(eb, total), 16);
  v128.store(output, f64x2.mul(factor, f64x2.sub(f64x2.sub(a, logTotal), v128.load(logPriors))), 32);
  v128.store(output, f64x2.mul(factor, f64x2.sub(f64x2.sub(b, logTotal), v128.load(logPriors, 16))), 48);
}

function valueAt(column: usize, row: i32, rowCount: i32): f64 {
  return load<f64>(column + 8 * BANDS * max(0, min(rowCount - 1, row)));
}

function sumAbout(column: usize, row: i32, rowCount: i32): f64 {
  return (
    valueAt(column, row - 1, rowCount) + valueAt(column, row, rowCount) + valueAt(column, row + 1, rowCount)
  );
}
