/**
 * Quantised operations of the network.
 *
 * A quantised tensor stands in memory as int16: the stored int8 less its zero point. So what lies beyond an edge is 0, and
 * a sum of products needs no correction. Results are XNNPACK's to the bit: sums in int32, then as `requantise.ts` has it.
 */
import { toSteps } from './requantise';

/** Channels that are computed side by side; weights, offsets and factors come in groups of so many. */
const GROUP = 8;

/** Where an incomplete group of results is put before the wanted part of it is copied. */
const part = memory.data(16);

/**
 * A convolution over one axis, or a product with a matrix: each output position is the product of a run of
 * `4 * quads` inputs with the weights. Runs may overlap.
 *
 * @param input of int16, the first run
 * @param runStep bytes from one run to the next
 * @param weights of int16, `[channels / 8][2 * quads][8][2]`: pairs of inputs side by side for each channel
 * @param offsets of int32, `[channels]`, rounded up to a group like all that has a figure a channel
 * @param factors of float32, `[channels]`: from the sum to steps of the output
 * @param output of int16, `[positions][channels]`
 */
export function convolve(
  input: usize,
  runStep: usize,
  weights: usize,
  quads: i32,
  offsets: usize,
  factors: usize,
  output: usize,
  positions: i32,
  channels: i32,
  least: i32,
  most: i32,
): void {
  const low = f32x4.splat(<f32>least);
  const high = f32x4.splat(<f32>most);
  for (let channel = 0; channel < channels; channel += GROUP) {
    const offset0 = v128.load(offsets);
    const offset1 = v128.load(offsets, 16);
    const factor0 = v128.load(factors);
    const factor1 = v128.load(factors, 16);
    const count = min(GROUP, channels - channel);
    let position = 0;
    let to = output + 2 * channel;
    let from = input;
    for (; position + 4 <= positions; position += 4) {
      let x0 = from;
      let x1 = x0 + runStep;
      let x2 = x1 + runStep;
      let x3 = x2 + runStep;
      from = x3 + runStep;
      let sum00 = offset0;
      let sum01 = offset1;
      let sum10 = offset0;
      let sum11 = offset1;
      let sum20 = offset0;
      let sum21 = offset1;
      let sum30 = offset0;
      let sum31 = offset1;
      let w = weights;
      for (let quad = 0; quad < quads; quad++) {
        let w0 = v128.load(w);
        let w1 = v128.load(w, 16);
        let x = v128.load32_splat(x0);
        sum00 = i32x4.add(sum00, i32x4.dot_i16x8_s(x, w0));
        sum01 = i32x4.add(sum01, i32x4.dot_i16x8_s(x, w1));
        x = v128.load32_splat(x1);
        sum10 = i32x4.add(sum10, i32x4.dot_i16x8_s(x, w0));
        sum11 = i32x4.add(sum11, i32x4.dot_i16x8_s(x, w1));
        x = v128.load32_splat(x2);
        sum20 = i32x4.add(sum20, i32x4.dot_i16x8_s(x, w0));
        sum21 = i32x4.add(sum21, i32x4.dot_i16x8_s(x, w1));
        x = v128.load32_splat(x3);
        sum30 = i32x4.add(sum30, i32x4.dot_i16x8_s(x, w0));
        sum31 = i32x4.add(sum31, i32x4.dot_i16x8_s(x, w1));
        w0 = v128.load(w, 32);
        w1 = v128.load(w, 48);
        x = v128.load32_splat(x0, 4);
        sum00 = i32x4.add(sum00, i32x4.dot_i16x8_s(x, w0));
        sum01 = i32x4.add(sum01, i32x4.dot_i16x8_s(x, w1));
        x = v128.load32_splat(x1, 4);
        sum10 = i32x4.add(sum10, i32x4.dot_i16x8_s(x, w0));
        sum11 = i32x4.add(sum11, i32x4.dot_i16x8_s(x, w1));
        x = v128.load32_splat(x2, 4);
        sum20 = i32x4.add(sum20, i32x4.dot_i16x8_s(x, w0));
        sum21 = i32x4.add(sum21, i32x4.dot_i16x8_s(x, w1));
        x = v128.load32_splat(x3, 4);
        sum30 = i32x4.add(sum30, i32x4.dot_i16x8_s(x, w0));
        sum31 = i32x4.add(sum31, i32x4.dot_i16x8_s(x, w1));
        w += 64;
        x0 += 8;
        x1 += 8;
        x2 += 8;
        x3 += 8;
      }
      put(to, count, requantise(sum00, sum01, factor0, factor1, low, high));
      to += 2 * channels;
      put(to, count, requantise(sum10, sum11, factor0, factor1, low, high));
      to += 2 * channels;
      put(to, count, requantise(sum20, sum21, factor0, factor1, low, high));
      to += 2 * channels;
      put(to, count, requantise(sum30, sum31, factor0, factor1, low, high));
      to += 2 * channels;
    }
    for (; position < positions; position++) {
      let sum0 = offset0;
      let sum1 = offset1;
      let w = weights;
      for (let x = from, end = from + 8 * quads; x < end; x += 4) {
        const pair = v128.load32_splat(x);
        sum0 = i32x4.add(sum0, i32x4.dot_i16x8_s(pair, v128.load(w)));
        sum1 = i32x4.add(sum1, i32x4.dot_i16x8_s(pair, v128.load(w, 16)));
        w += 32;
      }
      put(to, count, requantise(sum0, sum1, factor0, factor1, low, high));
      to += 2 * channels;
      from += runStep;
    }
    weights += 64 * quads;
    offsets += 4 * GROUP;
    factors += 4 * GROUP;
  }
}

/** Mean over time of `[steps][channels]`, with one factor for all channels. */
export function meanOverTime(
  input: usize,
  steps: i32,
  channels: i32,
  factor: f32,
  output: usize,
  least: i32,
  most: i32,
): void {
  const low = f32x4.splat(<f32>least);
  const high = f32x4.splat(<f32>most);
  const factors = f32x4.splat(factor);
  for (let channel = 0; channel < channels; channel += GROUP) {
    let sum0 = i32x4.splat(0);
    let sum1 = i32x4.splat(0);
    for (let step = 0, from = input + 2 * channel; step < steps; step++, from += 2 * channels) {
      const x = v128.load(from);
      sum0 = i32x4.add(sum0, i32x4.extend_low_i16x8_s(x));
      sum1 = i32x4.add(sum1, i32x4.extend_high_i16x8_s(x));
    }
    const mean = requantise(sum0, sum1, factors, factors, low, high);
    put(output + 2 * channel, min(GROUP, channels - channel), mean);
  }
}

/** From float32 to steps; `inverse` is 1 / step. */
export function quantise(input: usize, count: i32, inverse: f32, output: usize, least: i32, most: i32): void {
  const low = f32x4.splat(<f32>least);
  const high = f32x4.splat(<f32>most);
  const factor = f32x4.splat(inverse);
  for (let left = count; left > 0; left -= 8, input += 32, output += 16) {
    const first = f32x4.mul(v128.load(input), factor);
    const second = f32x4.mul(v128.load(input, 16), factor);
    put(output, min(GROUP, left), narrow(first, second, low, high));
  }
}

/** From steps to float32. Writes up to 7 elements beyond `count`. */
export function dequantise(input: usize, count: i32, step: f32, output: usize): void {
  const factor = f32x4.splat(step);
  for (let i = 0; i < count; i += 8, input += 16, output += 32) {
    const x = v128.load(input);
    v128.store(output, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(x)), factor));
    v128.store(output, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(x)), factor), 16);
  }
}

function requantise(sum0: v128, sum1: v128, factor0: v128, factor1: v128, low: v128, high: v128): v128 {
  const x0 = f32x4.mul(f32x4.convert_i32x4_s(sum0), factor0);
  const x1 = f32x4.mul(f32x4.convert_i32x4_s(sum1), factor1);
  return narrow(x0, x1, low, high);
}

function narrow(x0: v128, x1: v128, low: v128, high: v128): v128 {
  return i16x8.narrow_i32x4_s(toSteps(x0, low, high), toSteps(x1, low, high));
}

function put(to: usize, count: i32, steps: v128): void {
  if (count === GROUP) {
    v128.store(to, steps);
  } else {
    v128.store(part, steps);
    for (let at = 0; at < 2 * count; at += 2) store<i16>(to + at, load<i16>(part + at));
  }
}
