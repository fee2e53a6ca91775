import { butterworthBandPass, type BandPassDesign } from './butterworth.js';
import { PolyphaseTable, type ResamplerOptions } from './polyphase-table.js';
import { RationalResampler } from './rational-resampler.js';
import { SectionCascade } from './second-order-sections.js';

/** What conditioning multiplies with, for one source rate. Never changed once made: conditioners may share one. */
export class ConditioningTables {
  readonly sos: Float64Array;
  readonly polyphase: PolyphaseTable;

  /** @throws ConfigurationError where the band cannot be realised, or the rates not converted */
  constructor(design: { readonly bandPass: BandPassDesign; readonly decimate: ResamplerOptions }) {
    this.sos = butterworthBandPass(design.bandPass);
    this.polyphase = new PolyphaseTable(design.decimate);
  }
}

/**
 * Band-pass and decimation of one recording in one plain call, in the compute module's memory; the operators `bandPass` and `decimate` do the same.
 *
 * State: that of the filter, primed with the first sample of the stretch, and of the resampler. `reset()` is for gaps
 * and makes it as new.
 */
export class Conditioner {
  private readonly filter: SectionCascade;
  private readonly resampler: RationalResampler;
  private output = new Float64Array(0);
  private primed = false;

  constructor(tables: ConditioningTables) {
    this.filter = new SectionCascade(tables.sos);
    this.resampler = new RationalResampler(tables.polyphase);
  }

  /**
   * @param samples at the source's rate, contiguous with those before; only read
   * @returns the samples at the model's rate that these complete; reused by the next call
   */
  execute(samples: Float64Array): Float64Array {
    const { length } = samples;
    if (length === 0) return this.output.subarray(0, 0);
    if (!this.primed) this.filter.prime(samples[0]);
    this.primed = true;
    const completed = this.resampler.outputLength(length);
    if (this.output.length < completed) this.output = new Float64Array(completed);
    return this.resampler.execute(samples, this.output, this.filter);
  }

  reset(): void {
    this.resampler.reset();
    this.primed = false;
  }
}
