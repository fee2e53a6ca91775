/** The resampler, in float64. */

/** What rounding leaves of a tap that is 0: half of them are where the low-pass lets half of its band through. */
const LEAST_TAP: f64 = 1e-16;

/**
 * A polyphase low-pass: `output[n]` is the product of a run of inputs with the taps of its phase. The sum of one output
 * does not depend on what else is computed with it.
 *
 * @param input of float64, `taps - 1` of history first; may be read up to three numbers beyond
 * @param phases of float64, `[up][taps]`; symmetric where `up` is 1
 * @param position of the first output on the up-sampled axis
 * @param output may be written up to seven numbers beyond
 * @param work room for `2 * (count + taps + 16)` float64
 */
export function resample(
  input: usize,
  phases: usize,
  taps: i32,
  up: i32,
  down: i32,
  position: i32,
  output: usize,
  count: i32,
  work: usize,
): void {
  if (up === 1 && down === 2 && taps & 1) {
    return halved(input + 8 * position, phases, taps, output, count, work);
  }
  if (up === 1) return lowered(input + 8 * position, phases, taps, down, output, count);
  let phase = position % up;
  let first = position / up;
  const phaseStep = down % up;
  const firstStep = down / up;
  for (let n = 0; n < count; n++, output += 8) {
    store<f64>(output, product(input + 8 * first, phases + 8 * phase * taps, taps));
    phase += phaseStep;
    first += firstStep;
    if (phase >= up) {
      phase -= up;
      first++;
    }
  }
}

/** The same where all outputs have the same taps: four together, so that a tap is read once for all of them. */
function lowered(x: usize, tap: usize, taps: i32, down: i32, output: usize, count: i32): void {
  const step = 8 * down;
  const even = tap + 8 * (taps & ~3);
  const end = tap + 8 * taps;
  for (; count >= 4; count -= 4, x += 4 * step, output += 32) {
    let a0 = f64x2.splat(0);
    let a1 = a0;
    let b0 = a0;
    let b1 = a0;
    let c0 = a0;
    let c1 = a0;
    let d0 = a0;
    let d1 = a0;
    let xa = x;
    let at = tap;
    for (; at < even; at += 32, xa += 32) {
      const xb = xa + step;
      const xc = xb + step;
      const xd = xc + step;
      const t0 = v128.load(at);
      const t1 = v128.load(at, 16);
      a0 = f64x2.add(a0, f64x2.mul(v128.load(xa), t0));
      a1 = f64x2.add(a1, f64x2.mul(v128.load(xa, 16), t1));
      b0 = f64x2.add(b0, f64x2.mul(v128.load(xb), t0));
      b1 = f64x2.add(b1, f64x2.mul(v128.load(xb, 16), t1));
      c0 = f64x2.add(c0, f64x2.mul(v128.load(xc), t0));
      c1 = f64x2.add(c1, f64x2.mul(v128.load(xc, 16), t1));
      d0 = f64x2.add(d0, f64x2.mul(v128.load(xd), t0));
      d1 = f64x2.add(d1, f64x2.mul(v128.load(xd, 16), t1));
    }
    let a = bothLanes(f64x2.add(a0, a1));
    let b = bothLanes(f64x2.add(b0, b1));
    let c = bothLanes(f64x2.add(c0, c1));
    let d = bothLanes(f64x2.add(d0, d1));
    for (; at < end; at += 8, xa += 8) {
      const t = load<f64>(at);
      a += load<f64>(xa) * t;
      b += load<f64>(xa + step) * t;
      c += load<f64>(xa + 2 * step) * t;
      d += load<f64>(xa + 3 * step) * t;
    }
    store<f64>(output, a);
    store<f64>(output, b, 8);
    store<f64>(output, c, 16);
    store<f64>(output, d, 24);
  }
  for (; count > 0; count--, x += step, output += 8) store<f64>(output, product(x, tap, taps));
}

/**
 * {@link lowered} by two, with an odd number of symmetric taps: even and odd inputs stand apart, and each has every second
 * tap, mirrored. So an output is of sums of two, neighbours stand side by side in vectors, and taps that are 0 cost nothing:
 * in half the time.
 */
function halved(x: usize, tap: usize, taps: i32, output: usize, count: i32, work: usize): void {
  const half = taps >> 1;
  const evens = work;
  const odds = work + 8 * (count + half + 16);
  for (let at = 0; at < 8 * (count + half); at += 16) {
    const first = v128.load(x + 2 * at);
    const second = v128.load(x + 2 * at, 16);
    v128.store(evens + at, v128.shuffle<f64>(first, second, 0, 2));
    v128.store(odds + at, v128.shuffle<f64>(first, second, 1, 3));
  }
  const evenZeros = leadingZeros(tap, half >> 1);
  const oddZeros = leadingZeros(tap + 8, half >> 1);
  for (let n = 0; n < 8 * count; n += 64) {
    const to = output + n;
    const zero = f64x2.splat(0);
    v128.store(to, zero);
    v128.store(to, zero, 16);
    v128.store(to, zero, 32);
    v128.store(to, zero, 48);
    addMirrored(evens + n + 8 * evenZeros, tap + 16 * evenZeros, half + 1 - 2 * evenZeros, to);
    addMirrored(odds + n + 8 * oddZeros, tap + 8 + 16 * oddZeros, half - 2 * oddZeros, to);
  }
}

/** How many of every second tap, of `most`, are 0 before the first that is not; as many are at the end. */
function leadingZeros(tap: usize, most: i32): i32 {
  let zeros = 0;
  while (zeros < most && abs(load<f64>(tap + 16 * zeros)) < LEAST_TAP) zeros++;
  return zeros;
}

/** Adds to eight outputs products of inputs with every second tap, `count` of them. */
function addMirrored(x: usize, tap: usize, count: i32, output: usize): void {
  let sum0 = v128.load(output);
  let sum1 = v128.load(output, 16);
  let sum2 = v128.load(output, 32);
  let sum3 = v128.load(output, 48);
  let mirror = x + 8 * (count - 1);
  for (; x < mirror; x += 8, mirror -= 8, tap += 16) {
    const t = v128.load64_splat(tap);
    sum0 = f64x2.add(sum0, f64x2.mul(t, f64x2.add(v128.load(x), v128.load(mirror))));
    sum1 = f64x2.add(sum1, f64x2.mul(t, f64x2.add(v128.load(x, 16), v128.load(mirror, 16))));
    sum2 = f64x2.add(sum2, f64x2.mul(t, f64x2.add(v128.load(x, 32), v128.load(mirror, 32))));
    sum3 = f64x2.add(sum3, f64x2.mul(t, f64x2.add(v128.load(x, 48), v128.load(mirror, 48))));
  }
  if (x === mirror) {
    const t = v128.load64_splat(tap);
    sum0 = f64x2.add(sum0, f64x2.mul(t, v128.load(x)));
    sum1 = f64x2.add(sum1, f64x2.mul(t, v128.load(x, 16)));
    sum2 = f64x2.add(sum2, f64x2.mul(t, v128.load(x, 32)));
    sum3 = f64x2.add(sum3, f64x2.mul(t, v128.load(x, 48)));
  }
  v128.store(output, sum0);
  v128.store(output, sum1, 16);
  v128.store(output, sum2, 32);
  v128.store(output, sum3, 48);
}

function product(x: usize, tap: usize, taps: i32): f64 {
  let sum0 = f64x2.splat(0);
  let sum1 = f64x2.splat(0);
  for (const even = tap + 8 * (taps & ~3); tap < even; x += 32, tap += 32) {
    sum0 = f64x2.add(sum0, f64x2.mul(v128.load(x), v128.load(tap)));
    sum1 = f64x2.add(sum1, f64x2.mul(v128.load(x, 16), v128.load(tap, 16)));
  }
  let total = bothLanes(f64x2.add(sum0, sum1));
  for (let k = taps & ~3; k < taps; k++, x += 8, tap += 8) total += load<f64>(x) * load<f64>(tap);
  return total;
}

function bothLanes(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1);
}
