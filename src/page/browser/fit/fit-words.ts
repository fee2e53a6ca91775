import type { FitRecording, FitStatus } from '../../../bedside/fit-status.js';
import { reasonSentence } from '../../../verdict/verdict-words.js';
import { capital } from '../words.js';

/** Words of the fit, for whoever holds the stethoscope. */

const BETTER_PERSONS = 5;

export function stepTitle({ person, persons, leastPersons }: FitStatus): string {
  return persons < leastPersons ? `Colleague ${person} of at least ${leastPersons}` : `Colleague ${person}`;
}

/** What is to be done now. */
export function stepWords(fit: FitStatus): string {
  const { stage, person, persons, leastPersons, seconds } = fit;
  const own = fit.recordings.filter((recording) => recording.person === person);
  const last = own.at(-1);
  if (stage === 'searching') return 'Looking for the stethoscope: plug it in.';
  if (stage === 'recording') return `Recording ${seconds} s: hold still, no talking.`;
  if (stage === 'fitting') return 'Making the profile …';
  const enough =
    persons < leastPersons
      ? ''
      : persons < BETTER_PERSONS
        ? ` ${capital(numberOf(persons))} are enough; five are better.`
        : ' That is plenty.';
  if (last === undefined) return `Place the stethoscope, then tap Record.${enough}`;
  if (!last.isUsable && own.every(({ isUsable }) => !isUsable)) {
    return `Not usable: ${last.reasons.map(reasonSentence).join('; ')}. Record again, or leave this colleague out.`;
  }
  if (!last.isUsable)
    return `This one was not usable: ${last.reasons.map(reasonSentence).join('; ')}.${enough}`;
  return `Good: ${last.usableSeconds.toFixed(0)} s of good signal.${enough}`;
}

/** A line for each colleague. */
export function peopleLines({ recordings }: FitStatus): string[] {
  const people = new Map<number, FitRecording[]>();
  for (const recording of recordings) {
    people.set(recording.person, [...(people.get(recording.person) ?? []), recording]);
  }
  if (people.size === 0) return ['Nobody was recorded yet'];
  return [...people].map(([person, own]) => {
    const usable = own.filter(({ isUsable }) => isUsable);
    const seconds = usable.reduce((sum, { usableSeconds }) => sum + usableSeconds, 0);
    const again = usable.length > 1 ? `, ${usable.length} recordings` : '';
    return usable.length === 0
      ? `! Colleague ${person}: not usable yet`
      : `✓ Colleague ${person}: ${seconds.toFixed(0)} s${again}`;
  });
}

export function givingUpWords({ isKept, recordings }: FitStatus): string {
  const profile = 'No profile is made.';
  if (recordings.length === 0) return profile;
  return isKept
    ? `${profile} The recordings so far stay under Sessions; delete them there.`
    : `${profile} The recordings so far are gone.`;
}

const numberOf = (count: number): string => ['no', 'one', 'two', 'three', 'four'][count] ?? String(count);
