/** The last values of a series as one contiguous run; older ones are forgotten. `reset()` forgets all. */
export class RecentValues {
  private readonly values: Float64Array;
  private end = 0;

  /** @param most values that can be asked for */
  constructor(private readonly most: number) {
    this.values = new Float64Array(2 * most);
  }

  push(value: number): void {
    if (this.end === this.values.length) {
      this.values.copyWithin(0, this.end - this.most);
      this.end = this.most;
    }
    this.values[this.end++] = value;
  }

  /** The last `count`, newest last, or fewer where there are fewer; a view that the next push may change. */
  last(count = this.most): Float64Array {
    return this.values.subarray(Math.max(0, this.end - Math.min(count, this.most)), this.end);
  }

  reset(): void {
    this.end = 0;
  }
}

/** Values that `share` of them stay below, nearest rank; `fallback` of none. */
export function quantile(values: ArrayLike<number>, share: number, fallback: number): number {
  if (values.length === 0) return fallback;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.round(share * (sorted.length - 1))];
}

export const median = (values: ArrayLike<number>, fallback: number): number =>
  quantile(values, 0.5, fallback);
