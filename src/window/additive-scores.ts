/** One measure's part in an additive score: `scores` at ascending `knots`, linear between, constant beyond. */
export interface KnotScores {
  readonly knots: readonly number[];
  readonly scores: readonly number[];
}

/** Where `value` lies among ascending `knots`: 1.25 is a quarter of the way from the second to the third. */
export function positionBetween(knots: readonly number[], value: number): number {
  const last = knots.length - 1;
  if (!(value > knots[0])) return 0;
  if (value >= knots[last]) return last;
  let k = 0;
  while (value >= knots[k + 1]) k++;
  return k + (value - knots[k]) / (knots[k + 1] - knots[k]);
}

/** Of one measure, at a position that {@link positionBetween} found. */
export function scoreAt(scores: readonly number[], position: number): number {
  const k = Math.min(Math.floor(position), scores.length - 2);
  return scores[k] + (position - k) * (scores[k + 1] - scores[k]);
}
