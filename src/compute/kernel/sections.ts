/** Recursive filters in transposed direct form II, in float64 and in scipy's order of operations, so to the same bits. */

/**
 * Filters through a cascade of second-order sections: four at a time, so that a sample costs little more than the one
 * section that its successor has to wait for, and what is left over one at a time.
 *
 * @param rows `[sections][6]`: b0 b1 b2 a0 a1 a2 with a0 = 1
 * @param state `[sections][2]`, taken and left behind
 * @param output may be the input
 */
export function filterSections(
  input: usize,
  count: i32,
  rows: usize,
  sections: i32,
  state: usize,
  output: usize,
): void {
  let section = 0;
  let from = input;
  for (; section + 4 <= sections; section += 4, from = output) {
    filterFour(from, count, rows + 48 * section, state + 16 * section, output);
  }
  for (; section < sections; section++, from = output) {
    filterOne(from, count, rows + 48 * section, state + 16 * section, output);
  }
}

function filterFour(input: usize, count: i32, rows: usize, state: usize, output: usize): void {
  let z0 = load<f64>(state);
  let z1 = load<f64>(state, 8);
  let z2 = load<f64>(state, 16);
  let z3 = load<f64>(state, 24);
  let z4 = load<f64>(state, 32);
  let z5 = load<f64>(state, 40);
  let z6 = load<f64>(state, 48);
  let z7 = load<f64>(state, 56);
  for (const end = input + 8 * count; input < end; input += 8, output += 8) {
    const x = load<f64>(input);
    const y0 = load<f64>(rows) * x + z0;
    z0 = load<f64>(rows, 8) * x - load<f64>(rows, 32) * y0 + z1;
    z1 = load<f64>(rows, 16) * x - load<f64>(rows, 40) * y0;
    const y1 = load<f64>(rows, 48) * y0 + z2;
    z2 = load<f64>(rows, 56) * y0 - load<f64>(rows, 80) * y1 + z3;
    z3 = load<f64>(rows, 64) * y0 - load<f64>(rows, 88) * y1;
    const y2 = load<f64>(rows, 96) * y1 + z4;
    z4 = load<f64>(rows, 104) * y1 - load<f64>(rows, 128) * y2 + z5;
    z5 = load<f64>(rows, 112) * y1 - load<f64>(rows, 136) * y2;
    const y3 = load<f64>(rows, 144) * y2 + z6;
    z6 = load<f64>(rows, 152) * y2 - load<f64>(rows, 176) * y3 + z7;
    z7 = load<f64>(rows, 160) * y2 - load<f64>(rows, 184) * y3;
    store<f64>(output, y3);
  }
  store<f64>(state, z0);
  store<f64>(state, z1, 8);
  store<f64>(state, z2, 16);
  store<f64>(state, z3, 24);
  store<f64>(state, z4, 32);
  store<f64>(state, z5, 40);
  store<f64>(state, z6, 48);
  store<f64>(state, z7, 56);
}

function filterOne(input: usize, count: i32, row: usize, state: usize, output: usize): void {
  const b0 = load<f64>(row);
  const b1 = load<f64>(row, 8);
  const b2 = load<f64>(row, 16);
  const a1 = load<f64>(row, 32);
  const a2 = load<f64>(row, 40);
  let z0 = load<f64>(state);
  let z1 = load<f64>(state, 8);
  for (const end = input + 8 * count; input < end; input += 8, output += 8) {
    const x = load<f64>(input);
    const y = b0 * x + z0;
    z0 = b1 * x - a1 * y + z1;
    z1 = b2 * x - a2 * y;
    store<f64>(output, y);
  }
  store<f64>(state, z0);
  store<f64>(state, z1, 8);
}

/**
 * Frames of an envelope bank: mean squares in three bands of two sections each, and the shape of the signal. The first two
 * bands run side by side in a vector, the third beside them.
 *
 * @param coefficients b0 b1 b2 a1 a2 of the first section, then of the second: `[10][2]` of the two lower bands, `[10]`
 *   of the highest
 * @param state taken and left behind: `[4][2]` of the two lower bands, `[4]` of the highest, the sums of the frame begun
 *   in a frame's order, the last sample
 * @param left samples that the frame begun lacks
 * @param output `[frames][7]`: low, mid, high, mean square, mean fourth power, peak, sign changes per sample
 */
export function envelopeFrames(
  samples: usize,
  count: i32,
  coefficients: usize,
  state: usize,
  left: i32,
  frameSamples: i32,
  output: usize,
): void {
  const single = coefficients + 160;
  let z0 = v128.load(state);
  let z1 = v128.load(state, 16);
  let w0 = v128.load(state, 32);
  let w1 = v128.load(state, 48);
  let u0 = load<f64>(state, 64);
  let u1 = load<f64>(state, 72);
  let t0 = load<f64>(state, 80);
  let t1 = load<f64>(state, 88);
  let lower = v128.load(state, 96);
  let high = load<f64>(state, 112);
  let total = load<f64>(state, 120);
  let fourth = load<f64>(state, 128);
  let peak = v128.load64_splat(state, 136);
  let crossings = v128.load64_splat(state, 144);
  let last = v128.load64_splat(state, 152);
  const one = f64x2.splat(1);
  const zero = f64x2.splat(0);
  const length = <f64>frameSamples;
  for (const end = samples + 8 * count; samples < end; samples += 8) {
    const xx = v128.load64_splat(samples);
    const x = f64x2.extract_lane(xx, 0);
    const y = f64x2.add(f64x2.mul(v128.load(coefficients), xx), z0);
    z0 = f64x2.sub(f64x2.mul(v128.load(coefficients, 16), xx), f64x2.mul(v128.load(coefficients, 48), y));
    z0 = f64x2.add(z0, z1);
    z1 = f64x2.sub(f64x2.mul(v128.load(coefficients, 32), xx), f64x2.mul(v128.load(coefficients, 64), y));
    const v = f64x2.add(f64x2.mul(v128.load(coefficients, 80), y), w0);
    w0 = f64x2.sub(f64x2.mul(v128.load(coefficients, 96), y), f64x2.mul(v128.load(coefficients, 128), v));
    w0 = f64x2.add(w0, w1);
    w1 = f64x2.sub(f64x2.mul(v128.load(coefficients, 112), y), f64x2.mul(v128.load(coefficients, 144), v));
    lower = f64x2.add(lower, f64x2.mul(v, v));

    const s = load<f64>(single) * x + u0;
    u0 = load<f64>(single, 8) * x - load<f64>(single, 24) * s + u1;
    u1 = load<f64>(single, 16) * x - load<f64>(single, 32) * s;
    const r = load<f64>(single, 40) * s + t0;
    t0 = load<f64>(single, 48) * s - load<f64>(single, 64) * r + t1;
    t1 = load<f64>(single, 56) * s - load<f64>(single, 72) * r;
    high += r * r;

    const square = x * x;
    total += square;
    fourth += square * square;
    // In vectors, where neither the larger nor a count of what is so takes a branch.
    peak = f64x2.pmax(peak, f64x2.abs(xx));
    crossings = f64x2.add(crossings, v128.and(one, f64x2.lt(f64x2.mul(xx, last), zero)));
    last = xx;
    if (--left == 0) {
      left = frameSamples;
      v128.store(output, f64x2.div(lower, f64x2.splat(length)));
      store<f64>(output, high / length, 16);
      store<f64>(output, total / length, 24);
      store<f64>(output, fourth / length, 32);
      v128.store64_lane(output, peak, 0, 40);
      v128.store64_lane(output, f64x2.div(crossings, f64x2.splat(length)), 0, 48);
      output += 56;
      lower = peak = crossings = zero;
      high = total = fourth = 0;
    }
  }
  v128.store(state, z0);
  v128.store(state, z1, 16);
  v128.store(state, w0, 32);
  v128.store(state, w1, 48);
  store<f64>(state, u0, 64);
  store<f64>(state, u1, 72);
  store<f64>(state, t0, 80);
  store<f64>(state, t1, 88);
  v128.store(state, lower, 96);
  store<f64>(state, high, 112);
  store<f64>(state, total, 120);
  store<f64>(state, fourth, 128);
  v128.store64_lane(state, peak, 0, 136);
  v128.store64_lane(state, crossings, 0, 144);
  v128.store64_lane(state, last, 0, 152);
}
