/**
 * Sums, means and extremes in float32. As in `arithmetic.ts`, which see, up to three elements beyond the end of a row may be
 * written.
 */

// Of `reduce`.
const SUM = 0;
const MINIMUM = 1;
const MAXIMUM = 2;

/** `[outer][count][inner]` to `[outer][inner]`; a sum is multiplied with `factor`. */
export function reduce(
  operation: i32,
  input: usize,
  outer: i32,
  count: i32,
  inner: i32,
  factor: f32,
  output: usize,
): void {
  for (let o = 0; o < outer; o++, input += 4 * count * inner, output += 4 * inner) {
    if (inner === 1) {
      store<f32>(output, reduceRun(operation, input, count) * factor);
      continue;
    }
    let at: usize = 0;
    for (const end: usize = 4 * inner; at + 64 <= end; at += 64) {
      let from = input + at;
      let result0 = v128.load(from);
      let result1 = v128.load(from, 16);
      let result2 = v128.load(from, 32);
      let result3 = v128.load(from, 48);
      for (let i = 1; i < count; i++) {
        from += 4 * inner;
        result0 = join(operation, result0, v128.load(from));
        result1 = join(operation, result1, v128.load(from, 16));
        result2 = join(operation, result2, v128.load(from, 32));
        result3 = join(operation, result3, v128.load(from, 48));
      }
      v128.store(output + at, f32x4.mul(result0, f32x4.splat(factor)));
      v128.store(output + at, f32x4.mul(result1, f32x4.splat(factor)), 16);
      v128.store(output + at, f32x4.mul(result2, f32x4.splat(factor)), 32);
      v128.store(output + at, f32x4.mul(result3, f32x4.splat(factor)), 48);
    }
    for (; at < 4 * inner; at += 16) {
      let from = input + at;
      let result = v128.load(from);
      for (let i = 1; i < count; i++) {
        from += 4 * inner;
        result = join(operation, result, v128.load(from));
      }
      v128.store(output + at, f32x4.mul(result, f32x4.splat(factor)));
    }
  }
}

function reduceRun(operation: i32, input: usize, count: i32): f32 {
  let i = 1;
  let result = load<f32>(input);
  if (count >= 8) {
    let first = v128.load(input);
    let second = v128.load(input, 16);
    for (i = 8; i + 8 <= count; i += 8) {
      first = join(operation, first, v128.load(input + 4 * i));
      second = join(operation, second, v128.load(input + 4 * i, 16));
    }
    first = join(operation, first, second);
    first = join(operation, first, v128.shuffle<f32>(first, first, 2, 3, 2, 3));
    first = join(operation, first, v128.shuffle<f32>(first, first, 1, 1, 1, 1));
    result = f32x4.extract_lane(first, 0);
  }
  for (; i < count; i++) {
    const x = load<f32>(input + 4 * i);
    if (operation === SUM) result += x;
    else if (operation === MINIMUM) result = min(result, x);
    else result = max(result, x);
  }
  return result;
}

function join(operation: i32, a: v128, b: v128): v128 {
  if (operation === SUM) return f32x4.add(a, b);
  return operation === MAXIMUM ? f32x4.max(a, b) : f32x4.min(a, b);
}

/**
 * Means of runs along the first axis of `[steps][channels]`; where a run reaches over an edge, only what is inside counts.
 *
 * @param first where the first run begins, 0 or less
 */
export function averagePool(
  input: usize,
  steps: i32,
  channels: i32,
  first: i32,
  length: i32,
  stride: i32,
  output: usize,
  positions: i32,
  least: f32,
  most: f32,
): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  for (let position = 0; position < positions; position++, first += stride, output += 4 * channels) {
    const begin = max(first, 0);
    const end = min(first + length, steps);
    const factor = f32x4.splat(1 / <f32>(end - begin));
    let at = 0;
    for (; at + 64 <= 4 * channels; at += 64) {
      let sum0 = f32x4.splat(0);
      let sum1 = f32x4.splat(0);
      let sum2 = f32x4.splat(0);
      let sum3 = f32x4.splat(0);
      let from = input + at + 4 * channels * begin;
      for (let step = begin; step < end; step++, from += 4 * channels) {
        sum0 = f32x4.add(sum0, v128.load(from));
        sum1 = f32x4.add(sum1, v128.load(from, 16));
        sum2 = f32x4.add(sum2, v128.load(from, 32));
        sum3 = f32x4.add(sum3, v128.load(from, 48));
      }
      v128.store(output + at, f32x4.pmax(f32x4.pmin(f32x4.mul(sum0, factor), high), low));
      v128.store(output + at, f32x4.pmax(f32x4.pmin(f32x4.mul(sum1, factor), high), low), 16);
      v128.store(output + at, f32x4.pmax(f32x4.pmin(f32x4.mul(sum2, factor), high), low), 32);
      v128.store(output + at, f32x4.pmax(f32x4.pmin(f32x4.mul(sum3, factor), high), low), 48);
    }
    for (; at < 4 * channels; at += 16) {
      let sum = f32x4.splat(0);
      for (
        let step = begin, from = input + at + 4 * channels * begin;
        step < end;
        step++, from += 4 * channels
      ) {
        sum = f32x4.add(sum, v128.load(from));
      }
      v128.store(output + at, f32x4.pmax(f32x4.pmin(f32x4.mul(sum, factor), high), low));
    }
  }
}
