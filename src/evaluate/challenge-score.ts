import { meanOfBoth, ratio } from './decision-scores.js';

/** An answer in the Challenge's form: 1 abnormal, -1 normal, 0 unsure. */
export type ChallengeAnswer = -1 | 0 | 1;

/** One recording as the Challenge scores it. */
export interface AnsweredRecording {
  readonly abnormal: boolean;
  /** Whether the organisers marked it usable; where no mark is known, as if it were. */
  readonly markedUsable: boolean;
  readonly answer: ChallengeAnswer;
}

export interface ChallengeScore {
  readonly sensitivity: number | null;
  readonly specificity: number | null;
  /** Mean of both: the score. */
  readonly score: number | null;
}

/**
 * The score of the PhysioNet/CinC Challenge 2016, with the weights as its scorer computes them: the shares of usable
 * (1) and unusable (2) recordings in each class of the evaluated set.
 *
 *     Se = wa1 Aa1 / (Aa1 + Aq1 + An1) + wa2 (Aa2 + Aq2) / (Aa2 + Aq2 + An2)
 *     Sp = wn1 Nn1 / (Na1 + Nq1 + Nn1) + wn2 (Nn2 + Nq2) / (Na2 + Nq2 + Nn2)
 *
 * where Aq2 counts abnormal, unusable recordings answered "unsure", and so on. Unsure is wrong on a usable recording
 * and right on an unusable one. Each weight is its denominator over the class's size, so that they cancel; an empty
 * part weighs nothing.
 *
 * @param weights how often each recording counts; default once
 * @see score2016Challenge.m (as of 5 August 2016); Liu et al., Physiological Measurement 37 (2016) 2181-2213
 */
export function challengeScore(
  recordings: readonly AnsweredRecording[],
  weights?: ArrayLike<number>,
): ChallengeScore {
  let abnormalRight = 0;
  let abnormal = 0;
  let normalRight = 0;
  let normal = 0;
  for (let i = 0; i < recordings.length; i++) {
    const recording = recordings[i];
    const weight = weights === undefined ? 1 : weights[i];
    const unsureIsRight = recording.answer === 0 && !recording.markedUsable;
    if (recording.abnormal) {
      abnormal += weight;
      if (recording.answer === 1 || unsureIsRight) abnormalRight += weight;
    } else {
      normal += weight;
      if (recording.answer === -1 || unsureIsRight) normalRight += weight;
    }
  }
  const sensitivity = ratio(abnormalRight, abnormal);
  const specificity = ratio(normalRight, normal);
  return { sensitivity, specificity, score: meanOfBoth(sensitivity, specificity) };
}
