import { SECTION_LENGTH, steadyStateForUnitStep } from '../condition/sections.js';

/**
 * A cascade of second-order sections in transposed direct form II, as `scipy.signal.sosfilt`: what `SosFilter` is for the
 * screening, without the compute module, since it runs inside a browser's audio worklet too.
 */
export class PlainCascade {
  private readonly state: Float64Array;

  /** @param sos row-major `[sections, 6]`, each row `b0 b1 b2 a0 a1 a2` with `a0 = 1` */
  constructor(private readonly sos: Float64Array) {
    this.state = new Float64Array((2 * sos.length) / SECTION_LENGTH);
  }

  /** Filters `input` into `output`, which may be the same array. */
  execute(input: Float64Array, output: Float64Array): void {
    const { sos, state } = this;
    for (let i = 0; i < input.length; i++) {
      let x = input[i];
      for (let row = 0, z = 0; row < sos.length; row += SECTION_LENGTH, z += 2) {
        const y = sos[row] * x + state[z];
        state[z] = sos[row + 1] * x - sos[row + 4] * y + state[z + 1];
        state[z + 1] = sos[row + 2] * x - sos[row + 5] * y;
        x = y;
      }
      output[i] = x;
    }
  }

  /** Sets the state as if `firstSample` had been the input for ever. Source: `scipy.signal.sosfilt_zi`. */
  prime(firstSample: number): void {
    this.state.set(steadyStateForUnitStep(this.sos).map((value) => value * firstSample));
  }
}
