/**
 * A convolution that moves by one in half the multiplications, and exact: Toom and Cook's, as Winograd has it ("Arithmetic
 * Complexity of Computations", 1980), at the points 0, 1, -1, 2, -2, 3 and infinity.
 *
 * Seven inputs that follow each other and a group of taps make a tile of outputs: 4 taps make 4, 5 make 3. Inputs and taps
 * are each transformed to a number a point, multiplied point by point, summed over depth and groups of taps, and
 * transformed back. What divides the taps' transform is multiplied into it instead, so that sums are 120 times what is
 * wanted, in integers that may wrap: their quotient is exact all the same.
 */

const GROUP = 8;

/**
 * @param input of int16, the first tile's first position
 * @param tileStep bytes from one tile to the next
 * @param depth elements of a position, a multiple of 8
 * @param output of int16, `[7][tiles][depth]`
 */
export function toPoints(input: usize, tileStep: usize, tiles: i32, depth: i32, output: usize): void {
  const row = <usize>(2 * depth);
  const point = row * tiles;
  const three = i16x8.splat(3);
  const five = i16x8.splat(5);
  for (let tile = 0; tile < tiles; tile++, input += tileStep, output += row) {
    for (let at: usize = 0; at < row; at += 16) {
      let from = input + at;
      const d0 = v128.load(from);
      const d1 = v128.load((from += row));
      const d2 = v128.load((from += row));
      const d3 = v128.load((from += row));
      const d4 = v128.load((from += row));
      const d5 = v128.load((from += row));
      const d6 = v128.load(from + row);
      const e0 = i16x8.sub(d1, i16x8.mul(d0, three));
      const e1 = i16x8.sub(d2, i16x8.mul(d1, three));
      const e2 = i16x8.sub(d3, i16x8.mul(d2, three));
      const e3 = i16x8.sub(d4, i16x8.mul(d3, three));
      const e4 = i16x8.sub(d5, i16x8.mul(d4, three));
      const e5 = i16x8.sub(d6, i16x8.mul(d5, three));
      let to = output + at;
      v128.store(to, i16x8.add(i16x8.sub(e4, i16x8.mul(e2, five)), i16x8.shl(e0, 2)));
      const even1 = i16x8.sub(e4, i16x8.shl(e2, 2));
      const odd1 = i16x8.sub(e3, i16x8.shl(e1, 2));
      v128.store((to += point), i16x8.add(even1, odd1));
      v128.store((to += point), i16x8.sub(even1, odd1));
      const even2 = i16x8.sub(e4, e2);
      const odd2 = i16x8.shl(i16x8.sub(e3, e1), 1);
      v128.store((to += point), i16x8.add(even2, odd2));
      v128.store((to += point), i16x8.sub(even2, odd2));
      v128.store((to += point), i16x8.add(i16x8.sub(d5, i16x8.mul(d3, five)), i16x8.shl(d1, 2)));
      v128.store(to + point, i16x8.add(i16x8.sub(e5, i16x8.mul(e3, five)), i16x8.shl(e1, 2)));
    }
  }
}

/**
 * The sums of one point. As `convolve`, which see, without what follows its sums.
 *
 * @param output of int32, `[tiles][channels]`, channels rounded up to a group
 */
export function productsAtPoint(
  input: usize,
  runStep: usize,
  weights: usize,
  quads: i32,
  output: usize,
  tiles: i32,
  channels: i32,
): void {
  const pairs = 2 * quads;
  const row = <usize>(4 * ((channels + GROUP - 1) & ~(GROUP - 1)));
  for (let channel = 0; channel < channels; channel += GROUP, weights += 32 * pairs) {
    let tile = 0;
    let to = output + 4 * channel;
    let from = input;
    for (; tile + 4 <= tiles; tile += 4) {
      let x0 = from;
      let x1 = x0 + runStep;
      let x2 = x1 + runStep;
      let x3 = x2 + runStep;
      from = x3 + runStep;
      let sum00 = i32x4.splat(0);
      let sum01 = i32x4.splat(0);
      let sum10 = i32x4.splat(0);
      let sum11 = i32x4.splat(0);
      let sum20 = i32x4.splat(0);
      let sum21 = i32x4.splat(0);
      let sum30 = i32x4.splat(0);
      let sum31 = i32x4.splat(0);
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
      v128.store(to, sum00);
      v128.store(to, sum01, 16);
      v128.store((to += row), sum10);
      v128.store(to, sum11, 16);
      v128.store((to += row), sum20);
      v128.store(to, sum21, 16);
      v128.store((to += row), sum30);
      v128.store(to, sum31, 16);
      to += row;
    }
    for (; tile < tiles; tile++, from += runStep, to += row) {
      let sum0 = i32x4.splat(0);
      let sum1 = i32x4.splat(0);
      let w = weights;
      for (let x0 = from, end = from + 4 * pairs; x0 < end; x0 += 8, w += 64) {
        let x = v128.load32_splat(x0);
        sum0 = i32x4.add(sum0, i32x4.dot_i16x8_s(x, v128.load(w)));
        sum1 = i32x4.add(sum1, i32x4.dot_i16x8_s(x, v128.load(w, 16)));
        x = v128.load32_splat(x0, 4);
        sum0 = i32x4.add(sum0, i32x4.dot_i16x8_s(x, v128.load(w, 32)));
        sum1 = i32x4.add(sum1, i32x4.dot_i16x8_s(x, v128.load(w, 48)));
      }
      v128.store(to, sum0);
      v128.store(to, sum1, 16);
    }
  }
}

/**
 * Outputs of the tiles, with offset, scaled, rounded and limited as `convolve` does.
 *
 * @param input of int32, `[7][tiles][channels]`, a multiple of 8 channels
 * @param tileLength outputs of a tile: 3 or 4
 * @param output of int16, `[positions][channels]`
 */
export function fromPoints(
  input: usize,
  tiles: i32,
  channels: i32,
  tileLength: i32,
  offsets: usize,
  factors: usize,
  output: usize,
  positions: i32,
  least: i32,
  most: i32,
): void {
  const point = <usize>(4 * channels * tiles);
  const row = <usize>(2 * channels);
  const low = i16x8.splat(<i16>least);
  const high = i16x8.splat(<i16>most);
  for (let tile = 0; tile < tiles; tile++, input += 4 * channels, output += row * tileLength) {
    const wanted = min(tileLength, positions - tile * tileLength);
    for (let channel = 0; channel < channels; channel += GROUP) {
      for (let half = 0; half < GROUP; half += 4) {
        const at = <usize>(4 * (channel + half));
        let from = input + at;
        const m0 = v128.load(from);
        const m1 = v128.load((from += point));
        const m2 = v128.load((from += point));
        const m3 = v128.load((from += point));
        const m4 = v128.load((from += point));
        const m5 = v128.load((from += point));
        const last = v128.load(from + point);
        const offset = v128.load(offsets + at);
        const factor = v128.load(factors + at);
        const sum1 = i32x4.add(m1, m2);
        const difference1 = i32x4.sub(m1, m2);
        const sum2 = i32x4.add(m3, m4);
        const difference2 = i32x4.shl(i32x4.sub(m3, m4), 1);
        let to = output + 2 * (channel + half);
        finish(i32x4.add(i32x4.add(m0, sum1), i32x4.add(sum2, m5)), offset, factor, low, high, to);
        if (wanted === 1) continue;
        const m5x3 = i32x4.add(m5, i32x4.shl(m5, 1));
        finish(i32x4.add(i32x4.add(difference1, difference2), m5x3), offset, factor, low, high, (to += row));
        if (wanted === 2) continue;
        const m5x9 = i32x4.add(m5, i32x4.shl(m5, 3));
        let y = i32x4.add(i32x4.add(sum1, i32x4.shl(sum2, 2)), m5x9);
        if (tileLength === 3) y = i32x4.add(y, last);
        finish(y, offset, factor, low, high, (to += row));
        if (wanted === 3) continue;
        const m5x27 = i32x4.add(m5x9, i32x4.shl(m5x9, 1));
        y = i32x4.add(i32x4.add(difference1, i32x4.shl(difference2, 2)), i32x4.add(m5x27, last));
        finish(y, offset, factor, low, high, to + row);
      }
    }
  }
}

/** A 120th, exact: by 15, whose inverse modulo 2^32 that is, then by 8. */
const INVERSE_OF_15: i32 = 0xeeeeeeef;

function finish(sum: v128, offset: v128, factor: v128, low: v128, high: v128, to: usize): void {
  const y = i32x4.shr_s(i32x4.mul(sum, i32x4.splat(INVERSE_OF_15)), 3);
  const x = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(y, offset)), factor);
  const steps = i32x4.trunc_sat_f32x4_s(f32x4.nearest(x));
  const limited = i16x8.max_s(i16x8.min_s(i16x8.narrow_i32x4_s(steps, steps), high), low);
  v128.store64_lane(to, limited, 0);
}
