/**
 * A convolution that moves by one in 9 multiplications where it has 25, and exact: Toom and Cook's, as Winograd has it
 * ("Arithmetic Complexity of Computations", 1980), at the points 0, 1, -1, 2, -2, 1/2, -1/2, 3 and infinity.
 *
 * Nine inputs that follow each other and a group of five taps make a tile of five outputs. Inputs and taps are each
 * transformed to a number a point, multiplied point by point, summed over depth and groups of taps, and transformed back.
 * What divides the taps' transform is multiplied into it instead, and into the sums where it does not fit into int16, so that
 * results are 12600 times what is wanted, in integers that may wrap: their quotient is exact all the same.
 */
import { toSteps } from './requantise';

const GROUP = 8;
/** What multiplies inputs, in int16. */
const FACTORS = memory.data<i16>([3, 5, 17, 21]);

/**
 * Inputs lie in a range of 255 that includes 0, so that all that is made of them fits into int16: it is at most 100 times
 * as large.
 *
 * @param input of int16, the first tile's first position
 * @param tileStep bytes from one tile to the next
 * @param depth elements of a position, a multiple of 8
 * @param output of int16, `[9][tiles][depth]`
 */
export function toPoints(input: usize, tileStep: usize, tiles: i32, depth: i32, output: usize): void {
  const row = <usize>(2 * depth);
  const point = row * tiles;
  for (let tile = 0; tile < tiles; tile++, input += tileStep, output += row) {
    for (let at: usize = 0; at < row; at += 16) {
      let from = input + at;
      const d0 = v128.load(from);
      const d1 = v128.load((from += row));
      const d2 = v128.load((from += row));
      const d3 = v128.load((from += row));
      const d4 = v128.load((from += row));
      const d5 = v128.load((from += row));
      const d6 = v128.load((from += row));
      const d7 = v128.load((from += row));
      const d8 = v128.load(from + row);
      const three = v128.load16_splat(FACTORS);
      const five = v128.load16_splat(FACTORS + 2);
      const seventeen = v128.load16_splat(FACTORS + 4);
      const twentyOne = v128.load16_splat(FACTORS + 6);
      let to = output + at + 7 * point;
      v128.store(to, times4And21(i16x8.sub(d7, d1), i16x8.sub(d5, d3), twentyOne));
      // All others have the factor x - 3.
      const e0 = i16x8.sub(d1, i16x8.mul(d0, three));
      const e1 = i16x8.sub(d2, i16x8.mul(d1, three));
      const e2 = i16x8.sub(d3, i16x8.mul(d2, three));
      const e3 = i16x8.sub(d4, i16x8.mul(d3, three));
      const e4 = i16x8.sub(d5, i16x8.mul(d4, three));
      const e5 = i16x8.sub(d6, i16x8.mul(d5, three));
      const e6 = i16x8.sub(d7, i16x8.mul(d6, three));
      const e7 = i16x8.sub(d8, i16x8.mul(d7, three));
      v128.store(to + point, times4And21(i16x8.sub(e7, e1), i16x8.sub(e5, e3), twentyOne));
      to = output + at;
      v128.store(to, times4And21(i16x8.sub(e6, e0), i16x8.sub(e4, e2), twentyOne));
      // (x^2 - 4) (4 x^2 - 1)
      const even1 = i16x8.sub(i16x8.shl(i16x8.add(e6, e2), 2), i16x8.mul(e4, seventeen));
      const odd1 = i16x8.sub(i16x8.shl(i16x8.add(e5, e1), 2), i16x8.mul(e3, seventeen));
      v128.store((to += point), i16x8.add(even1, odd1));
      v128.store((to += point), i16x8.sub(even1, odd1));
      // (x^2 - 1) (4 x^2 - 1)
      const e4x5 = i16x8.mul(e4, five);
      const e3x5 = i16x8.mul(e3, five);
      const even2 = i16x8.add(i16x8.sub(i16x8.shl(e6, 2), e4x5), e2);
      const odd2 = i16x8.shl(i16x8.add(i16x8.sub(i16x8.shl(e5, 2), e3x5), e1), 1);
      v128.store((to += point), i16x8.add(even2, odd2));
      v128.store((to += point), i16x8.sub(even2, odd2));
      // (x^2 - 1) (x^2 - 4)
      const evenHalf = i16x8.shl(i16x8.add(i16x8.sub(e6, e4x5), i16x8.shl(e2, 2)), 1);
      const oddHalf = i16x8.add(i16x8.sub(e5, e3x5), i16x8.shl(e1, 2));
      v128.store((to += point), i16x8.add(evenHalf, oddHalf));
      v128.store(to + point, i16x8.sub(evenHalf, oddHalf));
    }
  }
}

/** Of (x^2 - 1) (x^2 - 4) (4 x^2 - 1). */
function times4And21(outer: v128, inner: v128, twentyOne: v128): v128 {
  return i16x8.sub(i16x8.shl(outer, 2), i16x8.mul(inner, twentyOne));
}

/**
 * The sums of one point. As `convolve`, which see, without what follows its sums.
 *
 * @param weights `[channels / 8][pairs][8][2]`
 * @param tiles 3 or more
 * @param output of int32, `[tiles][channels]`
 * @param channels a multiple of 8
 */
export function productsAtPoint(
  input: usize,
  runStep: usize,
  weights: usize,
  pairs: i32,
  output: usize,
  tiles: i32,
  channels: i32,
): void {
  const bytes = <usize>(32 * pairs);
  const row = <usize>(4 * channels);
  for (let channel = 0; channel < channels; channel += GROUP, weights += bytes, output += 4 * GROUP) {
    let tile = 0;
    while (tile < tiles) {
      const left = tiles - tile;
      const from = input + <usize>tile * runStep;
      const to = output + <usize>tile * row;
      // Whatever is more than 5 is made of fours and threes.
      if (left % 3 === 0 && left < 12) {
        threeTiles(from, runStep, weights, weights + bytes, to, row);
        tile += 3;
      } else if (left >= 4) {
        fourTiles(from, runStep, weights, weights + bytes, to, row);
        tile += 4;
      } else {
        tile = tiles - 3;
      }
    }
  }
}

/** One pair of inputs a time: sums, weights and inputs just fit into the registers of a processor that has 16. */
function fourTiles(input: usize, runStep: usize, weights: usize, end: usize, to: usize, row: usize): void {
  let x0 = input;
  let x1 = x0 + runStep;
  let x2 = x1 + runStep;
  let x3 = x2 + runStep;
  let sum00 = i32x4.splat(0);
  let sum01 = i32x4.splat(0);
  let sum10 = i32x4.splat(0);
  let sum11 = i32x4.splat(0);
  let sum20 = i32x4.splat(0);
  let sum21 = i32x4.splat(0);
  let sum30 = i32x4.splat(0);
  let sum31 = i32x4.splat(0);
  for (let w = weights; w < end; w += 32) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
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
    x0 += 4;
    x1 += 4;
    x2 += 4;
    x3 += 4;
  }
  v128.store(to, sum00);
  v128.store(to, sum01, 16);
  v128.store((to += row), sum10);
  v128.store(to, sum11, 16);
  v128.store((to += row), sum20);
  v128.store(to, sum21, 16);
  v128.store((to += row), sum30);
  v128.store(to, sum31, 16);
}

function threeTiles(input: usize, runStep: usize, weights: usize, end: usize, to: usize, row: usize): void {
  let x0 = input;
  let x1 = x0 + runStep;
  let x2 = x1 + runStep;
  let sum00 = i32x4.splat(0);
  let sum01 = i32x4.splat(0);
  let sum10 = i32x4.splat(0);
  let sum11 = i32x4.splat(0);
  let sum20 = i32x4.splat(0);
  let sum21 = i32x4.splat(0);
  for (let w = weights; w < end; w += 32) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    let x = v128.load32_splat(x0);
    sum00 = i32x4.add(sum00, i32x4.dot_i16x8_s(x, w0));
    sum01 = i32x4.add(sum01, i32x4.dot_i16x8_s(x, w1));
    x = v128.load32_splat(x1);
    sum10 = i32x4.add(sum10, i32x4.dot_i16x8_s(x, w0));
    sum11 = i32x4.add(sum11, i32x4.dot_i16x8_s(x, w1));
    x = v128.load32_splat(x2);
    sum20 = i32x4.add(sum20, i32x4.dot_i16x8_s(x, w0));
    sum21 = i32x4.add(sum21, i32x4.dot_i16x8_s(x, w1));
    x0 += 4;
    x1 += 4;
    x2 += 4;
  }
  v128.store(to, sum00);
  v128.store(to, sum01, 16);
  v128.store((to += row), sum10);
  v128.store(to, sum11, 16);
  v128.store((to += row), sum20);
  v128.store(to, sum21, 16);
}

/**
 * Outputs of the tiles, with offset, scaled, rounded and limited as `convolve` does.
 *
 * @param input of int32, `[9][tiles][channels]`, a multiple of 8 channels
 * @param output of int16, `[positions][channels]`
 */
export function fromPoints(
  input: usize,
  tiles: i32,
  channels: i32,
  offsets: usize,
  factors: usize,
  output: usize,
  positions: i32,
  least: i32,
  most: i32,
): void {
  const point = <usize>(4 * channels * tiles);
  const row = <usize>(2 * channels);
  const low = f32x4.splat(<f32>least);
  const high = f32x4.splat(<f32>most);
  for (let tile = 0; tile < tiles; tile++, input += 4 * channels, output += 5 * row) {
    const wanted = positions - 5 * tile;
    for (let channel = 0; channel < channels; channel += 4) {
      const at = <usize>(4 * channel);
      let from = input + at;
      const m0 = times5(v128.load(from));
      const plus1 = v128.load((from += point));
      const m1 = i32x4.sub(i32x4.shl(plus1, 3), plus1);
      const minus1 = times5(v128.load((from += point)));
      const m2 = times5(v128.load((from += point)));
      const minus2 = v128.load((from += point));
      const half = v128.load((from += point));
      const minusHalf = v128.load((from += point));
      const three = v128.load((from += point));
      const last = v128.load(from + point);
      const offset = v128.load(offsets + at);
      const factor = v128.load(factors + at);
      const sum1 = i32x4.add(m1, minus1);
      const difference1 = i32x4.sub(m1, minus1);
      const sum2 = i32x4.add(m2, minus2);
      const difference2 = i32x4.shl(i32x4.sub(m2, minus2), 1);
      const sumHalf = i32x4.add(half, minusHalf);
      const differenceHalf = i32x4.shl(i32x4.sub(half, minusHalf), 1);
      const three1 = i32x4.add(three, i32x4.shl(three, 1));
      let to = output + 2 * channel;
      let y = i32x4.add(i32x4.add(m0, sum1), i32x4.add(sum2, three1));
      finish(i32x4.add(y, i32x4.shl(sumHalf, 4)), offset, factor, low, high, to);
      if (wanted === 1) continue;
      const three3 = i32x4.add(three1, i32x4.shl(three1, 1));
      y = i32x4.add(i32x4.add(difference1, difference2), i32x4.add(i32x4.shl(differenceHalf, 2), three3));
      finish(y, offset, factor, low, high, (to += row));
      if (wanted === 2) continue;
      const three9 = i32x4.add(three3, i32x4.shl(three3, 1));
      y = i32x4.add(i32x4.add(sum1, i32x4.shl(i32x4.add(sum2, sumHalf), 2)), three9);
      finish(y, offset, factor, low, high, (to += row));
      if (wanted === 3) continue;
      const three27 = i32x4.add(three9, i32x4.shl(three9, 1));
      y = i32x4.add(i32x4.add(difference1, i32x4.shl(difference2, 2)), i32x4.add(differenceHalf, three27));
      finish(y, offset, factor, low, high, (to += row));
      if (wanted === 4) continue;
      const three81 = i32x4.add(three27, i32x4.shl(three27, 1));
      y = i32x4.add(i32x4.add(sum1, i32x4.shl(sum2, 4)), i32x4.add(sumHalf, three81));
      y = i32x4.add(y, i32x4.sub(i32x4.shl(last, 4), last));
      finish(y, offset, factor, low, high, to + row);
    }
  }
}

function times5(x: v128): v128 {
  return i32x4.add(x, i32x4.shl(x, 2));
}

/** A 12600th, exact: by 1575, whose inverse modulo 2^32 this is, then by 8. */
const INVERSE_OF_1575 = memory.data<u32>([0xca330997]);

function finish(sum: v128, offset: v128, factor: v128, low: v128, high: v128, to: usize): void {
  const y = i32x4.shr_s(i32x4.mul(sum, v128.load32_splat(INVERSE_OF_1575)), 3);
  const x = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(y, offset)), factor);
  const steps = toSteps(x, low, high);
  v128.store64_lane(to, i16x8.narrow_i32x4_s(steps, steps), 0);
}
