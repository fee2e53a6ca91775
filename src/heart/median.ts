/** @returns NaN of nothing */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const { length } = sorted;
  return length === 0 ? NaN : (sorted[(length - 1) >> 1] + sorted[length >> 1]) / 2;
}
