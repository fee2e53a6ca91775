/** How often each class was called each way, each recording as heavy as its weight. Abnormal is the positive class. */
export interface Confusion {
  truePositive: number;
  falseNegative: number;
  falsePositive: number;
  trueNegative: number;
}

/** Rates of hard decisions; `null` where a figure is not defined. */
export interface DecisionScores {
  readonly sensitivity: number | null;
  readonly specificity: number | null;
  /** Mean of sensitivity and specificity. */
  readonly macc: number | null;
  readonly accuracy: number | null;
  readonly precisionAbnormal: number | null;
  readonly recallAbnormal: number | null;
  readonly f1Abnormal: number | null;
  readonly precisionNormal: number | null;
  readonly recallNormal: number | null;
  readonly f1Normal: number | null;
}

/** An empty table to count into. */
export function emptyConfusion(): Confusion {
  return { truePositive: 0, falseNegative: 0, falsePositive: 0, trueNegative: 0 };
}

export function countDecision(confusion: Confusion, abnormal: boolean, called: boolean, weight = 1): void {
  if (abnormal) confusion[called ? 'truePositive' : 'falseNegative'] += weight;
  else confusion[called ? 'falsePositive' : 'trueNegative'] += weight;
}

/**
 * Scores of a table of decisions. A figure of a class that does not occur is `null`, F1 included; F1 of a class that
 * occurs and was never called is 0.
 */
export function decisionScores(confusion: Confusion): DecisionScores {
  const { truePositive: tp, falseNegative: fn, falsePositive: fp, trueNegative: tn } = confusion;
  const sensitivity = ratio(tp, tp + fn);
  const specificity = ratio(tn, tn + fp);
  return {
    sensitivity,
    specificity,
    macc: meanOfBoth(sensitivity, specificity),
    accuracy: ratio(tp + tn, tp + fn + fp + tn),
    precisionAbnormal: ratio(tp, tp + fp),
    recallAbnormal: sensitivity,
    f1Abnormal: sensitivity === null ? null : ratio(2 * tp, 2 * tp + fp + fn),
    precisionNormal: ratio(tn, tn + fn),
    recallNormal: specificity,
    f1Normal: specificity === null ? null : ratio(2 * tn, 2 * tn + fn + fp),
  };
}

/** `null` where `whole` is 0. */
export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** `null` where one of the two is not defined. */
export function meanOfBoth(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : (a + b) / 2;
}
