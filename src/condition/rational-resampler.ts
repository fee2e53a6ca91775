import { PolyphaseTable, type ResamplerOptions } from './polyphase-table.js';

/**
 * Lowers the sample rate by any ratio of integers, incrementally, with a polyphase Kaiser low-pass.
 *
 * Output equals `scipy.signal.upfirdn(h * up, x, up, down)[:ceil(len(x) * up / down)]` whatever the chunking: causal,
 * silence assumed before the first sample, delayed by {@link delaySeconds}. At equal rates it hands the samples on.
 * State: the last taps' worth of input; `reset()` clears it.
 */
export class RationalResampler {
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

  /** Group delay of the low-pass. */
  get delaySeconds(): number {
    return this.table.delaySeconds;
  }

  /** How many samples the next `execute` of `inputLength` samples will return. */
  outputLength(inputLength: number): number {
    return Math.max(0, Math.ceil((inputLength * this.table.up - this.nextOutput) / this.table.down));
  }

  /**
   * @param into room for at least {@link outputLength} samples, written from its beginning; default a new array
   * @returns the output samples that these inputs complete: the receiver owns the array, or it is a view of `into`
   */
  execute(input: Float64Array, into?: Float64Array): Float64Array {
    const { tapsPerPhase, phases, up, down } = this.table;
    const history = tapsPerPhase - 1;
    if (this.work.length < history + input.length) {
      const larger = new Float64Array(history + input.length);
      larger.set(this.work.subarray(0, history));
      this.work = larger;
    }
    const work = this.work;
    work.set(input, history);
    const completed = this.outputLength(input.length);
    const output = into === undefined ? new Float64Array(completed) : into.subarray(0, completed);
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
