import { REPORT_CATEGORY, SCREENING_REPORT } from './fhir-codes.js';
import { reference } from './fhir-observations.js';
import { subjectReference } from './fhir-subject.js';
import type { DiagnosticReport, Observation } from './fhir-types.js';
import { nameUuid } from './name-uuid.js';
import { profileSentence } from './profile-words.js';
import type { Report } from './report.js';
import { reasonPhrase, verdictWords } from './report-words.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';

/**
 * What a person opens first: the examination, its conclusion, and the observations that it rests on.
 *
 * @param results what was found, the joint result first where there is one
 */
export function diagnosticReport(report: Report, results: readonly Observation[]): DiagnosticReport {
  const { recordings, joint, createdAt } = report;
  const starts = results.map(({ effectivePeriod }) => effectivePeriod.start).sort();
  const ends = results.map(({ effectivePeriod }) => effectivePeriod.end).sort();
  return {
    resourceType: 'DiagnosticReport',
    id: nameUuid(`report/${recordings.map(({ identity }) => identity).join('/')}`),
    status: 'preliminary',
    category: [REPORT_CATEGORY],
    code: SCREENING_REPORT,
    subject: subjectReference(recordings[0].subject),
    effectivePeriod: { start: starts[0], end: ends[ends.length - 1] },
    issued: createdAt.toISOString(),
    result: results.map(reference),
    conclusion: `${DISCLAIMER} ${conclusionOf(recordings, joint)} ${stethoscopes(recordings)} Not reviewed by a person.`,
  };
}

/** Several recordings of which nothing joint can be said stand one by one. */
function conclusionOf(recordings: Report['recordings'], joint: Report['joint']): string {
  const sentence = (verdict: keyof typeof verdictWords, reasons: Parameters<typeof reasonPhrase>[0][]) =>
    `${verdictWords[verdict]}${reasons.length === 0 ? '' : `: ${reasons.map(reasonPhrase).join('; ')}`}.`;
  if (joint !== null) return `Sites together: ${sentence(joint.verdict, [...joint.reasons])}`;
  return recordings
    .map(({ final, name }) => {
      const result = sentence(final?.verdict ?? 'none', [...(final?.reasons ?? [])]);
      return recordings.length === 1 ? `Result: ${result}` : `${name}: ${result}`;
    })
    .join(' ');
}

/** Each once, as people read them. */
const stethoscopes = (recordings: Report['recordings']): string =>
  [...new Set(recordings.map((recording) => profileSentence(recording, 'UTC')))].join(' ');
