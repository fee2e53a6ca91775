import { PolyphaseTable, type ResamplerOptions } from '../../src/condition/polyphase-table.js';

/** The readable twin of `RationalResampler`: the same arithmetic in plain TypeScript, a number at a time. */
export class PlainResampler {
  private readonly table: PolyphaseTable;
  /** The last `tapsPerPhase - 1` inputs, then the chunk at hand. */
  private work: Float64Array;
  /** Position of the next output on the up-sampled axis, relative to the first sample of the next chunk. */
  private nextOutput = 0;

  /**
   * @param design what to convert, or a table that was made of it before: several resamplers may share one
   * @throws ConfigurationError for rates that cannot be converted
   */
  constructor(design: ResamplerOptions | PolyphaseTable) {
    this.table = design instanceof PolyphaseTable ? design : new PolyphaseTable(design);
    this.work = new Float64Array(this.table.tapsPerPhase - 1 + 1024);
  }

  /** How many samples the next `execute` of `inputLength` samples will return. */
  outputLength(inputLength: number): number {
    return Math.max(0, Math.ceil((inputLength * this.table.up - this.nextOutput) / this.table.down));
  }

  /** @returns the output samples that these inputs complete; the receiver owns the array */
  execute(input: Float64Array): Float64Array {
    const { tapsPerPhase, phases, up, down } = this.table;
    const history = tapsPerPhase - 1;
    if (this.work.length < history + input.length) {
      const larger = new Float64Array(history + input.length);
      larger.set(this.work.subarray(0, history));
      this.work = larger;
    }
    const work = this.work;
    work.set(input, history);
    const output = new Float64Array(this.outputLength(input.length));
    let position = this.nextOutput;
    for (let n = 0; n < output.length; n++, position += down) {
      const phase = position % up;
      const first = (position - phase) / up;
      const row = phase * tapsPerPhase;
      let sum = 0;
      for (let k = 0; k < tapsPerPhase; k++) sum += phases[row + k] * work[first + k];
      output[n] = sum;
    }
    this.nextOutput = position - input.length * up;
    work.copyWithin(0, input.length, input.length + history);
    return output;
  }

  reset(): void {
    this.work.fill(0);
    this.nextOutput = 0;
  }
}
