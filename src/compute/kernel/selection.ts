/** What a guess may be off by, as a share of it, to be of use. */
const NEAR: f64 = 0.1;
/** Numbers up to so many are put into order one by one. */
const FEW = 8;
/** From so many numbers on, the pivot is taken from a sample of so many. */
const MANY = 200;
const SAMPLE = 24;
/** Steps in the sample that the pivot stands behind the number looked for, so that it is likely on the smaller side. */
const BEYOND = 2;

/**
 * The number of `rank`, from 0 as the smallest, among `count` float64, none of which may be NaN. They are left in any order,
 * and may be lost.
 *
 * No branch depends on a single number: a processor cannot foresee it, and loses more by that than a comparison takes.
 *
 * @param spare room for `count` float64
 */
export function ranked(x: usize, count: i32, rank: i32, spare: usize): f64 {
  while (count > FEW) {
    const pivot = count < MANY ? ofThree(x, count, rank) : ofSample(x, count, rank, spare);
    const below = partition(x, count, pivot, spare);
    const from = x;
    if (rank < below) {
      count = below;
      x = spare;
      spare = from;
    } else if (below > 0) {
      rank -= below;
      count -= below;
      x = spare + 8 * below;
      spare = from;
    } else {
      // It is the smallest.
      const equal = partitionEqual(x, count, pivot, spare);
      if (rank < equal) return pivot;
      rank -= equal;
      count -= equal;
      x = spare + 8 * equal;
      spare = from;
    }
  }
  sort(x, count);
  return load<f64>(x + 8 * rank);
}

/**
 * The number of `rank` among `count` float64, which stay as they are.
 *
 * @param work room for `2 * count` float64
 */
export function rankedOf(values: usize, count: i32, rank: i32, work: usize): f64 {
  memory.copy(work, values, 8 * count);
  return ranked(work, count, rank, work + 8 * count);
}

/**
 * The same of numbers that are not below 0, in half the time where a guess is near: most of them are only compared with it.
 *
 * @param guess at the number looked for; whatever it is, the answer is the same
 * @param work room for `2 * count` float64
 */
export function rankedNear(values: usize, count: i32, rank: i32, guess: f64, work: usize): f64 {
  const low = guess * (1 - NEAR);
  const high = guess * (1 + NEAR);
  const lows = f64x2.splat(low);
  const highs = f64x2.splat(high);
  let smaller = i64x2.splat(0);
  let to = work;
  let at = values;
  for (const even = values + 8 * (count & ~1); at < even; at += 16) {
    const pair = v128.load(at);
    const isBelow = f64x2.lt(pair, lows);
    smaller = i64x2.sub(smaller, isBelow);
    if (!v128.any_true(v128.andnot(f64x2.lt(pair, highs), isBelow))) continue;
    const x = f64x2.extract_lane(pair, 0);
    const y = f64x2.extract_lane(pair, 1);
    store<f64>(to, x);
    to += usize(x >= low && x < high) << 3;
    store<f64>(to, y);
    to += usize(y >= low && y < high) << 3;
  }
  let below = <i32>(i64x2.extract_lane(smaller, 0) + i64x2.extract_lane(smaller, 1));
  if (count & 1) {
    const x = load<f64>(at);
    below += i32(x < low);
    store<f64>(to, x);
    to += usize(x >= low && x < high) << 3;
  }
  const near = <i32>((to - work) >> 3);
  if (rank < below || rank >= below + near) return rankedOf(values, count, rank, work);
  return ranked(work, near, rank - below, to);
}

/**
 * Sums of the last `count` numbers of four runs, in order.
 *
 * @param end of the first run, behind its last number
 * @param stride bytes from one run to the next
 * @param output of float64, `[4]`
 */
export function sumsOfFour(end: usize, count: i32, stride: usize, output: usize): void {
  let first: f64 = 0;
  let second: f64 = 0;
  let third: f64 = 0;
  let fourth: f64 = 0;
  for (let at = end - 8 * count; at < end; at += 8) {
    first += load<f64>(at);
    second += load<f64>(at + stride);
    third += load<f64>(at + 2 * stride);
    fourth += load<f64>(at + 3 * stride);
  }
  store<f64>(output, first);
  store<f64>(output, second, 8);
  store<f64>(output, third, 16);
  store<f64>(output, fourth, 24);
}

/** One of three, by where the number looked for stands. */
function ofThree(x: usize, count: i32, rank: i32): f64 {
  const a = load<f64>(x);
  const b = load<f64>(x + 8 * (count >> 1));
  const c = load<f64>(x + 8 * (count - 1));
  const low = min(a, b);
  const high = max(a, b);
  if (4 * rank < count) return min(low, c);
  if (4 * rank > 3 * count) return max(high, c);
  return max(low, min(high, c));
}

function ofSample(x: usize, count: i32, rank: i32, spare: usize): f64 {
  const step = count / SAMPLE;
  for (let i = 0; i < SAMPLE; i++) store<f64>(spare + 8 * i, load<f64>(x + 8 * i * step));
  sort(spare, SAMPLE);
  const at = (rank * SAMPLE) / count + (2 * rank < count ? BEYOND : -BEYOND);
  return load<f64>(spare + 8 * max(0, min(SAMPLE - 1, at)));
}

/** Smaller numbers to the front of `to`, others to its end. @returns how many are smaller */
function partition(x: usize, count: i32, pivot: f64, to: usize): i32 {
  let front = to;
  let back = to + 8 * (count - 1);
  for (const end = x + 8 * count; x < end; x += 8) {
    const value = load<f64>(x);
    store<f64>(front, value);
    store<f64>(back, value);
    const step = usize(value < pivot) << 3;
    front += step;
    back += step - 8;
  }
  return <i32>((front - to) >> 3);
}

/** The same with those that are equal among the first. */
function partitionEqual(x: usize, count: i32, pivot: f64, to: usize): i32 {
  let front = to;
  let back = to + 8 * (count - 1);
  for (const end = x + 8 * count; x < end; x += 8) {
    const value = load<f64>(x);
    store<f64>(front, value);
    store<f64>(back, value);
    const step = usize(value <= pivot) << 3;
    front += step;
    back += step - 8;
  }
  return <i32>((front - to) >> 3);
}

function sort(x: usize, count: i32): void {
  for (let i = 1; i < count; i++) {
    const value = load<f64>(x + 8 * i);
    let at = x + 8 * i;
    for (; at > x && load<f64>(at - 8) > value; at -= 8) store<f64>(at, load<f64>(at - 8));
    store<f64>(at, value);
  }
}
