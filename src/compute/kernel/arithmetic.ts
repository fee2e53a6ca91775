/**
 * Operations of the network in float32.
 *
 * Limits are taken with `pmin` and `pmax`, of the number first: so what is no number stays none, in an instruction each where
 * `min` and `max` take several.
 *
 * Loops take four elements a time and may write up to three beyond the end of a row: rows are written in ascending order,
 * so the next one overwrites them, and behind each tensor are 16 bytes that nobody reads.
 */

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

export function limit(input: usize, count: i32, output: usize, least: f32, most: f32): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  for (let i = 0; i < count; i += 4, input += 16, output += 16) {
    v128.store(output, f32x4.pmax(f32x4.pmin(v128.load(input), high), low));
  }
}

/** Whether all are numbers and finite. Reads up to three behind the end, which must be too. */
export function allFinite(input: usize, count: i32): bool {
  // A number less itself is 0, or no number where it is none or infinite: one sum tells of all.
  let first = f32x4.splat(0);
  let second = f32x4.splat(0);
  let i = 0;
  for (; i + 8 <= count; i += 8, input += 32) {
    const x = v128.load(input);
    const y = v128.load(input, 16);
    first = f32x4.add(first, f32x4.sub(x, x));
    second = f32x4.add(second, f32x4.sub(y, y));
  }
  for (; i < count; i += 4, input += 16) {
    const x = v128.load(input);
    first = f32x4.add(first, f32x4.sub(x, x));
  }
  return i32x4.bitmask(f32x4.eq(f32x4.add(first, second), f32x4.splat(0))) === 0b1111;
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
