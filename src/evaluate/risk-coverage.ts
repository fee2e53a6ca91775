import { countDecision, decisionScores, emptyConfusion } from './decision-scores.js';

/** What is gained when only the clearest recordings get a class. */
export interface RiskCoveragePoint {
  /** Share of the recordings that get a class. */
  readonly coverage: number;
  /** Share of those that are wrong. */
  readonly risk: number;
  readonly sensitivity: number | null;
  readonly specificity: number | null;
  /** Distance of the last one taken from the threshold, in calibrated logits. */
  readonly distance: number;
}

export interface RiskCoverage {
  /** From the clearest recording to all of them; recordings that are equally clear come together. */
  readonly points: readonly RiskCoveragePoint[];
  /** Mean risk over all numbers of recordings; `null` without recordings. */
  readonly area: number | null;
}

/**
 * The risk-coverage curve: recordings are taken in the order of their evidence's distance from the threshold.
 *
 * @param probabilities calibrated; `null` is left out
 * @param threshold from this probability on a recording is called abnormal
 * @see Geifman and El-Yaniv, Selective classification for deep neural networks, NeurIPS 2017
 */
export function riskCoverage(
  abnormal: readonly boolean[],
  probabilities: readonly (number | null)[],
  threshold: number,
): RiskCoverage {
  const decisions = probabilities
    .flatMap((probability, i) =>
      probability === null
        ? []
        : [
            {
              abnormal: abnormal[i],
              called: probability >= threshold,
              distance: Math.abs(logit(probability) - logit(threshold)),
            },
          ],
    )
    .sort((a, b) => b.distance - a.distance);
  const points: RiskCoveragePoint[] = [];
  const confusion = emptyConfusion();
  let wrong = 0;
  let risks = 0;
  for (let from = 0; from < decisions.length;) {
    const { distance } = decisions[from];
    let to = from;
    let wrongHere = 0;
    for (; to < decisions.length && decisions[to].distance === distance; to++) {
      const { abnormal: truth, called } = decisions[to];
      countDecision(confusion, truth, called);
      if (truth !== called) wrongHere++;
    }
    // Equally clear recordings stand in no order: their errors are spread evenly among them.
    for (let taken = from + 1; taken <= to; taken++) {
      risks += (wrong + (wrongHere * (taken - from)) / (to - from)) / taken;
    }
    wrong += wrongHere;
    const { sensitivity, specificity } = decisionScores(confusion);
    points.push({
      coverage: to / decisions.length,
      risk: wrong / to,
      sensitivity,
      specificity,
      distance,
    });
    from = to;
  }
  return { points, area: decisions.length === 0 ? null : risks / decisions.length };
}

/** Finite at 0 and 1 too, so that distances stay numbers. */
const logit = (probability: number): number =>
  Math.max(-1000, Math.min(1000, Math.log(probability / (1 - probability))));
