import { toEvidence, toProbability } from './evidence.js';
import type { StethoscopeProfile } from './stethoscope-profile.js';
import { percent } from './verdict-words.js';

/** A profile as people are told of it. */
export interface ProfileSummary {
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly persons: number;
  readonly recordings: number;
  /** Recordings that were not usable. */
  readonly leftOut: number;
  readonly usableSeconds: number;
  /**
   * From which probability on a recording counts as abnormal, as the model alone would give it: without the profile and
   * with it.
   */
  readonly threshold: { readonly without: number; readonly with: number };
  /** Share of the difference between these healthy people and those that the model knows that was taken over, in [0, 1]. */
  readonly trust: number;
}

export function summaryOf(profile: StethoscopeProfile): ProfileSummary {
  const { name, createdAt, persons, recordings, leftOut, usableSeconds, evidence, offset } = profile;
  const { abnormalAtLeast } = profile.model;
  const threshold = {
    without: abnormalAtLeast,
    with: toProbability(toEvidence(abnormalAtLeast) - offset),
  };
  return {
    name,
    createdAt,
    persons,
    recordings,
    leftOut,
    usableSeconds,
    threshold,
    trust: evidence.trust,
  };
}

/** How far the threshold moves. A number alone would say nothing to whoever sees no probability of the model's own. */
export function shiftWords({ threshold }: Pick<ProfileSummary, 'threshold'>): string {
  const [before, after] = [percent(threshold.without), percent(threshold.with)];
  return before === after
    ? `the threshold for abnormal stays at ${before}`
    : `the threshold for abnormal moves from ${before} to ${after} of the model’s own scale`;
}

/** What the shift means for the next recordings. */
export function meaningWords({ threshold }: Pick<ProfileSummary, 'threshold'>): string {
  if (percent(threshold.without) === percent(threshold.with)) {
    return 'Through this stethoscope healthy hearts sound as through those that the model knows; results hardly change.';
  }
  return threshold.with > threshold.without
    ? 'Healthy hearts sound more ill through this stethoscope than through those that the model knows: a recording now ' +
        'needs more evidence to be called abnormal.'
    : 'Healthy hearts sound less ill through this stethoscope than through those that the model knows: less evidence now ' +
        'suffices to call a recording abnormal.';
}

/** How much of what was heard may be chance. */
export function trustWords({ trust, persons }: Pick<ProfileSummary, 'trust' | 'persons'>): string {
  const share = `${percent(trust)} of the difference that was heard is taken over`;
  return trust < 0.5
    ? `Chance may well explain it with ${persons} people, so that only ${share}; more people make it surer.`
    : `The difference is larger than chance explains with ${persons} people: ${share}.`;
}
