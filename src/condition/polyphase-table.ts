import { ConfigurationError } from '../errors.js';
import { kaiserLowPass } from './kaiser-low-pass.js';

export interface ResamplerOptions {
  /** Integer; sources have 1,000..192,000. */
  readonly inputRateHz: number;
  /** Integer, at most `inputRateHz`. */
  readonly outputRateHz: number;
  readonly antiAlias: { readonly passHz: number; readonly stopHz: number; readonly stopbandDb: number };
}

/**
 * What a `RationalResampler` multiplies with: the taps of its Kaiser low-pass, sorted by phase. Never changed once made.
 *
 * It has as many taps as the low-pass at `inputRateHz * up`, so rates without a common divisor make the largest ones:
 * 38 MiB from 191,999 Hz to 1,000 Hz. What would be beyond `MOST_TAPS` is refused before anything is allocated.
 */
export class PolyphaseTable {
  readonly up: number;
  readonly down: number;
  /** Group delay of the low-pass. */
  readonly delaySeconds: number;
  /** `[up][tapsPerPhase]`, each phase reversed, so that an output is a dot product of two contiguous runs. */
  readonly phases: Float64Array;
  readonly tapsPerPhase: number;

  /** @throws ConfigurationError for rates that cannot be converted */
  constructor({ inputRateHz, outputRateHz, antiAlias }: ResamplerOptions) {
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
      return;
    }
    const filterRateHz = inputRateHz * this.up;
    const taps = kaiserLowPass({ ...antiAlias, sampleRateHz: filterRateHz });
    this.delaySeconds = (taps.length - 1) / 2 / filterRateHz;
    this.tapsPerPhase = Math.ceil(taps.length / this.up);
    this.phases = new Float64Array(this.up * this.tapsPerPhase);
    for (let phase = 0; phase < this.up; phase++) {
      let to = (phase + 1) * this.tapsPerPhase;
      for (let i = phase; i < taps.length; i += this.up) this.phases[--to] = taps[i] * this.up;
    }
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
