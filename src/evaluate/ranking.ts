import { ratio } from './decision-scores.js';

/** A point of the ROC curve: all that scored `threshold` or more are called abnormal. */
export interface RocPoint {
  /** `Infinity` at the first point, where nothing is called. */
  readonly threshold: number;
  readonly falsePositiveRate: number;
  readonly truePositiveRate: number;
}

/**
 * Recordings in the order of their scores, sorted once, so that a bootstrap replicate costs one pass.
 *
 * @see scikit-learn's `roc_auc_score` and `roc_curve(drop_intermediate=False)`, which give the same
 */
export class Ranking {
  /** Positions by falling score. */
  private readonly order: readonly number[];

  /**
   * @param abnormal labels
   * @param scores higher is more abnormal, finite; `null` where nothing is known, which is left out
   */
  constructor(
    private readonly abnormal: readonly boolean[],
    private readonly scores: readonly (number | null)[],
  ) {
    this.order = [...scores.keys()]
      .filter((index) => scores[index] !== null)
      .sort((a, b) => scores[b]! - scores[a]!);
  }

  /**
   * Probability that an abnormal recording scores higher than a normal one, ties half (Mann and Whitney).
   *
   * @param weights how often each recording counts, by position; default once
   * @returns `null` where one class is missing
   */
  areaUnderRoc(weights?: ArrayLike<number>): number | null {
    let pairsWon = 0;
    let positives = 0;
    let negatives = 0;
    for (const { abnormal, normal } of this.ties(weights)) {
      pairsWon += normal * (positives + abnormal / 2);
      positives += abnormal;
      negatives += normal;
    }
    return ratio(pairsWon, positives * negatives);
  }

  /** One point for every score that occurs; none where one class is missing. */
  rocPoints(): RocPoint[] {
    const points: { threshold: number; positives: number; negatives: number }[] = [
      { threshold: Infinity, positives: 0, negatives: 0 },
    ];
    let positives = 0;
    let negatives = 0;
    for (const { score, abnormal, normal } of this.ties()) {
      positives += abnormal;
      negatives += normal;
      points.push({ threshold: score, positives, negatives });
    }
    if (positives === 0 || negatives === 0) return [];
    return points.map((point) => ({
      threshold: point.threshold,
      falsePositiveRate: point.negatives / negatives,
      truePositiveRate: point.positives / positives,
    }));
  }

  /** Weights of both classes at each score, from the highest down. */
  private *ties(weights?: ArrayLike<number>) {
    const { order, scores } = this;
    for (let from = 0; from < order.length;) {
      const score = scores[order[from]]!;
      let abnormal = 0;
      let normal = 0;
      let to = from;
      for (; to < order.length && scores[order[to]] === score; to++) {
        const weight = weights === undefined ? 1 : weights[order[to]];
        if (this.abnormal[order[to]]) abnormal += weight;
        else normal += weight;
      }
      yield { score, abnormal, normal };
      from = to;
    }
  }
}
