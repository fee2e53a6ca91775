/** Number of coefficients of one second-order section: b0 b1 b2 a0 a1 a2, with a0 = 1. */
export const SECTION_LENGTH = 6;

/** The state of each section once its response to a unit step has settled: `scipy.signal.sosfilt_zi(sos)`. */
export function steadyStateForUnitStep(sos: Float64Array): Float64Array {
  const zi = new Float64Array((2 * sos.length) / SECTION_LENGTH);
  let level = 1;
  for (let row = 0, i = 0; row < sos.length; row += SECTION_LENGTH, i += 2) {
    const [b0, b1, b2, , a1, a2] = sos.subarray(row, row + SECTION_LENGTH);
    const gain = (b0 + b1 + b2) / (1 + a1 + a2);
    const z1 = b2 - a2 * gain;
    zi[i] = (b1 - a1 * gain + z1) * level;
    zi[i + 1] = z1 * level;
    level *= gain;
  }
  return zi;
}
