/** Heart states in envelopes: the network that tells them, frame by frame. */
import { exponential64, logarithm64 } from './functions64';
import { exactLogarithm } from './logarithms64';

const BANDS = 3;
const STATES = 4;
/** Context of a frame: each of the seven about it, and four means of three on either side. */
const NEAR = 3;
const FIRST_FAR = 5;
const LAST_FAR = 14;
const FAR_STEP = 3;
/** Float64 of the state before its history: three sums, three sums of squares, four int32. */
const STATE_LENGTH = 8;
const LEAST_VARIANCE: f64 = 1e-4;

/**
 * Takes frames of three energies, and judges those that can then be judged: see heartStates. What a frame is measured
 * against are mean and deviation of the last `reference` frames, as they are known at that moment.
 *
 * State: float64 `sums[3]` and `squares[3]` of the reference; int32 `seen`, frames of the stretch, `judged`, and `oldest`, with
 * which the history begins; one number more; float64 `history[2 * reference][3]`, logarithms of energies.
 *
 * @param frames the energies first in rows of `rowBytes` bytes
 * @param leastEnergy that a logarithm is taken of
 * @param leastFrames that must be known before the first is judged
 * @param lookAhead frames that must follow the one judged
 * @param scaling room for `[count + leastFrames][2][3]`
 * @param output `[frames judged][2][4]`, at most `count + leastFrames`, and at the end of a stretch at most as many as are left
 * @returns how many frames were judged
 */
export function judgeFrames(
  frames: usize,
  count: i32,
  rowBytes: usize,
  state: usize,
  reference: i32,
  leastEnergy: f64,
  leastFrames: i32,
  lookAhead: i32,
  scaling: usize,
  network: usize,
  inputs: i32,
  hidden: i32,
  likelihoodScale: f64,
  work: usize,
  output: usize,
): i32 {
  const history = state + 8 * STATE_LENGTH;
  let seen = load<i32>(state, 48);
  let judged = load<i32>(state, 52);
  let oldest = load<i32>(state, 56);
  const judgedBefore = judged;
  let waiting = 0;
  for (const end = frames + rowBytes * count; ; frames += rowBytes) {
    if (seen >= leastFrames) {
      for (; judged + waiting + lookAhead < seen; waiting++) {
        measure(state, min(seen, reference), scaling + 16 * BANDS * waiting);
      }
    }
    const isFull = seen - oldest === 2 * reference;
    if (isFull || frames === end) {
      const to = output + 64 * (judged - judgedBefore);
      const first = judged - oldest;
      const known = seen - oldest;
      heartStates(
        history,
        known,
        first,
        waiting,
        scaling,
        network,
        inputs,
        hidden,
        likelihoodScale,
        work,
        to,
      );
      judged += waiting;
      waiting = 0;
    }
    if (frames === end) break;
    if (isFull) {
      const dropped = reference - 1;
      memory.copy(history, history + 8 * BANDS * dropped, 8 * BANDS * (seen - oldest - dropped));
      oldest += dropped;
    }
    append(
      frames,
      state,
      history + 8 * BANDS * (seen - oldest),
      seen < reference ? 0 : reference,
      leastEnergy,
    );
    seen++;
  }
  store<i32>(state, seen, 48);
  store<i32>(state, judged, 52);
  store<i32>(state, oldest, 56);
  return judged - judgedBefore;
}

/** One frame's logarithms, at `to`; those `reference` frames before leave the sums, if any. */
function append(frame: usize, state: usize, to: usize, reference: i32, leastEnergy: f64): void {
  for (let band = 0; band < BANDS; band++, frame += 8, to += 8, state += 8) {
    const value = exactLogarithm(max(leastEnergy, load<f64>(frame)));
    store<f64>(to, value);
    let sum = load<f64>(state) + value;
    let square = load<f64>(state, 8 * BANDS) + value * value;
    if (reference > 0) {
      const old = load<f64>(to - 8 * BANDS * reference);
      sum -= old;
      square -= old * old;
    }
    store<f64>(state, sum);
    store<f64>(state, square, 8 * BANDS);
  }
}

/** What a frame's bands are measured against: what is subtracted, and what is multiplied with then. */
function measure(state: usize, count: i32, scaling: usize): void {
  for (let band = 0; band < BANDS; band++, state += 8, scaling += 8) {
    const mean = load<f64>(state) / <f64>count;
    const variance = load<f64>(state, 8 * BANDS) / <f64>count - mean * mean;
    store<f64>(scaling, mean);
    store<f64>(scaling, 1 / sqrt(max(variance, LEAST_VARIANCE)), 8 * BANDS);
  }
}

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
function heartStates(
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
