/**
 * Operations of the network in float32.
 *
 * Limits are taken with `pmin` and `pmax`, of the number first: so what is no number stays none, in an instruction each where
 * `min` and `max` take several.
 *
 * Loops take four elements a time and may write up to three beyond the end of a row: rows are written in ascending order,
 * so the next one overwrites them, and behind each tensor are 16 bytes that nobody reads.
 */
import { exponential, logarithm } from './functions';

// Of `combine`; whatever else is a division.
const ADD = 0;
const SUBTRACT = 1;
const MULTIPLY = 2;

/**
 * `output[r][c] = limit(a[r][c] op b[r][c])`, where either side may stand for all rows, all columns, or both.
 *
 * @param aRow bytes from row to row of `a`, 0 where one row stands for all
 * @param aEach whether `a` has an element for each column, rather than one for the row
 */
export function combine(
  operation: i32,
  a: usize,
  aRow: usize,
  aEach: bool,
  b: usize,
  bRow: usize,
  bEach: bool,
  output: usize,
  rows: i32,
  columns: i32,
  least: f32,
  most: f32,
): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  for (let row = 0; row < rows; row++, a += aRow, b += bRow, output += 4 * columns) {
    let x = v128.load32_splat(a);
    let y = v128.load32_splat(b);
    let at: usize = 0;
    // Sixteen at once, so that what is asked of each is asked of all.
    for (const end: usize = 4 * columns; at + 64 <= end; at += 64) {
      let x1 = x;
      let x2 = x;
      let x3 = x;
      let y1 = y;
      let y2 = y;
      let y3 = y;
      if (aEach) {
        x = v128.load(a + at);
        x1 = v128.load(a + at, 16);
        x2 = v128.load(a + at, 32);
        x3 = v128.load(a + at, 48);
      }
      if (bEach) {
        y = v128.load(b + at);
        y1 = v128.load(b + at, 16);
        y2 = v128.load(b + at, 32);
        y3 = v128.load(b + at, 48);
      }
      let z: v128;
      if (operation === ADD) {
        z = f32x4.add(x, y);
        x1 = f32x4.add(x1, y1);
        x2 = f32x4.add(x2, y2);
        x3 = f32x4.add(x3, y3);
      } else if (operation === SUBTRACT) {
        z = f32x4.sub(x, y);
        x1 = f32x4.sub(x1, y1);
        x2 = f32x4.sub(x2, y2);
        x3 = f32x4.sub(x3, y3);
      } else if (operation === MULTIPLY) {
        z = f32x4.mul(x, y);
        x1 = f32x4.mul(x1, y1);
        x2 = f32x4.mul(x2, y2);
        x3 = f32x4.mul(x3, y3);
      } else {
        z = f32x4.div(x, y);
        x1 = f32x4.div(x1, y1);
        x2 = f32x4.div(x2, y2);
        x3 = f32x4.div(x3, y3);
      }
      v128.store(output + at, f32x4.pmax(f32x4.pmin(z, high), low));
      v128.store(output + at, f32x4.pmax(f32x4.pmin(x1, high), low), 16);
      v128.store(output + at, f32x4.pmax(f32x4.pmin(x2, high), low), 32);
      v128.store(output + at, f32x4.pmax(f32x4.pmin(x3, high), low), 48);
    }
    for (const end: usize = 4 * columns; at < end; at += 16) {
      if (aEach) x = v128.load(a + at);
      if (bEach) y = v128.load(b + at);
      let z: v128;
      if (operation === ADD) z = f32x4.add(x, y);
      else if (operation === SUBTRACT) z = f32x4.sub(x, y);
      else if (operation === MULTIPLY) z = f32x4.mul(x, y);
      else z = f32x4.div(x, y);
      v128.store(output + at, f32x4.pmax(f32x4.pmin(z, high), low));
    }
  }
}

export function exponentials(input: usize, count: i32, output: usize): void {
  for (let i = 0; i < count; i += 4, input += 16, output += 16) {
    v128.store(output, exponential(v128.load(input)));
  }
}

export function logarithms(input: usize, count: i32, output: usize): void {
  for (let i = 0; i < count; i += 4, input += 16, output += 16) {
    v128.store(output, logarithm(v128.load(input)));
  }
}

/** `1 / (1 + exp(-x))` */
export function sigmoids(input: usize, count: i32, output: usize): void {
  const one = f32x4.splat(1);
  for (let i = 0; i < count; i += 4, input += 16, output += 16) {
    const e = exponential(f32x4.neg(v128.load(input)));
    v128.store(output, f32x4.div(one, f32x4.add(one, e)));
  }
}

export function limit(input: usize, count: i32, output: usize, least: f32, most: f32): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  for (let i = 0; i < count; i += 4, input += 16, output += 16) {
    v128.store(output, f32x4.pmax(f32x4.pmin(v128.load(input), high), low));
  }
}

/** Of each row of `columns`, with the row's largest taken away first. */
export function softmax(input: usize, rows: i32, columns: i32, beta: f32, output: usize): void {
  for (let row = 0; row < rows; row++, input += 4 * columns, output += 4 * columns) {
    let largest: f32 = -Infinity;
    for (let i = 0; i < columns; i++) largest = max(largest, load<f32>(input + 4 * i));
    const shift = f32x4.splat(largest);
    const factor = f32x4.splat(beta);
    for (let at = 0; at < 4 * columns; at += 16) {
      const x = f32x4.mul(f32x4.sub(v128.load(input + at), shift), factor);
      v128.store(output + at, exponential(x));
    }
    let total: f32 = 0;
    for (let i = 0; i < columns; i++) total += load<f32>(output + 4 * i);
    const inverse = f32x4.splat(1 / total);
    for (let at = 0; at < 4 * columns; at += 16) {
      v128.store(output + at, f32x4.mul(v128.load(output + at), inverse));
    }
  }
}

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

/** Copies rows of `bytes` bytes, a multiple of 4. */
export function copyRows(
  input: usize,
  inputRow: usize,
  output: usize,
  outputRow: usize,
  rows: i32,
  bytes: usize,
): void {
  for (let row = 0; row < rows; row++, input += inputRow, output += outputRow) {
    if (bytes > 64) memory.copy(output, input, bytes);
    else for (let at: usize = 0; at < bytes; at += 4) store<f32>(output + at, load<f32>(input + at));
  }
}

/** `[rows][columns]` of float32 to `[columns][rows]`. */
export function transpose(input: usize, rows: i32, columns: i32, output: usize): void {
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++, output += 4) {
      store<f32>(output, load<f32>(input + 4 * (row * columns + column)));
    }
  }
}
