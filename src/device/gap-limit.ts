import type { Gap, GapCause, Sampled } from '../decode/samples.js';
import type { Allowance } from './talkativeness.js';

/**
 * Joins gaps that come faster than the allowance, so that a device that makes one with every packet fills neither a
 * disk nor the memory of whoever reads what it stored.
 *
 * A joined gap reaches from the first gap that was held back to the end of the last one. The few samples that arrived
 * between them are too short a piece to be screened; they count as lost, and {@link setAsideSamples} tells how many they
 * were, so that the time axis and every count stay right. Gaps within the allowance, and what stands between them, pass
 * unchanged and at once. State: of one recording.
 */
export class GapLimit {
  private held: { readonly atSample: number; endSample: number; cause: GapCause } | undefined;
  private joined = 0;
  private setAside = 0;

  constructor(private readonly allowance: Allowance) {}

  /** Gaps that are part of another one. */
  get joinedGaps(): number {
    return this.joined;
  }

  /** Samples that arrived and count as lost. */
  get setAsideSamples(): number {
    return this.setAside;
  }

  push(value: Sampled): Sampled[] {
    const { held } = this;
    if (held === undefined) {
      if (value.kind === 'samples' || this.allowance.take()) return [value];
      const { atSample, lostSamples, cause } = value;
      this.held = { atSample, endSample: atSample + lostSamples, cause };
      return [];
    }
    if (value.kind === 'gap') {
      held.endSample = value.atSample + value.lostSamples;
      if (held.cause !== value.cause) held.cause = 'lost';
      this.joined++;
      return [];
    }
    if (value.samples.length === 0) return [];
    if (this.allowance.take()) return [...this.finish(), value];
    held.endSample = value.firstSample + value.samples.length;
    this.setAside += value.samples.length;
    return [];
  }

  /** The gap that was held back, if any. */
  finish(): Gap[] {
    const { held } = this;
    if (held === undefined) return [];
    this.held = undefined;
    const { atSample, endSample, cause } = held;
    return [{ kind: 'gap', atSample, lostSamples: endSample - atSample, cause }];
  }
}
