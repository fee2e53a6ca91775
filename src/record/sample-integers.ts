import { encodeSamples } from '../decode/file/wav-writer.js';
import type { SampleStorage } from './session-layout.js';

/** Turns amplitudes back into the integers that they were, and counts those that were none. */
export class SampleIntegers {
  /** Samples that are stored rounded, clipped or, where they were no number, as 0. */
  inexact = 0;

  constructor(private readonly storage: SampleStorage) {}

  /** @returns the samples as they stand in the file, in a new array */
  encode(samples: Float64Array): Uint8Array {
    const { bitsPerSample, fullScale } = this.storage;
    const most = 2 ** (bitsPerSample - 1) - 1;
    const integers = new Int32Array(samples.length);
    for (let i = 0; i < samples.length; i++) {
      const integer = Math.min(Math.max(Math.round(samples[i] * fullScale), -most - 1), most);
      // NaN becomes 0 here, and is not equal to it.
      integers[i] = integer;
      if (integers[i] / fullScale !== samples[i]) this.inexact++;
    }
    return encodeSamples(integers, bitsPerSample);
  }
}
