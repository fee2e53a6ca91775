import { SECTION_LENGTH } from '../../src/condition/butterworth.js';

/** One section after the other, as scipy.signal.sosfilt says it. */
export function plainSections(sos: Float64Array, input: Float64Array): Float64Array {
  let samples = input;
  for (let row = 0; row < sos.length; row += SECTION_LENGTH) {
    const [b0, b1, b2, , a1, a2] = sos.subarray(row, row + SECTION_LENGTH);
    let z0 = 0;
    let z1 = 0;
    samples = samples.map((x) => {
      const y = b0 * x + z0;
      z0 = b1 * x - a1 * y + z1;
      z1 = b2 * x - a2 * y;
      return y;
    });
  }
  return samples;
}
