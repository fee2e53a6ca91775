import { challengeScore, type AnsweredRecording } from './challenge-score.js';
import { countDecision, decisionScores, emptyConfusion, ratio, type Confusion } from './decision-scores.js';
import { Ranking } from './ranking.js';

/** A recording of which all is known that scores need. */
export interface EvaluatedRecording extends AnsweredRecording {
  /** Calibrated, of *abnormal*; `null` where no window was scored or the recording could not be read. */
  readonly probability: number | null;
  /** `null` where nothing is known of the source. */
  readonly database: string | null;
  /** What must not be split; `null` where nothing is known. */
  readonly group: string | null;
}

/** What each score is, in the order in which it is shown. `threshold`: it depends on the one threshold. */
export const FIGURES = {
  auc: { positiveClass: 'abnormal', threshold: false },
  sensitivity: { positiveClass: 'abnormal', threshold: true },
  specificity: { positiveClass: 'abnormal', threshold: true },
  macc: { positiveClass: null, threshold: true },
  accuracy: { positiveClass: null, threshold: true },
  precisionAbnormal: { positiveClass: 'abnormal', threshold: true },
  recallAbnormal: { positiveClass: 'abnormal', threshold: true },
  f1Abnormal: { positiveClass: 'abnormal', threshold: true },
  precisionNormal: { positiveClass: 'normal', threshold: true },
  recallNormal: { positiveClass: 'normal', threshold: true },
  f1Normal: { positiveClass: 'normal', threshold: true },
  challengeSensitivity: { positiveClass: 'abnormal', threshold: false },
  challengeSpecificity: { positiveClass: 'abnormal', threshold: false },
  challengeScore: { positiveClass: null, threshold: false },
  conclusiveSensitivity: { positiveClass: 'abnormal', threshold: false },
  conclusiveSpecificity: { positiveClass: 'abnormal', threshold: false },
  conclusiveMacc: { positiveClass: null, threshold: false },
  conclusiveAccuracy: { positiveClass: null, threshold: false },
  inconclusive: { positiveClass: null, threshold: false },
  inconclusiveMarkedUsable: { positiveClass: null, threshold: false },
  inconclusiveMarkedUnusable: { positiveClass: null, threshold: false },
} as const;

export type FigureName = keyof typeof FIGURES;
export type Figures = Readonly<Record<FigureName, number | null>>;

export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[];

/** Some of the evaluated recordings, prepared so that their figures under many weightings cost one pass each. */
export class Cohort {
  private readonly ranking: Ranking;
  private readonly recordings: readonly EvaluatedRecording[];
  private readonly weights: Float64Array;

  /**
   * @param indices which of `all` belong to the cohort
   * @param threshold from this probability on a recording is called abnormal
   */
  constructor(
    all: readonly EvaluatedRecording[],
    private readonly indices: readonly number[],
    private readonly threshold: number,
  ) {
    this.recordings = indices.map((index) => all[index]);
    this.ranking = new Ranking(
      this.recordings.map(({ abnormal }) => abnormal),
      this.recordings.map(({ probability }) => probability),
    );
    this.weights = new Float64Array(indices.length);
  }

  /** @param allWeights how often each of all recordings counts; default once */
  figures(allWeights?: ArrayLike<number>): Figures {
    const weights = this.weights;
    for (let i = 0; i < weights.length; i++)
      weights[i] = allWeights === undefined ? 1 : allWeights[this.indices[i]];
    const decided = decisionScores(this.confusion(weights));
    const conclusive = decisionScores(this.confusionOfAnswers(weights));
    const challenge = challengeScore(this.recordings, weights);
    return {
      auc: this.ranking.areaUnderRoc(weights),
      ...decided,
      challengeSensitivity: challenge.sensitivity,
      challengeSpecificity: challenge.specificity,
      challengeScore: challenge.score,
      conclusiveSensitivity: conclusive.sensitivity,
      conclusiveSpecificity: conclusive.specificity,
      conclusiveMacc: conclusive.macc,
      conclusiveAccuracy: conclusive.accuracy,
      inconclusive: this.shareInconclusive(weights, () => true),
      inconclusiveMarkedUsable: this.shareInconclusive(weights, ({ markedUsable }) => markedUsable),
      inconclusiveMarkedUnusable: this.shareInconclusive(weights, ({ markedUsable }) => !markedUsable),
    };
  }

  /** Where every recording that has a probability gets the class on its side of the threshold. */
  confusion(weights?: ArrayLike<number>): Confusion {
    const confusion = emptyConfusion();
    for (const [i, { abnormal, probability }] of this.recordings.entries()) {
      if (probability === null) continue;
      countDecision(confusion, abnormal, probability >= this.threshold, weights?.[i] ?? 1);
    }
    return confusion;
  }

  /** Of the recordings that really got a class. */
  confusionOfAnswers(weights?: ArrayLike<number>): Confusion {
    const confusion = emptyConfusion();
    for (const [i, { abnormal, answer }] of this.recordings.entries()) {
      if (answer !== 0) countDecision(confusion, abnormal, answer === 1, weights?.[i] ?? 1);
    }
    return confusion;
  }

  private shareInconclusive(
    weights: ArrayLike<number>,
    belongs: (recording: EvaluatedRecording) => boolean,
  ): number | null {
    let inconclusive = 0;
    let total = 0;
    for (const [i, recording] of this.recordings.entries()) {
      if (!belongs(recording)) continue;
      total += weights[i];
      if (recording.answer === 0) inconclusive += weights[i];
    }
    return ratio(inconclusive, total);
  }
}

/** Figure by figure, the mean over several sets of figures; `null` where one of them is not defined. */
export function meanFigures(sets: readonly Figures[]): Figures {
  const mean = (name: FigureName): number | null => {
    const values = sets.map((figures) => figures[name]);
    if (values.length === 0 || values.includes(null)) return null;
    return (values as number[]).reduce((sum, value) => sum + value, 0) / values.length;
  };
  return Object.fromEntries(FIGURE_NAMES.map((name) => [name, mean(name)])) as Figures;
}
