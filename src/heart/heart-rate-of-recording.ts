import { MAX_BPM, MIN_BPM, type HeartRateEstimate } from './heart-rate.js';

/** Bins a natural logarithm: each is 0.5 % wide, a third of a beat a minute at rest. */
const BINS_PER_UNIT = 200;
/** Rates within so much of the answer agree with it. */
const AGREEMENT = 0.08;

/**
 * Heart rate of a whole recording: the median of its windows' rates, weighted by their confidence.
 *
 * Bounded memory however long the recording: a histogram by the logarithm of the rate, with the weighted sum of the
 * rates in each bin. Gaps do not matter to it. `reset()` forgets all.
 */
export class RecordingHeartRate {
  private readonly weights = new Float64Array(Math.floor(BINS_PER_UNIT * Math.log(MAX_BPM / MIN_BPM)) + 1);
  private readonly sums = new Float64Array(this.weights.length);
  private total = 0;
  private answered = 0;

  /** @param estimate of a window, `null` where it was unsure */
  push(estimate: HeartRateEstimate | null): void {
    if (estimate === null) return;
    const bin = Math.floor(BINS_PER_UNIT * Math.log(estimate.bpm / MIN_BPM));
    const at = Math.max(0, Math.min(this.weights.length - 1, bin));
    this.weights[at] += estimate.confidence;
    this.sums[at] += estimate.confidence * estimate.bpm;
    this.total += estimate.confidence;
    this.answered++;
  }

  /**
   * @returns the rate, and as confidence the mean confidence of all windows that answered times the share of them
   * that agree to within 8 %; `null` where no window answered or most disagree
   */
  estimate(): HeartRateEstimate | null {
    if (this.answered === 0) return null;
    let below = 0;
    let bin = -1;
    while (below < this.total / 2 && bin < this.weights.length - 1) below += this.weights[++bin];
    const bpm = this.sums[bin] / this.weights[bin];
    const reach = Math.round(AGREEMENT * BINS_PER_UNIT);
    let agreeing = 0;
    for (let i = Math.max(0, bin - reach); i <= Math.min(this.weights.length - 1, bin + reach); i++) {
      agreeing += this.weights[i];
    }
    if (agreeing < this.total / 2) return null;
    return { bpm, confidence: agreeing / this.answered };
  }

  reset(): void {
    this.weights.fill(0);
    this.sums.fill(0);
    this.total = 0;
    this.answered = 0;
  }
}
