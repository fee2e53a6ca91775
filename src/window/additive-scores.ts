import { SignalKernel, type Address, type Region } from '../compute/signal-kernel.js';

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

  /**
   * @param values of the measures in the module's memory, float64
   * @returns the sums; reused by the next call
   */
  execute(values: Address): Float64Array {
    const { kernel, tables, intercepts, sums } = this;
    const table = this.region.holding(tables);
    const output = kernel.output.room(8 * sums.length);
    kernel.put(intercepts, output);
    kernel.functions.addScores(values, table, table + tables.byteLength, output, sums.length);
    kernel.get(output, sums.length, sums);
    return sums;
  }
}
