/** From so many numbers on, the pivot is found in a sample first. */
const SAMPLED_FROM = 600;

/**
 * The number of `rank`, from 0 as the smallest, among `count` float64, which are left in another order. None may be NaN.
 *
 * Floyd & Rivest, "Algorithm 489: the algorithm SELECT", Comm. ACM 18, 1975, with a sample of about twice the square root.
 */
export function ranked(x: usize, count: i32, rank: i32): f64 {
  select(x, 0, count - 1, rank);
  return load<f64>(x + 8 * rank);
}

function select(x: usize, left: i32, right: i32, rank: i32): void {
  while (left < right) {
    if (right - left >= SAMPLED_FROM) narrow(x, left, right, rank);
    const pivot = load<f64>(x + 8 * rank);
    let i = x + 8 * left;
    let j = x + 8 * right;
    do {
      while (load<f64>(i) < pivot) i += 8;
      while (pivot < load<f64>(j)) j -= 8;
      if (<isize>i > <isize>j) break;
      const swapped = load<f64>(i);
      store<f64>(i, load<f64>(j));
      store<f64>(j, swapped);
      i += 8;
      j -= 8;
    } while (<isize>i <= <isize>j);
    const middle = x + 8 * rank;
    if (<isize>j < <isize>middle) left = <i32>((i - x) >> 3);
    if (<isize>middle < <isize>i) right = (<i32>(j - x)) >> 3;
  }
}

/** Has a sample about `rank` put there what is likely near the value looked for. */
function narrow(x: usize, left: i32, right: i32, rank: i32): void {
  const n = <f64>(right - left + 1);
  const at = <f64>(rank - left + 1);
  const size = 2 * sqrt(n);
  const spread = sqrt((2 * size * (n - size)) / n);
  const towards = at < n / 2 ? -spread : spread;
  const middle = <f64>rank;
  const first = max(left, <i32>floor(middle - (at * size) / n + towards));
  const last = min(right, <i32>floor(middle + ((n - at) * size) / n + towards));
  select(x, min(first, rank), max(last, rank), rank);
}
