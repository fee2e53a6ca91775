/** Rows are made room for as they come, so many at first. */
const FIRST_ROWS = 256;

/**
 * Rows of numbers in the order in which they came, the oldest of which give way: a quarter of the memory that an object for
 * each row takes, and nothing for the engine to look through.
 */
export class NumberRows {
  private numbers: Float64Array;
  private rows = 0;

  /**
   * @param width of a row
   * @param most rows that are kept
   */
  constructor(
    private readonly width: number,
    private readonly most: number,
  ) {
    this.numbers = new Float64Array(Math.min(FIRST_ROWS, most) * width);
  }

  push(row: readonly number[]): void {
    const { width, numbers } = this;
    if (this.rows * width === numbers.length) this.makeRoom();
    this.numbers.set(row, this.rows * width);
    this.rows++;
  }

  /**
   * Where the rows are that reach into a span, the oldest first, for {@link row} before more comes.
   *
   * @param beginning column that says where a row begins on the axis of the span
   * @param end column that says where it ends
   */
  within(beginning: number, end: number, from: number, to: number): number[] {
    const { width, numbers } = this;
    const found: number[] = [];
    const last = this.rows * width;
    for (let at = Math.max(0, this.rows - this.most) * width; at < last; at += width) {
      if (numbers[at + end] >= from && numbers[at + beginning] <= to) found.push(at);
    }
    return found;
  }

  /** @param at of {@link within} */
  row(at: number): number[] {
    return Array.from(this.numbers.subarray(at, at + this.width));
  }

  /** Twice as many rows, up to a tenth over what is kept; then the oldest go, in one go, as to shift them one by one would cost more. */
  private makeRoom(): void {
    const { width, most } = this;
    const room = Math.ceil(1.1 * most);
    if (this.rows < room) {
      const grown = new Float64Array(Math.min(2 * this.rows, room) * width);
      grown.set(this.numbers);
      this.numbers = grown;
      return;
    }
    this.numbers.copyWithin(0, (this.rows - most) * width);
    this.rows = most;
  }
}
