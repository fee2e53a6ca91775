/** Products of matrices in float32. As in `arithmetic.ts`, up to three elements beyond the end of a row may be written. */

/**
 * `output[m][n] = limit(offsets[n] + sum over k of a(m, k) * b[k][n])`, with `b` and `offsets` padded to a multiple of 4
 * columns with zeros.
 *
 * @param aRow bytes from one m of `a` to the next
 * @param aStep bytes from one k of `a` to the next
 * @param bRow bytes from one k of `b` to the next
 */
export function multiply(
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  bRow: usize,
  offsets: usize,
  output: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  least: f32,
  most: f32,
): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  let row = 0;
  // Four rows at once, so that no sum waits for itself; only where nothing is written beyond the end of a row.
  for (; (columns & 3) === 0 && row + 4 <= rows; row += 4, a += 4 * aRow, output += 16 * columns) {
    let at = 0;
    for (; at + 32 <= 4 * columns; at += 32) {
      let sum00 = v128.load(offsets + at);
      let sum01 = v128.load(offsets + at, 16);
      let sum10 = sum00;
      let sum11 = sum01;
      let sum20 = sum00;
      let sum21 = sum01;
      let sum30 = sum00;
      let sum31 = sum01;
      let from = a;
      let to = b + at;
      for (let k = 0; k < depth; k++, from += aStep, to += bRow) {
        const y0 = v128.load(to);
        const y1 = v128.load(to, 16);
        let x = v128.load32_splat(from);
        sum00 = f32x4.add(sum00, f32x4.mul(x, y0));
        sum01 = f32x4.add(sum01, f32x4.mul(x, y1));
        x = v128.load32_splat(from + aRow);
        sum10 = f32x4.add(sum10, f32x4.mul(x, y0));
        sum11 = f32x4.add(sum11, f32x4.mul(x, y1));
        x = v128.load32_splat(from + 2 * aRow);
        sum20 = f32x4.add(sum20, f32x4.mul(x, y0));
        sum21 = f32x4.add(sum21, f32x4.mul(x, y1));
        x = v128.load32_splat(from + 3 * aRow);
        sum30 = f32x4.add(sum30, f32x4.mul(x, y0));
        sum31 = f32x4.add(sum31, f32x4.mul(x, y1));
      }
      let row0 = output + at;
      v128.store(row0, f32x4.pmax(f32x4.pmin(sum00, high), low));
      v128.store(row0, f32x4.pmax(f32x4.pmin(sum01, high), low), 16);
      v128.store((row0 += 4 * columns), f32x4.pmax(f32x4.pmin(sum10, high), low));
      v128.store(row0, f32x4.pmax(f32x4.pmin(sum11, high), low), 16);
      v128.store((row0 += 4 * columns), f32x4.pmax(f32x4.pmin(sum20, high), low));
      v128.store(row0, f32x4.pmax(f32x4.pmin(sum21, high), low), 16);
      v128.store((row0 += 4 * columns), f32x4.pmax(f32x4.pmin(sum30, high), low));
      v128.store(row0, f32x4.pmax(f32x4.pmin(sum31, high), low), 16);
    }
    for (; at < 4 * columns; at += 16) {
      let sum0 = v128.load(offsets + at);
      let sum1 = sum0;
      let sum2 = sum0;
      let sum3 = sum0;
      let from = a;
      let to = b + at;
      for (let k = 0; k < depth; k++, from += aStep, to += bRow) {
        const y = v128.load(to);
        sum0 = f32x4.add(sum0, f32x4.mul(v128.load32_splat(from), y));
        sum1 = f32x4.add(sum1, f32x4.mul(v128.load32_splat(from + aRow), y));
        sum2 = f32x4.add(sum2, f32x4.mul(v128.load32_splat(from + 2 * aRow), y));
        sum3 = f32x4.add(sum3, f32x4.mul(v128.load32_splat(from + 3 * aRow), y));
      }
      v128.store(output + at, f32x4.pmax(f32x4.pmin(sum0, high), low));
      v128.store(output + 4 * columns + at, f32x4.pmax(f32x4.pmin(sum1, high), low));
      v128.store(output + 8 * columns + at, f32x4.pmax(f32x4.pmin(sum2, high), low));
      v128.store(output + 12 * columns + at, f32x4.pmax(f32x4.pmin(sum3, high), low));
    }
  }
  for (; row < rows; row++, a += aRow, output += 4 * columns) {
    let column = 0;
    for (; column + 4 < columns; column += 8) {
      let sum0 = v128.load(offsets + 4 * column);
      let sum1 = v128.load(offsets + 4 * column, 16);
      let from = a;
      let to = b + 4 * column;
      for (let k = 0; k < depth; k++, from += aStep, to += bRow) {
        const x = v128.load32_splat(from);
        sum0 = f32x4.add(sum0, f32x4.mul(x, v128.load(to)));
        sum1 = f32x4.add(sum1, f32x4.mul(x, v128.load(to, 16)));
      }
      v128.store(output + 4 * column, f32x4.pmax(f32x4.pmin(sum0, high), low));
      v128.store(output + 4 * column, f32x4.pmax(f32x4.pmin(sum1, high), low), 16);
    }
    for (; column < columns; column += 4) {
      let sum = v128.load(offsets + 4 * column);
      let from = a;
      let to = b + 4 * column;
      for (let k = 0; k < depth; k++, from += aStep, to += bRow) {
        sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(from), v128.load(to)));
      }
      v128.store(output + 4 * column, f32x4.pmax(f32x4.pmin(sum, high), low));
    }
  }
}

/**
 * As {@link multiply} where each column is of four inputs side by side, all with one weight, and four columns side by side
 * are of sixteen.
 *
 * @param blocks of int32, `[columns / 4][2]`: bytes to the first input and to the first column, the same inputs one after
 *   the other
 * @param columns a multiple of 4
 */
export function multiplyNeighbours(
  a: usize,
  weight: f32,
  blocks: usize,
  offsets: usize,
  output: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  least: f32,
  most: f32,
): void {
  const low = f32x4.splat(least);
  const high = f32x4.splat(most);
  const factor = f32x4.splat(weight);
  const end = blocks + 2 * columns;
  for (let row = 0; row < rows; row++, a += 4 * depth, output += 4 * columns) {
    for (let block = blocks; block < end;) {
      const input = load<usize>(block);
      const x0 = v128.load(a + input);
      const x1 = v128.load(a + input, 16);
      const x2 = v128.load(a + input, 32);
      const x3 = v128.load(a + input, 48);
      const first01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
      const first23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
      const last01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
      const last23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
      const y0 = f32x4.mul(v128.shuffle<f32>(first01, first23, 0, 1, 4, 5), factor);
      const y1 = f32x4.mul(v128.shuffle<f32>(first01, first23, 2, 3, 6, 7), factor);
      const y2 = f32x4.mul(v128.shuffle<f32>(last01, last23, 0, 1, 4, 5), factor);
      const y3 = f32x4.mul(v128.shuffle<f32>(last01, last23, 2, 3, 6, 7), factor);
      do {
        const at = load<usize>(block, 4);
        let sum = f32x4.add(v128.load(offsets + at), y0);
        sum = f32x4.add(f32x4.add(f32x4.add(sum, y1), y2), y3);
        v128.store(output + at, f32x4.pmax(f32x4.pmin(sum, high), low));
        block += 8;
      } while (block < end && load<usize>(block) === input);
    }
  }
}

/** As {@link multiply} for few columns: both sides hold their k side by side, `a` `[rows][depth]`, `b` `[columns][depth]`. */
export function multiplyRuns(
  a: usize,
  b: usize,
  offsets: usize,
  output: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  least: f32,
  most: f32,
): void {
  for (let row = 0; row < rows; row++, a += 4 * depth) {
    for (let column = 0; column < columns; column++, output += 4) {
      const sum = dot(a, b + 4 * depth * column, depth) + load<f32>(offsets + 4 * column);
      store<f32>(output, max(min(sum, most), least));
    }
  }
}

function dot(a: usize, b: usize, count: i32): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let i = 0;
  for (; i + 8 <= count; i += 8, a += 32, b += 32) {
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(a), v128.load(b)));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
  }
  sum0 = f32x4.add(sum0, sum1);
  sum0 = f32x4.add(sum0, v128.shuffle<f32>(sum0, sum0, 2, 3, 2, 3));
  let sum = f32x4.extract_lane(sum0, 0) + f32x4.extract_lane(sum0, 1);
  for (; i < count; i++, a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
  return sum;
}
