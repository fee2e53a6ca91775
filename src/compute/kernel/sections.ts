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
  for (; count >= 4 && section + 4 <= sections; section += 4, from = output) {
    filterFour(from, count, rows + 48 * section, state + 16 * section, output);
  }
  for (; section < sections; section++, from = output) {
    filterOne(from, count, rows + 48 * section, state + 16 * section, output);
  }
}

/**
 * Four sections, two in a vector, at least four samples. While the first one filters a sample, the second filters what the
 * first made of the one before, and so on: none waits for another, in half the instructions. At both ends some of the
 * sections work alone.
 */
function filterFour(input: usize, count: i32, rows: usize, state: usize, output: usize): void {
  const first = filtered(load<f64>(input), rows, state);
  const second = filtered(load<f64>(input, 8), rows, state);
  const third = filtered(first, rows + 48, state + 16);
  let y0 = f64x2.splat(filtered(load<f64>(input, 16), rows, state));
  y0 = f64x2.replace_lane(y0, 1, filtered(second, rows + 48, state + 16));
  let y1 = f64x2.splat(filtered(third, rows + 96, state + 32));

  const b0 = two(rows, rows + 48);
  const b1 = two(rows + 8, rows + 56);
  const b2 = two(rows + 16, rows + 64);
  const a1 = two(rows + 32, rows + 80);
  const a2 = two(rows + 40, rows + 88);
  const d0 = two(rows + 96, rows + 144);
  const d1 = two(rows + 104, rows + 152);
  const d2 = two(rows + 112, rows + 160);
  const c1 = two(rows + 128, rows + 176);
  const c2 = two(rows + 136, rows + 184);
  let z0 = two(state, state + 16);
  let z1 = two(state + 8, state + 24);
  let w0 = two(state + 32, state + 48);
  let w1 = two(state + 40, state + 56);
  let from = input + 24;
  for (const end = input + 8 * count; from < end; from += 8, output += 8) {
    const x0 = v128.load64_lane(from, v128.shuffle<f64>(y0, y0, 0, 0), 0);
    const x1 = v128.shuffle<f64>(y0, y1, 1, 2);
    y0 = f64x2.add(f64x2.mul(b0, x0), z0);
    z0 = f64x2.add(f64x2.sub(f64x2.mul(b1, x0), f64x2.mul(a1, y0)), z1);
    z1 = f64x2.sub(f64x2.mul(b2, x0), f64x2.mul(a2, y0));
    y1 = f64x2.add(f64x2.mul(d0, x1), w0);
    w0 = f64x2.add(f64x2.sub(f64x2.mul(d1, x1), f64x2.mul(c1, y1)), w1);
    w1 = f64x2.sub(f64x2.mul(d2, x1), f64x2.mul(c2, y1));
    v128.store64_lane(output, y1, 1);
  }
  v128.store(state, v128.shuffle<f64>(z0, z1, 0, 2));
  v128.store(state, v128.shuffle<f64>(z0, z1, 1, 3), 16);
  v128.store(state, v128.shuffle<f64>(w0, w1, 0, 2), 32);
  v128.store(state, v128.shuffle<f64>(w0, w1, 1, 3), 48);

  store<f64>(output, filtered(f64x2.extract_lane(y1, 0), rows + 144, state + 48));
  const before = filtered(f64x2.extract_lane(y0, 1), rows + 96, state + 32);
  const last = filtered(f64x2.extract_lane(y0, 0), rows + 48, state + 16);
  store<f64>(output, filtered(before, rows + 144, state + 48), 8);
  store<f64>(output, filtered(filtered(last, rows + 96, state + 32), rows + 144, state + 48), 16);
}

/** One sample through one section. */
function filtered(x: f64, row: usize, state: usize): f64 {
  const y = load<f64>(row) * x + load<f64>(state);
  store<f64>(state, load<f64>(row, 8) * x - load<f64>(row, 32) * y + load<f64>(state, 8));
  store<f64>(state, load<f64>(row, 16) * x - load<f64>(row, 40) * y, 8);
  return y;
}

function two(a: usize, b: usize): v128 {
  return v128.load64_lane(b, v128.load64_zero(a), 1);
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
