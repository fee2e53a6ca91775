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
 * @param work room for `2 * (inputs + hidden)` float64
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
  const units = work + 16 * inputs;
  const zero = f64x2.splat(0);
  // Two frames together, so that no sum waits for itself; the last of an odd number keeps itself company.
  for (let frame = 0; frame < frames; frame += 2) {
    const beside = min(1, frames - 1 - frame);
    gather(rows, rowCount, first + frame, scaling, work);
    gather(rows, rowCount, first + frame + beside, scaling + 8 * 2 * BANDS * beside, work + 8);
    for (let unit = 0; unit < hidden; unit += 8) {
      let sum0 = v128.load(hiddenBiases + 8 * unit);
      let sum1 = v128.load(hiddenBiases + 8 * unit, 16);
      let sum2 = v128.load(hiddenBiases + 8 * unit, 32);
      let sum3 = v128.load(hiddenBiases + 8 * unit, 48);
      let sum4 = sum0;
      let sum5 = sum1;
      let sum6 = sum2;
      let sum7 = sum3;
      let weight = network + 8 * unit;
      for (let input = work; input < units; input += 16, weight += 8 * hidden) {
        const x = v128.load64_splat(input);
        const y = v128.load64_splat(input, 8);
        const w0 = v128.load(weight);
        const w1 = v128.load(weight, 16);
        const w2 = v128.load(weight, 32);
        const w3 = v128.load(weight, 48);
        sum0 = f64x2.add(sum0, f64x2.mul(w0, x));
        sum1 = f64x2.add(sum1, f64x2.mul(w1, x));
        sum2 = f64x2.add(sum2, f64x2.mul(w2, x));
        sum3 = f64x2.add(sum3, f64x2.mul(w3, x));
        sum4 = f64x2.add(sum4, f64x2.mul(w0, y));
        sum5 = f64x2.add(sum5, f64x2.mul(w1, y));
        sum6 = f64x2.add(sum6, f64x2.mul(w2, y));
        sum7 = f64x2.add(sum7, f64x2.mul(w3, y));
      }
      const to = units + 8 * unit;
      v128.store(to, f64x2.max(zero, sum0));
      v128.store(to, f64x2.max(zero, sum1), 16);
      v128.store(to, f64x2.max(zero, sum2), 32);
      v128.store(to, f64x2.max(zero, sum3), 48);
      v128.store(to + 8 * hidden, f64x2.max(zero, sum4));
      v128.store(to + 8 * hidden, f64x2.max(zero, sum5), 16);
      v128.store(to + 8 * hidden, f64x2.max(zero, sum6), 32);
      v128.store(to + 8 * hidden, f64x2.max(zero, sum7), 48);
    }
    let a = v128.load(biases);
    let b = v128.load(biases, 16);
    let c = a;
    let d = b;
    for (let unit = 0; unit < hidden; unit++) {
      const x = v128.load64_splat(units + 8 * unit);
      const y = v128.load64_splat(units + 8 * (hidden + unit));
      const w0 = v128.load(weights + 32 * unit);
      const w1 = v128.load(weights + 32 * unit, 16);
      a = f64x2.add(a, f64x2.mul(w0, x));
      b = f64x2.add(b, f64x2.mul(w1, x));
      c = f64x2.add(c, f64x2.mul(w0, y));
      d = f64x2.add(d, f64x2.mul(w1, y));
    }
    softmax(a, b, biases + 8 * STATES, likelihoodScale, output);
    if (beside !== 0) softmax(c, d, biases + 8 * STATES, likelihoodScale, output + 64);
    scaling += 16 * 2 * BANDS;
    output += 128;
  }
}

/** Inputs of the frame at row `at`, every second float64 from `to` on. */
function gather(rows: usize, rowCount: i32, at: i32, scaling: usize, to: usize): void {
  const third: f64 = 1.0 / 3;
  if (at > LAST_FAR && at + LAST_FAR + 1 < rowCount) {
    gatherWithin(rows + 8 * BANDS * at, scaling, to);
    return;
  }
  for (let band = 0; band < BANDS; band++, to += 16) {
    const column = rows + 8 * band;
    const mean = load<f64>(scaling + 8 * band);
    const factor = load<f64>(scaling + 8 * (BANDS + band));
    let input = to;
    for (let offset = -NEAR; offset <= NEAR; offset++, input += 16 * BANDS) {
      store<f64>(input, (valueAt(column, at + offset, rowCount) - mean) * factor);
    }
    for (let offset = FIRST_FAR; offset <= LAST_FAR; offset += FAR_STEP, input += 32 * BANDS) {
      store<f64>(input, (sumAbout(column, at + offset, rowCount) * third - mean) * factor);
      store<f64>(input + 16 * BANDS, (sumAbout(column, at - offset, rowCount) * third - mean) * factor);
    }
  }
}

/** The same of a frame that all its context is known of, at `row`: the two lower bands side by side. */
function gatherWithin(row: usize, scaling: usize, to: usize): void {
  const third: f64 = 1.0 / 3;
  const thirds = f64x2.splat(third);
  const means = v128.load(scaling);
  const factors = v128.load(scaling, 8 * BANDS);
  const mean = load<f64>(scaling, 16);
  const factor = load<f64>(scaling, 8 * BANDS + 16);
  const step = 8 * BANDS;
  for (let at = row - NEAR * step, end = row + NEAR * step; at <= end; at += step, to += 2 * step) {
    put(to, f64x2.mul(f64x2.sub(v128.load(at), means), factors), (load<f64>(at, 16) - mean) * factor);
  }
  for (let far = FIRST_FAR * step; far <= LAST_FAR * step; far += FAR_STEP * step) {
    for (let side = 0; side < 2; side++, to += 2 * step) {
      const at = side === 0 ? row + far : row - far;
      const sums = f64x2.add(f64x2.add(v128.load(at - step), v128.load(at)), v128.load(at + step));
      const sum = load<f64>(at - step + 16) + load<f64>(at + 16) + load<f64>(at + step + 16);
      put(to, f64x2.mul(f64x2.sub(f64x2.mul(sums, thirds), means), factors), (sum * third - mean) * factor);
    }
  }
}

/** A row of three, every second float64. */
function put(to: usize, pair: v128, third: f64): void {
  v128.store64_lane(to, pair, 0);
  v128.store64_lane(to, pair, 1, 16);
  store<f64>(to, third, 32);
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
