import { type AssemblerCounters, noAssemblerCounts } from './assembler-counters.js';
import type { GapCause, Sampled } from '../samples.js';

/**
 * The recording's time axis: places samples and gaps one after the other, without a hole, and counts both. What the
 * device's own index says, and whether it is believed, is not its business.
 */
export class RecordingAxis {
  private readonly fullScale: number;
  private readonly ownCounts = {
    samples: 0,
    lostSamples: 0,
    overrunSamples: 0,
    gaps: 0,
    outOfRangeSamples: 0,
  };
  private ownNext = 0;

  /** @param fullScale the integer that stands for 1.0 */
  constructor(fullScale: number) {
    this.fullScale = fullScale;
  }

  /** Index that the next sample or lost sample will have. */
  get next(): number {
    return this.ownNext;
  }

  get counts(): Pick<
    AssemblerCounters,
    'samples' | 'lostSamples' | 'overrunSamples' | 'gaps' | 'outOfRangeSamples'
  > {
    return this.ownCounts;
  }

  /** As new. */
  reset(): void {
    const { samples, lostSamples, overrunSamples, gaps, outOfRangeSamples } = noAssemblerCounts;
    Object.assign(this.ownCounts, { samples, lostSamples, overrunSamples, gaps, outOfRangeSamples });
    this.ownNext = 0;
  }

  /** @param integers samples in units of 1 / fullScale; the chunk has an array of its own */
  addSamples(integers: Int32Array, out: Sampled[]): void {
    const samples = new Float64Array(integers.length);
    for (let i = 0; i < samples.length; i += 1) {
      const amplitude = integers[i] / this.fullScale;
      if (amplitude < -1 || amplitude >= 1) this.ownCounts.outOfRangeSamples += 1;
      samples[i] = amplitude;
    }
    out.push({ kind: 'samples', firstSample: this.ownNext, samples });
    this.ownNext += samples.length;
    this.ownCounts.samples += samples.length;
  }

  addGap(lostSamples: number, cause: GapCause, out: Sampled[]): void {
    out.push({ kind: 'gap', atSample: this.ownNext, lostSamples, cause });
    this.ownNext += lostSamples;
    this.ownCounts.gaps += 1;
    this.ownCounts.lostSamples += lostSamples;
    if (cause === 'overrun') this.ownCounts.overrunSamples += lostSamples;
  }
}
