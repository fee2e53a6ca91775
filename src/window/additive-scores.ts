import { SignalKernel, type Region } from '../compute/signal-kernel.js';

/** One measure's part in additive scores: for each of them `scores` at ascending `knots`, linear between, constant beyond. */
export interface KnotScores {
  /** Which of the measures' values it is. */
  readonly column: number;
  readonly knots: readonly number[];
  readonly scores: readonly (readonly number[])[];
}

/** Sums of what each measure of a window scores. No state; the compute module does the arithmetic. */
export class AdditiveScores {
  private readonly kernel = SignalKernel.get();
  /** As `addScores` of the module takes them. */
  private readonly tables: Float64Array;
  private readonly intercepts: Float64Array;
  private readonly sums: Float64Array;

  /**
   * @param region of the module for these tables
   * @param intercepts that the sums begin with
   */
  constructor(
    private readonly region: Region,
    intercepts: readonly number[],
    measures: readonly KnotScores[],
  ) {
    this.intercepts = Float64Array.from(intercepts);
    this.sums = new Float64Array(intercepts.length);
    this.tables = Float64Array.from(
      measures.flatMap(({ column, knots, scores }) => [column, knots.length, ...knots, ...scores.flat()]),
    );
  }

  /** @returns the sums; reused by the next call */
  execute(values: Float64Array): Float64Array {
    const { kernel, tables, intercepts, sums } = this;
    const table = this.region.holding(tables);
    const at = kernel.input.room(8 * (values.length + sums.length));
    const sumsAt = at + 8 * values.length;
    kernel.put(values, at);
    kernel.put(intercepts, sumsAt);
    kernel.functions.addScores(at, table, table + tables.byteLength, sumsAt, sums.length);
    kernel.get(sumsAt, sums.length, sums);
    return sums;
  }
}
