import { shiftWords } from '../verdict/stethoscope-profile-words.js';
import { count, day, percent, shortened } from './report-words.js';
import type { ReportedRecording } from './reported-recording.js';

/**
 * Which profile the result rests on, or what it means that there is none.
 *
 * @param timeZone a name of the IANA data base; default that of this machine
 */
export function profileText(recording: ReportedRecording, timeZone?: string): string {
  const { profile } = recording;
  const used = recording.final === null ? profile : recording.final.stethoscope;
  if (used !== null) {
    const fitted = `${shortened(used.name, 48)}, fitted on ${count(used.persons, 'healthy person', 'healthy people')}`;
    return profile === null
      ? fitted
      : `${fitted} on ${day(profile.createdAt, timeZone)}; ${shiftWords(profile)}`;
  }
  const alarms = falseAlarmsElsewhere(recording);
  return alarms === null
    ? 'none: how often this stethoscope raises false alarms is not known'
    : `none: ${alarms}`;
}

/** The same as a sentence of its own. */
export function profileSentence(recording: ReportedRecording, timeZone?: string): string {
  const text = profileText(recording, timeZone);
  return text.startsWith('none: ')
    ? `Unknown stethoscope without a profile: ${text.slice('none: '.length)}.`
    : `Stethoscope profile ${text}.`;
}

/** How often a stethoscope that the model has not heard raises false alarms, `null` where the session does not tell. */
export function falseAlarmsElsewhere({ model: { falseAlarms } }: ReportedRecording): string | null {
  if (falseAlarms === null) return null;
  const { mean, least, most } = falseAlarms;
  return (
    `on stethoscopes new to the model ${percent(mean)} of healthy recordings were called abnormal ` +
    `(${Math.round(100 * least)} to ${percent(most)} by database)`
  );
}
