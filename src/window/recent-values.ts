/** The last values of a series as one contiguous run; older ones are forgotten. `reset()` forgets all. */
export class RecentValues {
  private readonly values: Float64Array;
  private end = 0;

  /** @param most values that can be asked for */
  constructor(private readonly most: number) {
    this.values = new Float64Array(2 * most);
  }

  push(value: number): void {
    if (this.end === this.values.length) this.makeRoom();
    this.values[this.end++] = value;
  }

  /** Pushes them one after the other. */
  pushAll(values: Float64Array): void {
    for (let from = Math.max(0, values.length - this.most); from < values.length;) {
      if (this.end === this.values.length) this.makeRoom();
      const to = Math.min(values.length, from + this.values.length - this.end);
      this.values.set(from === 0 && to === values.length ? values : values.subarray(from, to), this.end);
      this.end += to - from;
      from = to;
    }
  }

  /** How many can be asked for now. */
  get length(): number {
    return Math.min(this.end, this.most);
  }

  /** The last `count`, newest last, or fewer where there are fewer; a view that the next push may change. */
  last(count = this.most): Float64Array {
    return this.values.subarray(Math.max(0, this.end - Math.min(count, this.most)), this.end);
  }

  reset(): void {
    this.end = 0;
  }

  private makeRoom(): void {
    this.values.copyWithin(0, this.end - this.most);
    this.end = this.most;
  }
}
