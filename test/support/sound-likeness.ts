/** At a much lower rate, by averages: enough for sounds far below what is left. */
export function thinned(samples: ArrayLike<number>, by: number): Float64Array {
  const thin = new Float64Array(Math.floor(samples.length / by));
  for (let i = 0; i < thin.length; i++) {
    const from = Math.floor(i * by);
    const until = Math.floor((i + 1) * by);
    for (let k = from; k < until; k++) thin[i] += samples[k] / (until - from);
  }
  return thin;
}

/**
 * Where `piece` lies in `whole`, and how alike they are there: the greatest normalised cross-correlation.
 *
 * @returns `at`, an index of `whole`, and `likeness` in [-1, 1]
 */
export function locate(piece: Float64Array, whole: Float64Array): { at: number; likeness: number } {
  const square = (sum: number, value: number) => sum + value * value;
  const power = piece.reduce(square, 0);
  let around = whole.subarray(0, piece.length).reduce(square, 0);
  let best = { at: 0, likeness: -1 };
  for (let at = 0; at + piece.length <= whole.length; at++) {
    let sum = 0;
    for (let i = 0; i < piece.length; i++) sum += piece[i] * whole[at + i];
    const likeness = sum / Math.sqrt(power * Math.max(0, around) + 1e-30);
    if (likeness > best.likeness) best = { at, likeness };
    around += (whole[at + piece.length] ?? 0) ** 2 - whole[at] ** 2;
  }
  return best;
}
