/**
 * Exponentials and logarithms with what is done before and after them. As in `arithmetic.ts`, up to three elements beyond the
 * end of a row may be written.
 */
import { exponential, logarithm } from './functions';

// Of `combine`.
const DIVIDE = 3;

/** `output[i] = exp(input[i] * factor + plus)`, which stand as one float32 each; `total` and `share` as of `scaledLogarithms`. */
export function scaledExponentials(
  input: usize,
  count: i32,
  factor: usize,
  plus: usize,
  output: usize,
  total: usize,
  share: f32,
): void {
  const factors = v128.load32_splat(factor);
  const sums = exponentialRun(input, count, f32x4.splat(0), factors, v128.load32_splat(plus), output);
  if (total !== 0) store<f32>(total, totalOf(sums) * share);
}

/**
 * `output[i] = log(input[i] op before + plus) * after`, which stand as one float32 each.
 *
 * @param operation as of `combine`: 2 multiplies, 3 divides
 * @param total where to put the sum of all outputs, in the order of `reduce`, multiplied with `share`; 0 for none, else
 *   `count` is a multiple of 8
 */
export function scaledLogarithms(
  input: usize,
  count: i32,
  operation: i32,
  before: usize,
  plus: usize,
  after: usize,
  output: usize,
  total: usize,
  share: f32,
): void {
  const factor = v128.load32_splat(before);
  const addend = v128.load32_splat(plus);
  const last = v128.load32_splat(after);
  let first = f32x4.splat(-0.0);
  let second = first;
  for (let i = 0; i < count; i += 4, input += 16, output += 16) {
    let x = v128.load(input);
    x = operation === DIVIDE ? f32x4.div(x, factor) : f32x4.mul(x, factor);
    x = f32x4.mul(logarithm(f32x4.add(x, addend)), last);
    v128.store(output, x);
    const sum = f32x4.add(first, x);
    first = second;
    second = sum;
  }
  if (total !== 0) store<f32>(total, totalOf(f32x4.add(first, second)) * share);
}

/** `1 / (1 + exp(-x))` */
export function sigmoids(input: usize, count: i32, output: usize): void {
  const one = f32x4.splat(1);
  exponentialRun(input, count, f32x4.splat(0), f32x4.splat(-1), f32x4.splat(-0.0), output);
  for (let i = 0; i < count; i += 4, output += 16) {
    v128.store(output, f32x4.div(one, f32x4.add(one, v128.load(output))));
  }
}

/** Of each row of `columns`, with the row's largest taken away first. */
export function softmax(input: usize, rows: i32, columns: i32, beta: f32, output: usize): void {
  for (let row = 0; row < rows; row++, input += 4 * columns, output += 4 * columns) {
    let largest: f32 = -Infinity;
    for (let i = 0; i < columns; i++) largest = max(largest, load<f32>(input + 4 * i));
    exponentialRun(input, columns, f32x4.splat(largest), f32x4.splat(beta), f32x4.splat(-0.0), output);
    let total: f32 = 0;
    for (let i = 0; i < columns; i++) total += load<f32>(output + 4 * i);
    const inverse = f32x4.splat(1 / total);
    for (let at = 0; at < 4 * columns; at += 16) {
      v128.store(output + at, f32x4.mul(v128.load(output + at), inverse));
    }
  }
}

/**
 * `output[i] = exp((input[i] - minus) * factor + plus)`: the only place that takes exponentials, so that they stand in the
 * loop itself.
 *
 * @returns sums of every fourth output, where `count` is a multiple of 8
 */
function exponentialRun(
  input: usize,
  count: i32,
  minus: v128,
  factor: v128,
  plus: v128,
  output: usize,
): v128 {
  // What changes no number that is added, not even a negative 0.
  let first = f32x4.splat(-0.0);
  let second = first;
  for (let i = 0; i < count; i += 4, input += 16, output += 16) {
    const x = f32x4.mul(f32x4.sub(v128.load(input), minus), factor);
    const y = exponential(f32x4.add(x, plus));
    v128.store(output, y);
    // Every other one: sums change places.
    const sum = f32x4.add(first, y);
    first = second;
    second = sum;
  }
  return f32x4.add(first, second);
}

function totalOf(sums: v128): f32 {
  const sum = f32x4.add(sums, v128.shuffle<f32>(sums, sums, 2, 3, 2, 3));
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1);
}
