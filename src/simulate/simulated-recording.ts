import { expectSourceRate } from '../decode/source-rate.js';
import { ConfigurationError } from '../errors.js';

/** What the simulated microphone hears. */
export interface SimulatedRecording {
  readonly sampleRateHz: number;
  /** Significant bits of the source; up to 16 go over the wire as 16 bit, more as 24. */
  readonly bitsPerSample: number;
  /** Amplitudes, full scale is [-1, 1). Not changed, and not to be changed. */
  readonly samples: Float64Array;
}

/** The converter of the simulated device: amplitudes become the integers that go over the wire. */
export class Digitizer {
  readonly sampleRateHz: number;
  readonly bitsPerSample: 16 | 24;
  /** The integer that stands for 1.0. */
  readonly fullScale: number;
  /** Samples until the end, Infinity where the recording is played again and again. */
  readonly totalSamples: number;
  private readonly samples: Float64Array;

  constructor(recording: SimulatedRecording, loop: boolean) {
    const { sampleRateHz, bitsPerSample, samples } = recording;
    expectSourceRate(sampleRateHz, 'sampleRateHz');
    if (samples.length === 0)
      throw new ConfigurationError('a recording to stream needs at least one sample, got none');
    this.sampleRateHz = sampleRateHz;
    this.bitsPerSample = bitsPerSample <= 16 ? 16 : 24;
    this.fullScale = 2 ** (this.bitsPerSample - 1);
    this.samples = samples;
    this.totalSamples = loop ? Infinity : samples.length;
  }

  /** Integers of the samples from `position` on; the receiver owns the array. */
  read(position: number, count: number): Int32Array {
    const integers = new Int32Array(count);
    const length = this.samples.length;
    let from = position % length;
    for (let index = 0; index < count; index++) {
      // What is no number becomes 0, as typed arrays have it.
      const scaled = Math.round(this.samples[from] * this.fullScale);
      integers[index] = Math.min(Math.max(scaled, -this.fullScale), this.fullScale - 1);
      from += 1;
      if (from === length) from = 0;
    }
    return integers;
  }

  /** Whether a sample is at either end of the converter's range. */
  isClipped(integer: number): boolean {
    return integer === -this.fullScale || integer === this.fullScale - 1;
  }
}
