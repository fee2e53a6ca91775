/** Features of a window from the energies of its frames, in float64. */

/**
 * Features of a window: logarithms of its energies relative to its own level, less their mean, or each band's own.
 *
 * @param energies of float64, `[rows][columns]`; may read three numbers beyond
 * @param floor above 1e-300, added to what is relative to the level, so that there is a logarithm
 * @param bandMeanRemoval 0: the window's mean is subtracted; 1: each band's
 * @param work room for `rows * columns + columns` float64, and four more
 * @param output of float32, `[rows][columns]`, limited to ±clip; may write one number beyond
 * @returns 0 where there is no level to be relative to, and nothing in `output`
 */
export function windowFeatures(
  energies: usize,
  rows: i32,
  columns: i32,
  floor: f64,
  bandMeanRemoval: f64,
  scale: f64,
  clip: f64,
  work: usize,
  output: usize,
): i32 {
  const count = rows * columns;
  const perLevel = <f64>count / sum(energies, count);
  if (!(perLevel > 0 && perLevel < Infinity)) return 0;
  const means = work + 8 * count;
  logarithms10(energies, count, perLevel, floor, work);
  columnSums(work, rows, columns, means);
  let mean: f64 = 0;
  for (let at = means, end = means + 8 * columns; at < end; at += 8) {
    const bandMean = load<f64>(at) / <f64>rows;
    store<f64>(at, bandMean);
    mean += bandMean / <f64>columns;
  }
  for (let at = means, end = means + 8 * columns; at < end; at += 8) {
    store<f64>(at, bandMeanRemoval * load<f64>(at) + (1 - bandMeanRemoval) * mean);
  }
  standardise(work, rows, columns, means, 1 / scale, clip, output);
  return 1;
}

/** Sum of `count` numbers. */
function sum(input: usize, count: i32): f64 {
  let first = f64x2.splat(0);
  let second = f64x2.splat(0);
  const end = input + 8 * count;
  for (; input + 32 <= end; input += 32) {
    first = f64x2.add(first, v128.load(input));
    second = f64x2.add(second, v128.load(input, 16));
  }
  first = f64x2.add(first, second);
  let total = f64x2.extract_lane(first, 0) + f64x2.extract_lane(first, 1);
  for (; input < end; input += 8) total += load<f64>(input);
  return total;
}

/**
 * `output[i] = log10(energies[i] * factor + floor)`, to 1e-9. May read and write three numbers beyond `count`.
 *
 * @param floor above 1e-300, so that there is a logarithm
 */
function logarithms10(energies: usize, count: i32, factor: f64, floor: f64, output: usize): void {
  const factors = f64x2.splat(factor);
  const floors = f64x2.splat(floor);
  for (const end = energies + 8 * count; energies < end; energies += 32, output += 32) {
    const first = f64x2.add(f64x2.mul(v128.load(energies), factors), floors);
    const second = f64x2.add(f64x2.mul(v128.load(energies, 16), factors), floors);
    twoLogarithms10(first, second, output);
  }
}

/** Why constants stand in memory says `functions.ts`. */
const LOGARITHM = memory.data<f64>([
  1,
  1.0 / 9,
  1.0 / 7,
  1.0 / 5,
  1.0 / 3,
  2 * 0.4342944819032518,
  0.3010299956639812,
]);
/** The bits of sqrt(1/2) and of a mantissa. */
const BITS = memory.data<i64>([0x3fe6a09e667f3bcd, 0x000fffffffffffff]);

/** 2 artanh(s) with s = (m - 1) / (m + 1) is ln m; m is the mantissa in [sqrt(1/2), sqrt(2)). Of two vectors. */
function twoLogarithms10(x: v128, y: v128, output: usize): void {
  const root = v128.load64_splat(BITS);
  const fraction = v128.load64_splat(BITS + 8);
  const one = v128.load64_splat(LOGARITHM);
  x = i64x2.sub(x, root);
  y = i64x2.sub(y, root);
  // The upper halves of all lanes, as there is no shift of 64 bits that keeps the sign on every processor.
  const exponents = i32x4.shr_s(v128.shuffle<i32>(x, y, 1, 3, 5, 7), 20);
  x = i64x2.add(v128.and(x, fraction), root);
  y = i64x2.add(v128.and(y, fraction), root);
  x = f64x2.div(f64x2.sub(x, one), f64x2.add(x, one));
  y = f64x2.div(f64x2.sub(y, one), f64x2.add(y, one));
  const xx = f64x2.mul(x, x);
  const yy = f64x2.mul(y, y);
  let c = v128.load64_splat(LOGARITHM + 8);
  let p = f64x2.mul(c, xx);
  let q = f64x2.mul(c, yy);
  c = v128.load64_splat(LOGARITHM + 16);
  p = f64x2.mul(f64x2.add(p, c), xx);
  q = f64x2.mul(f64x2.add(q, c), yy);
  c = v128.load64_splat(LOGARITHM + 24);
  p = f64x2.mul(f64x2.add(p, c), xx);
  q = f64x2.mul(f64x2.add(q, c), yy);
  c = v128.load64_splat(LOGARITHM + 32);
  p = f64x2.mul(f64x2.add(p, c), xx);
  q = f64x2.mul(f64x2.add(q, c), yy);
  p = f64x2.mul(x, f64x2.add(p, one));
  q = f64x2.mul(y, f64x2.add(q, one));
  const toTens = v128.load64_splat(LOGARITHM + 40);
  p = f64x2.mul(p, toTens);
  q = f64x2.mul(q, toTens);
  const two = v128.load64_splat(LOGARITHM + 48);
  const m = f64x2.convert_low_i32x4_s(exponents);
  const n = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(exponents, exponents, 2, 3, 2, 3));
  v128.store(output, f64x2.add(p, f64x2.mul(m, two)));
  v128.store(output, f64x2.add(q, f64x2.mul(n, two)), 16);
}

/** Sums over the rows of `[rows][columns]`. May write one number beyond. */
function columnSums(input: usize, rows: i32, columns: i32, output: usize): void {
  let column = 0;
  for (; column + 8 <= columns; column += 8) {
    let total0 = f64x2.splat(0);
    let total1 = f64x2.splat(0);
    let total2 = f64x2.splat(0);
    let total3 = f64x2.splat(0);
    let from = input + 8 * column;
    for (let row = 0; row < rows; row++, from += 8 * columns) {
      total0 = f64x2.add(total0, v128.load(from));
      total1 = f64x2.add(total1, v128.load(from, 16));
      total2 = f64x2.add(total2, v128.load(from, 32));
      total3 = f64x2.add(total3, v128.load(from, 48));
    }
    v128.store(output + 8 * column, total0);
    v128.store(output + 8 * column, total1, 16);
    v128.store(output + 8 * column, total2, 32);
    v128.store(output + 8 * column, total3, 48);
  }
  for (; column < columns; column += 2) {
    let total = f64x2.splat(0);
    let from = input + 8 * column;
    for (let row = 0; row < rows; row++, from += 8 * columns) total = f64x2.add(total, v128.load(from));
    v128.store(output + 8 * column, total);
  }
}

/** `output[r][c] = limit((input[r][c] - means[c]) * factor, ±clip)` as float32. May write one number beyond. */
function standardise(
  input: usize,
  rows: i32,
  columns: i32,
  means: usize,
  factor: f64,
  clip: f64,
  output: usize,
): void {
  const factors = f64x2.splat(factor);
  const low = f64x2.splat(-clip);
  const high = f64x2.splat(clip);
  for (let row = 0; row < rows; row++, input += 8 * columns, output += 4 * columns) {
    for (let column = 0; column < columns; column += 2) {
      const x = f64x2.sub(v128.load(input + 8 * column), v128.load(means + 8 * column));
      const limited = f64x2.pmax(f64x2.pmin(f64x2.mul(x, factors), high), low);
      v128.store64_lane(output + 4 * column, f32x4.demote_f64x2_zero(limited), 0);
    }
  }
}
