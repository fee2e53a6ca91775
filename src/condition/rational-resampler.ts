import { ConfigurationError } from '../errors.js';
import { kaiserLowPass } from './kaiser-low-pass.js';

export interface ResamplerOptions {
  /** Integer in 1,000..48,000 or whatever the caller allows. */
  readonly inputRateHz: number;
  /** Integer, at most `inputRateHz`. */
  readonly outputRateHz: number;
  readonly antiAlias: { readonly passHz: number; readonly stopHz: number; readonly stopbandDb: number };
}

/**
 * Lowers the sample rate by any ratio of integers, incrementally, with a polyphase Kaiser low-pass.
 *
 * Output equals `scipy.signal.upfirdn(h * up, x, up, down)[:ceil(len(x) * up / down)]` whatever the chunking: causal,
 * silence assumed before the first sample, delayed by {@link delaySeconds}. At equal rates it hands the samples on.
 * State: the last taps' worth of input; `reset()` clears it.
 */
export class RationalResampler {
  readonly up: number;
  readonly down: number;
  /** Group delay of the low-pass. */
  readonly delaySeconds: number;
  /** `[up][tapsPerPhase]`, each phase reversed, so that an output is a dot product of two contiguous runs. */
  private readonly phases: Float64Array;
  private readonly tapsPerPhase: number;
  /** The last `tapsPerPhase - 1` inputs, then the chunk at hand. */
  private work: Float64Array;
  /** Position of the next output on the up-sampled axis, relative to the first sample of the next chunk. */
  private nextOutput = 0;

  constructor(options: ResamplerOptions) {
    const { inputRateHz, outputRateHz } = options;
    for (const [name, rate] of Object.entries({ inputRateHz, outputRateHz })) {
      if (!Number.isInteger(rate) || rate < 1) {
        throw new ConfigurationError(`${name} must be a positive integer, got ${rate}`);
      }
    }
    if (outputRateHz > inputRateHz) {
      throw new ConfigurationError(
        `the source's rate must be at least the model's ${outputRateHz} Hz, got ${inputRateHz} Hz; ` +
          `record at a higher rate`,
      );
    }
    const divisor = greatestCommonDivisor(inputRateHz, outputRateHz);
    this.up = outputRateHz / divisor;
    this.down = inputRateHz / divisor;
    if (this.up === this.down) {
      this.tapsPerPhase = 1;
      this.phases = Float64Array.of(1);
      this.delaySeconds = 0;
    } else {
      const filterRateHz = inputRateHz * this.up;
      const taps = kaiserLowPass({ ...options.antiAlias, sampleRateHz: filterRateHz });
      this.delaySeconds = (taps.length - 1) / 2 / filterRateHz;
      this.tapsPerPhase = Math.ceil(taps.length / this.up);
      this.phases = new Float64Array(this.up * this.tapsPerPhase);
      for (let i = 0; i < taps.length; i++) {
        const phase = i % this.up;
        const age = (i - phase) / this.up;
        this.phases[phase * this.tapsPerPhase + this.tapsPerPhase - 1 - age] = taps[i] * this.up;
      }
    }
    this.work = new Float64Array(this.tapsPerPhase - 1 + 1024);
  }

  /** How many samples the next `execute` of `inputLength` samples will return. */
  outputLength(inputLength: number): number {
    return Math.max(0, Math.ceil((inputLength * this.up - this.nextOutput) / this.down));
  }

  /** @returns the output samples that these inputs complete; the receiver owns the array */
  execute(input: Float64Array): Float64Array {
    const { tapsPerPhase, phases, up, down } = this;
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

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
