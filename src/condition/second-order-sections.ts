import { SignalKernel, type Address } from '../compute/signal-kernel.js';
import { ConfigurationError } from '../errors.js';
import { SECTION_LENGTH, steadyStateForUnitStep } from './sections.js';

/** So many samples go into the module at once. */
const MOST_SAMPLES = 8192;

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
  private readonly kernel = SignalKernel.get();
  private readonly cascade: SectionCascade;

  /** @param sos row-major `[sections, 6]`, each row `b0 b1 b2 a0 a1 a2` with `a0 = 1` */
  constructor(sos: Float64Array) {
    this.cascade = new SectionCascade(sos);
  }

  /** Filters `input` into `output`, which may be the same array. */
  execute(input: Float64Array, output: Float64Array): void {
    const { kernel } = this;
    for (let at = 0; at < input.length; at += MOST_SAMPLES) {
      const piece = input.subarray(at, at + MOST_SAMPLES);
      const address = kernel.input.room(8 * piece.length);
      kernel.float64s(address, piece.length).set(piece);
      this.cascade.execute(address, piece.length);
      output.set(kernel.float64s(address, piece.length), at);
    }
  }

  /** Sets the state as if `firstSample` had been the input for ever. Source: `scipy.signal.sosfilt_zi`. */
  prime(firstSample: number): void {
    this.cascade.prime(firstSample);
  }

  reset(): void {
    this.cascade.reset();
  }
}

/**
 * {@link SosFilter} for samples that are in the compute module's memory already. Four sections take one pass: two
 * at a time, and each a sample behind the one before it, so that none waits for another.
 */
export class SectionCascade {
  private readonly kernel = SignalKernel.get();
  private readonly sections: number;
  private readonly coefficients: Float64Array;
  private readonly state: Float64Array;
  private readonly stateForUnitStep: Float64Array;

  /** @param sos as {@link SosFilter} takes it */
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

  /** Filters samples in place. @param samples of float64, outside the module's region `sections` */
  execute(samples: Address, count: number): void {
    const { kernel, coefficients, state } = this;
    const rows = kernel.sections.room(8 * (coefficients.length + state.length));
    const at = rows + 8 * coefficients.length;
    const given = kernel.float64s(rows, coefficients.length + state.length);
    given.set(coefficients);
    given.set(state, coefficients.length);
    kernel.functions.filterSections(samples, count, rows, this.sections, at, samples);
    state.set(kernel.float64s(at, state.length));
  }

  /** See {@link SosFilter.prime}. */
  prime(firstSample: number): void {
    for (let i = 0; i < this.state.length; i++) this.state[i] = this.stateForUnitStep[i] * firstSample;
  }

  reset(): void {
    this.state.fill(0);
  }
}
