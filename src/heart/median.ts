/** From so many on the engine sorts; fewer are put into order one by one, which takes a tenth of the time. */
const FEW = 64;
const sorted = new Float64Array(FEW);

/** @returns NaN of nothing */
export function medianOf(values: ArrayLike<number>, count = values.length): number {
  if (count > FEW) return middleOf(Float64Array.from(values).subarray(0, count).sort(), count);
  for (let i = 0; i < count; i++) {
    const value = values[i];
    let at = i;
    for (; at > 0 && sorted[at - 1] > value; at--) sorted[at] = sorted[at - 1];
    sorted[at] = value;
  }
  return middleOf(sorted, count);
}

const middleOf = (ascending: Float64Array, count: number): number =>
  count === 0 ? NaN : (ascending[(count - 1) >> 1] + ascending[count >> 1]) / 2;
