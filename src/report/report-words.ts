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
  'no-contact': 'the stethoscope touched no skin',
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

/**
 * To the second, with how far that place's clocks are from UTC.
 *
 * @param timeZone a name of the IANA data base; default that of this machine
 */
export function moment(iso: string, timeZone?: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone === undefined ? {} : { timeZone }),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  });
  const parts = Object.fromEntries(
    format.formatToParts(new Date(iso)).map(({ type, value }) => [type, value]),
  );
  const { year, month, day, hour, minute, second, timeZoneName } = parts;
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${timeZoneName.replace('GMT', 'UTC')}`;
}

/** The day alone. */
export const day = (iso: string, timeZone?: string): string => moment(iso, timeZone).slice(0, 10);

/** What was corrected after the recording, a sentence each. */
export function correctionSentences(
  { corrections, recorded, site, subject }: ReportedRecording,
  timeZone?: string,
): string[] {
  const last = (field: 'site' | 'subject') => corrections.filter((said) => said[field] !== undefined).at(-1);
  const sentences: string[] = [];
  const siteAt = last('site')?.at;
  if (siteAt !== undefined && site !== recorded.site) {
    sentences.push(
      `Site corrected by hand on ${moment(siteAt, timeZone)}: recorded as ${siteName(recorded.site)}, is ${siteName(site)}`,
    );
  }
  const subjectAt = last('subject')?.at;
  if (subjectAt !== undefined && subject !== recorded.subject) {
    sentences.push(
      `Subject code corrected by hand on ${moment(subjectAt, timeZone)}: recorded as ${recorded.subject ?? 'none'}, is ${subject ?? 'none'}`,
    );
  }
  return sentences;
}

/** A page has a place for everything, and names from outside can be of any length. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
