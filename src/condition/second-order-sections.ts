import { ConfigurationError } from '../errors.js';

/** Number of coefficients of one section: b0 b1 b2 a0 a1 a2, with a0 = 1. */
export const SECTION_LENGTH = 6;

/**
 * A cascade of second-order sections, filtered incrementally in transposed direct form II.
 *
 * The same arithmetic in the same order as `scipy.signal.sosfilt`; {@link prime} starts it as
 * `zi = sosfilt_zi(sos) * firstSample` does, so that a constant offset in front of the first sample is assumed and
 * the output has no start-up transient of it.
 *
 * State is two float64 per section; `reset()` clears it to zero.
 */
export class SosFilter {
  private readonly sections: number;
  private readonly coefficients: Float64Array;
  private readonly state: Float64Array;
  private readonly stateForUnitStep: Float64Array;

  /** @param sos row-major `[sections, 6]`, each row `b0 b1 b2 a0 a1 a2` with `a0 = 1` */
  constructor(sos: Float64Array) {
    if (sos.length === 0 || sos.length % SECTION_LENGTH !== 0) {
      throw new ConfigurationError(
        `sos must hold rows of ${SECTION_LENGTH} coefficients, got ${sos.length} numbers`,
      );
    }
    for (let i = 0; i < sos.length; i++) {
      if (!Number.isFinite(sos[i]))
        throw new ConfigurationError(`sos must be finite, got ${sos[i]} at index ${i}`);
    }
    for (let i = 3; i < sos.length; i += SECTION_LENGTH) {
      if (sos[i] !== 1) throw new ConfigurationError(`a0 of every section must be 1, got ${sos[i]}`);
    }
    this.sections = sos.length / SECTION_LENGTH;
    this.coefficients = sos.slice();
    this.state = new Float64Array(2 * this.sections);
    this.stateForUnitStep = steadyStateForUnitStep(this.coefficients);
  }

  /**
   * Filters `input` into `output`, which may be the same array.
   *
   * Sections are the outer loop, two at a time, so that coefficients and state stay in registers over the chunk and the
   * second works on a sample while the first is at the next.
   */
  execute(input: Float64Array, output: Float64Array): void {
    const { sections } = this;
    let source = input;
    let section = 0;
    for (; section + 1 < sections; section += 2) {
      this.executeTwo(section, source, output);
      source = output;
    }
    if (section < sections) this.executeOne(section, source, output);
  }

  private executeTwo(section: number, input: Float64Array, output: Float64Array): void {
    const { coefficients, state } = this;
    const { length } = input;
    const row = section * SECTION_LENGTH;
    const b0 = coefficients[row];
    const b1 = coefficients[row + 1];
    const b2 = coefficients[row + 2];
    const a1 = coefficients[row + 4];
    const a2 = coefficients[row + 5];
    const d0 = coefficients[row + 6];
    const d1 = coefficients[row + 7];
    const d2 = coefficients[row + 8];
    const c1 = coefficients[row + 10];
    const c2 = coefficients[row + 11];
    const at = 2 * section;
    let z0 = state[at];
    let z1 = state[at + 1];
    let w0 = state[at + 2];
    let w1 = state[at + 3];
    for (let i = 0; i < length; i++) {
      const x = input[i];
      const y = b0 * x + z0;
      z0 = b1 * x - a1 * y + z1;
      z1 = b2 * x - a2 * y;
      const v = d0 * y + w0;
      w0 = d1 * y - c1 * v + w1;
      w1 = d2 * y - c2 * v;
      output[i] = v;
    }
    state[at] = z0;
    state[at + 1] = z1;
    state[at + 2] = w0;
    state[at + 3] = w1;
  }

  private executeOne(section: number, input: Float64Array, output: Float64Array): void {
    const { coefficients, state } = this;
    const { length } = input;
    const row = section * SECTION_LENGTH;
    const b0 = coefficients[row];
    const b1 = coefficients[row + 1];
    const b2 = coefficients[row + 2];
    const a1 = coefficients[row + 4];
    const a2 = coefficients[row + 5];
    let z0 = state[2 * section];
    let z1 = state[2 * section + 1];
    for (let i = 0; i < length; i++) {
      const x = input[i];
      const y = b0 * x + z0;
      z0 = b1 * x - a1 * y + z1;
      z1 = b2 * x - a2 * y;
      output[i] = y;
    }
    state[2 * section] = z0;
    state[2 * section + 1] = z1;
  }

  /** Sets the state as if `firstSample` had been the input for ever. Source: `scipy.signal.sosfilt_zi`. */
  prime(firstSample: number): void {
    for (let i = 0; i < this.state.length; i++) this.state[i] = this.stateForUnitStep[i] * firstSample;
  }

  reset(): void {
    this.state.fill(0);
  }
}

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
