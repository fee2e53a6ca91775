import type { ReportedRecording } from './reported-recording.js';
import type { FinalEvent } from '../screen/result-events.js';
import type { Site } from '../verdict/site.js';
import type { FinalVerdict, VerdictReason } from '../verdict/verdict-reason.js';

/** Words on paper. They tell what was, where the command line's sentences tell what to do now. */

export const LIMITS_OF_USE = [
  'The result is computed by a program from the recorded sound alone and has not been reviewed by a clinician.',
  'A normal result does not exclude heart disease. An abnormal result does not say which disease, or that there is one.',
  'Inconclusive means that this recording allows no result; it says nothing of the heart.',
  'Heart rate is estimated from sound; where it is unsure it is left out. How well the model and the estimates were ' +
    'measured to work, and on whom, is in the card of the model named here.',
];

const reasonPhrases: Readonly<Record<VerdictReason, string>> = {
  'too-short': 'the recording is too short',
  'too-little-usable-signal': 'too little of it is a usable heart sound',
  'evidence-uncertain': 'the evidence lies between normal and abnormal',
  'windows-not-scored': 'the machine could not keep up and skipped windows',
  'models-differ': 'the recordings were screened with different models and cannot be joined',
  silent: 'nothing was heard',
  flat: 'the line was flat',
  clipped: 'the signal was clipped',
  noisy: 'there was too much noise',
  'no-heartbeat': 'no heartbeat was heard',
  'mains-hum': 'mains hum went through the recording',
  'not-a-heart': 'what was heard did not beat as a heart does',
  unsteady: 'the level jumped, as by handling, rubbing or speech',
};

/** @param reason one of {@link VerdictReason}; a word that another version stored is shown as it is */
export function reasonPhrase(reason: string): string {
  return (
    (reasonPhrases as Readonly<Record<string, string>>)[reason] ?? shortened(reason.replaceAll('-', ' '), 60)
  );
}

const siteNames: Readonly<Record<Site, string>> = {
  aortic: 'Aortic area',
  pulmonic: 'Pulmonic area',
  tricuspid: 'Tricuspid area',
  mitral: 'Mitral area (apex)',
};

export function siteName(site: string | null): string {
  return site === null
    ? 'Site not named'
    : ((siteNames as Readonly<Record<string, string>>)[site] ?? shortened(site, 40));
}

export const verdictWords: Record<FinalVerdict | 'none', string> = {
  normal: 'Normal',
  abnormal: 'Abnormal',
  inconclusive: 'Inconclusive',
  none: 'No result',
};

/** A sign that differs in shape, for who sees no colours. */
export const verdictSigns: Record<FinalVerdict | 'none', string> = {
  normal: '○',
  abnormal: '▲',
  inconclusive: '?',
  none: '–',
};

export const verdictOf = ({ final }: ReportedRecording): FinalVerdict | 'none' => final?.verdict ?? 'none';

/** Why there is no class, or nothing. */
export function becauseOf(recording: ReportedRecording): string {
  const { final } = recording;
  if (final !== null) return phrases(final);
  return recording.state === 'torn' || recording.state === 'recovered'
    ? 'the recording was interrupted and has no final result'
    : 'the recording has no final result';
}

const phrases = ({ reasons }: FinalEvent): string => [...new Set(reasons)].map(reasonPhrase).join('; ');

/** A figure that is not known is said so, and never 0. */
export const known = (value: number | null | undefined, say: (value: number) => string): string =>
  value === null || value === undefined ? 'not known' : say(value);

export const percent = (value: number | null): string =>
  known(value, (share) => `${Math.round(100 * share)} %`);

export const seconds = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} s`;

export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;

/** UTC, to the second. */
export const moment = (iso: string): string => iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');

/** A page has a place for everything, and names from outside can be of any length. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
