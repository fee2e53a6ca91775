import { SignalKernel, type Address, type Resident } from '../compute/signal-kernel.js';
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
      kernel.put(piece, address);
      this.cascade.execute(address, piece.length);
      kernel.get(address, piece.length, output, at);
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
export class SectionCascade implements Resident {
  /** Rows of coefficients, then two numbers of state a section. */
  readonly numbers: Float64Array;
  private readonly kernel = SignalKernel.get();
  private readonly sections: number;
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
    this.numbers = new Float64Array(sos.length + 2 * this.sections);
    this.numbers.set(sos);
    this.stateForUnitStep = steadyStateForUnitStep(sos);
  }

  /** Filters samples in place. @param samples of float64, outside the module's residence `sections` */
  execute(samples: Address, count: number): void {
    const { kernel, sections } = this;
    const rows = kernel.sections.of(this);
    kernel.functions.filterSections(
      samples,
      count,
      rows,
      sections,
      rows + 8 * SECTION_LENGTH * sections,
      samples,
    );
  }

  /** See {@link SosFilter.prime}. */
  prime(firstSample: number): void {
    const { kernel, stateForUnitStep } = this;
    const from = kernel.sections.of(this) / 8 + SECTION_LENGTH * this.sections;
    const { numbers } = kernel;
    for (let i = 0; i < stateForUnitStep.length; i++) numbers[from + i] = stateForUnitStep[i] * firstSample;
  }

  reset(): void {
    const { kernel, sections } = this;
    const from = kernel.sections.of(this) / 8 + SECTION_LENGTH * sections;
    kernel.numbers.fill(0, from, from + 2 * sections);
  }
}
