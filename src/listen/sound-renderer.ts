import { Interpolator } from './interpolator.js';
import { PeakLimiter } from './peak-limiter.js';

export const MOST_GAIN_DB = 30;
export const LEAST_GAIN_DB = -20;
/** A knob that is turned is not to crackle. */
const GAIN_SECONDS = 0.015;

/** Where samples come from, one after the other, at a pace that may change. */
export interface SoundSource {
  readonly sampleRateHz: number;
  /** 1 is the pace at which it was recorded. */
  readonly pace: number;
  next(): number;
}

/**
 * Turns a source of any rate into blocks for a sound card: resampled, louder by `gainDb`, limited. What comes out never
 * exceeds the limiter's bound, whatever goes in.
 */
export class SoundRenderer {
  private readonly limiter: PeakLimiter;
  private interpolator: Interpolator | undefined;
  private interpolatedRateHz = 0;
  private input = new Float64Array(0);
  private gain = 1;
  private wanted = 1;
  private readonly gainStep: number;

  constructor(readonly outputRateHz: number) {
    this.limiter = new PeakLimiter(outputRateHz);
    this.gainStep = 1 - Math.exp(-1 / (GAIN_SECONDS * outputRateHz));
  }

  /** Kept within {@link LEAST_GAIN_DB} and {@link MOST_GAIN_DB}. */
  set gainDb(gainDb: number) {
    this.wanted = 10 ** (Math.max(LEAST_GAIN_DB, Math.min(MOST_GAIN_DB, gainDb)) / 20);
  }

  /** From a sample that is read to when it is heard, without the card. */
  get delaySeconds(): number {
    const interpolation =
      this.interpolator === undefined ? 0 : this.interpolator.delaySamples / this.interpolatedRateHz;
    return interpolation + this.limiter.delaySamples / this.outputRateHz;
  }

  /** The next block; silence without a source. */
  render(source: SoundSource | undefined, output: Float32Array): void {
    if (source === undefined) output.fill(0);
    else this.resample(source, output);
    for (let i = 0; i < output.length; i++) {
      this.gain += (this.wanted - this.gain) * this.gainStep;
      output[i] *= this.gain;
    }
    this.limiter.execute(output);
  }

  private resample(source: SoundSource, output: Float32Array): void {
    const { sampleRateHz } = source;
    if (this.interpolator === undefined || this.interpolatedRateHz !== sampleRateHz) {
      this.interpolator = new Interpolator(sampleRateHz / this.outputRateHz);
      this.interpolatedRateHz = sampleRateHz;
    }
    const step = (sampleRateHz * source.pace) / this.outputRateHz;
    const needed = this.interpolator.needed(output.length, step);
    if (this.input.length < needed) this.input = new Float64Array(2 * needed);
    const input = this.input.subarray(0, needed);
    for (let i = 0; i < needed; i++) input[i] = source.next();
    this.interpolator.execute(input, step, output);
  }
}
