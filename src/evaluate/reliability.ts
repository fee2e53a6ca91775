/** Recordings whose probability lies in one range, and how many of them are really abnormal. */
export interface ReliabilityBin {
  /** Not included, but for 0 in the first bin. */
  readonly from: number;
  /** Included. */
  readonly to: number;
  readonly count: number;
  /** `null` where the bin is empty. */
  readonly meanProbability: number | null;
  readonly abnormalShare: number | null;
}

export const RELIABILITY_BINS = 10;

/**
 * Sorts recordings into equal ranges of probability.
 *
 * @see scikit-learn's `calibration_curve(strategy='uniform')`, which gives the same but for empty bins
 */
export function reliabilityBins(
  abnormal: readonly boolean[],
  probabilities: readonly (number | null)[],
  binCount = RELIABILITY_BINS,
): ReliabilityBin[] {
  const sums = Array.from({ length: binCount }, () => ({ count: 0, probability: 0, abnormal: 0 }));
  for (const [i, probability] of probabilities.entries()) {
    if (probability === null) continue;
    let bin = 0;
    while (bin < binCount - 1 && probability > (bin + 1) / binCount) bin++;
    sums[bin].count++;
    sums[bin].probability += probability;
    if (abnormal[i]) sums[bin].abnormal++;
  }
  return sums.map((sum, bin) => ({
    from: bin / binCount,
    to: (bin + 1) / binCount,
    count: sum.count,
    meanProbability: sum.count === 0 ? null : sum.probability / sum.count,
    abnormalShare: sum.count === 0 ? null : sum.abnormal / sum.count,
  }));
}

/**
 * How far probabilities are from frequencies: the mean over recordings of |mean probability - share of abnormal| of
 * their bin; `null` without recordings.
 *
 * @see Naeini et al., Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015
 */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number | null {
  const count = bins.reduce((sum, bin) => sum + bin.count, 0);
  if (count === 0) return null;
  return bins.reduce(
    (sum, bin) =>
      bin.count === 0 ? sum : sum + (bin.count / count) * Math.abs(bin.meanProbability! - bin.abnormalShare!),
    0,
  );
}
