import type { VerdictReason } from './verdict-reason.js';

/** Reasons and figures in words that a nurse can act on. */

const reasonSentences: Readonly<Record<VerdictReason, string>> = {
  'too-short': 'the recording is too short',
  'too-little-usable-signal': 'too little of it is a usable heart sound',
  'evidence-uncertain': 'the evidence lies between normal and abnormal',
  'windows-not-scored': 'this machine could not keep up and skipped windows',
  'models-differ': 'its recordings were screened with different models and cannot be joined',
  silent: 'nothing is heard: press the stethoscope lightly onto the skin',
  flat: 'the line is flat: check the sensor and its cable',
  clipped: 'the signal is clipped: lower the gain or press less',
  noisy: 'too much noise: keep still and quiet',
  'no-heartbeat': 'no heartbeat is heard: move to another spot on the chest',
  'no-contact': 'the stethoscope touched no skin: press it lightly onto the chest',
  'mains-hum': 'mains hum: unplug the charger, run on battery, keep away from power leads and lamps',
  'not-a-heart':
    'what is heard does not beat as a heart does: place the stethoscope on the chest, away from other sounds',
  unsteady: 'the level jumps: hold the stethoscope still, without rubbing or talking',
};

/** @param reason one of {@link VerdictReason}; a word that another version stored is shown as it is */
export function reasonSentence(reason: string): string {
  return (reasonSentences as Readonly<Record<string, string>>)[reason] ?? reason.replaceAll('-', ' ');
}

/** The profile that a result rests on. */
export interface UsedStethoscope {
  readonly name: string;
  /** Healthy people whom it was fitted on. */
  readonly persons: number;
  readonly sha256: string;
}

/** Shares of healthy recordings that were called abnormal on databases, and so stethoscopes, left out of training. */
export interface FalseAlarms {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

/** Which profile a result rests on, or what it means that there is none. */
export function stethoscopeSentence(used: UsedStethoscope | null, falseAlarms: FalseAlarms | null): string {
  if (used !== null) {
    return `stethoscope profile ${used.name}, fitted on ${used.persons} healthy people`;
  }
  if (falseAlarms === null)
    return 'unknown stethoscope: how often it calls healthy people abnormal is not known';
  const { mean, least, most } = falseAlarms;
  const range = `${Math.round(100 * least)} to ${percent(most)}`;
  return `unknown stethoscope: on such, ${percent(mean)} (${range}) of healthy recordings were called abnormal`;
}

export const percent = (value: number | null): string =>
  value === null ? '–' : `${Math.round(100 * value)} %`;

export const seconds = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} s`;
