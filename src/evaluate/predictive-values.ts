import type { FigureName } from './figures.js';
import type { Scope } from './metrics.js';
import { scopeName } from './score-words.js';

/** What a call means where this share of the people is ill, by the sensitivity and specificity of one scope. */
export interface PredictiveValues {
  /** Share of ill people among those who are listened to, in (0, 1). */
  readonly prevalence: number;
  readonly scope: string;
  readonly sensitivity: number | null;
  readonly specificity: number | null;
  /** Share of ill people among those who are called abnormal; `null` where it is not defined. */
  readonly positive: number | null;
  /** Share of healthy people among those who are called normal. */
  readonly negative: number | null;
}

/**
 * Bayes' rule with the figures at the threshold, for the pooled recordings and each mean over databases. A labelled set
 * has its own share of ill people, so that its precision says nothing about a ward; this does, as far as the people
 * there are otherwise like those of the set.
 */
export function predictiveValues(scopes: readonly Scope[], prevalence: number): PredictiveValues[] {
  return scopes
    .filter(({ kind }) => kind !== 'database')
    .map((scope) => {
      const figure = (name: FigureName) => scope.scores.find((score) => score.name === name)?.value ?? null;
      const [sensitivity, specificity] = [figure('sensitivity'), figure('specificity')];
      const given = { prevalence, scope: scopeName(scope), sensitivity, specificity };
      if (sensitivity === null || specificity === null) return { ...given, positive: null, negative: null };
      const truePositive = sensitivity * prevalence;
      const falsePositive = (1 - specificity) * (1 - prevalence);
      const trueNegative = specificity * (1 - prevalence);
      const falseNegative = (1 - sensitivity) * prevalence;
      const share = (part: number, other: number) => (part + other === 0 ? null : part / (part + other));
      return {
        ...given,
        positive: share(truePositive, falsePositive),
        negative: share(trueNegative, falseNegative),
      };
    });
}
