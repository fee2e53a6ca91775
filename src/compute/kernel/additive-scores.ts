/** Additive scores: of each measure a piecewise linear function. In float64. */

/**
 * Adds what every measure scores to sums.
 *
 * @param values of the measures
 * @param table of each measure, one after the other: which of the values it is, how many knots it has, the knots, ascending,
 *   then the scores at them, once for each sum
 * @param end of the table
 * @param sums `[count]`, which begin with the intercepts
 */
export function addScores(values: usize, table: usize, end: usize, sums: usize, count: i32): void {
  while (table < end) {
    const value = load<f64>(values + 8 * <usize>load<f64>(table));
    const knots = <i32>load<f64>(table, 8);
    const position = positionBetween(table + 16, knots, value);
    // At the last knot, the piece before it.
    const piece = min(<i32>position, knots - 2);
    const within = position - <f64>piece;
    table += 16 + 8 * knots;
    for (let sum = sums; sum < sums + 8 * count; sum += 8, table += 8 * knots) {
      const at = table + 8 * piece;
      const score = load<f64>(at);
      store<f64>(sum, load<f64>(sum) + (score + within * (load<f64>(at, 8) - score)));
    }
  }
}

/** Where a value lies among the knots: 1.25 is a quarter of the way from the second to the third; no further than the ends. */
function positionBetween(knots: usize, count: i32, value: f64): f64 {
  if (!(value > load<f64>(knots))) return 0;
  if (value >= load<f64>(knots + 8 * (count - 1))) return <f64>(count - 1);
  let k = 0;
  while (value >= load<f64>(knots + 8 * (k + 1))) k++;
  const knot = load<f64>(knots + 8 * k);
  return <f64>k + (value - knot) / (load<f64>(knots + 8 * (k + 1)) - knot);
}
