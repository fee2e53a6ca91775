import {
  ABNORMAL,
  absent,
  AUSCULTATION,
  bodySite,
  category,
  HEART_RATE,
  interpretation,
  JOINT_SCREENING,
  NOT_ABNORMAL,
  PHONOCARDIOGRAM,
  quantity,
  SCREENING,
} from './fhir-codes.js';
import { sampledPieces } from './fhir-sampled-data.js';
import type { Observation, ObservationComponent, Reference } from './fhir-types.js';
import { subjectReference } from './fhir-subject.js';
import { nameUuid } from './name-uuid.js';
import { profileComponents } from './fhir-profile.js';
import { profileSentence } from './profile-words.js';
import type { ReportedJoint } from './report.js';
import {
  becauseOf,
  correctionSentences,
  count,
  reasonPhrase,
  siteName,
  verdictWords,
} from './report-words.js';
import type { ReportedRecording } from './reported-recording.js';
import type { FinalVerdict } from '../verdict/verdict-reason.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';

/**
 * The sound itself. One observation, or several where samples are missing for long or FHIR's strings are too short.
 *
 * @param stethoscope `null` for a recording that came from no device
 */
export async function phonocardiograms(
  recording: ReportedRecording,
  stethoscope: Reference | null,
  withSamples: boolean,
): Promise<Observation[]> {
  const { name, lostSamples, gaps, sampleRateHz, durationSeconds, missing } = recording;
  const notes = [
    ...(gaps.length === 0 ? [] : [`${count(lostSamples, 'sample')} lost in ${count(gaps.length, 'gap')}.`]),
    ...missing.map((sentence) => `Stored recording: ${sentence}.`),
    ...afterwards(recording),
  ];
  const common = {
    ...shared(recording),
    category: [category('exam')],
    code: PHONOCARDIOGRAM,
    ...bodySite(recording.site),
    method: AUSCULTATION,
    ...(stethoscope === null ? {} : { device: stethoscope }),
    ...(notes.length === 0 ? {} : { note: [{ text: notes.join(' ') }] }),
  };
  const whole = { fromSeconds: 0, toSeconds: durationSeconds };
  if (!withSamples) {
    const absence = {
      text: `Samples were left out of this bundle on request; they are in the session ${name}`,
    };
    return [
      { ...common, ...effective(recording, whole), id: idOf(recording, 'sound'), dataAbsentReason: absence },
    ];
  }
  const pieces = await sampledPieces(recording);
  if (pieces.length === 0) {
    const absence = absent('error', 'No sample was stored');
    return [
      { ...common, ...effective(recording, whole), id: idOf(recording, 'sound'), dataAbsentReason: absence },
    ];
  }
  return pieces.map(({ startSeconds, samples, data }, i) => ({
    ...common,
    ...effective(recording, { fromSeconds: startSeconds, toSeconds: startSeconds + samples / sampleRateHz }),
    id: idOf(recording, `sound/${i}`),
    valueSampledData: data,
  }));
}

export function heartRate(
  recording: ReportedRecording,
  software: Reference,
  sounds: readonly Observation[],
): Observation {
  const bpm = recording.final?.heartRateBpm ?? null;
  const value =
    bpm === null
      ? {
          dataAbsentReason:
            recording.final === null
              ? absent('error', becauseOf(recording))
              : absent('unknown', 'No heart rate could be heard with enough certainty'),
        }
      : { valueQuantity: quantity(Math.round(10 * bpm) / 10, 'beats/minute', '/min') };
  return {
    ...derived(recording, software, sounds),
    id: idOf(recording, 'heart-rate'),
    category: [category('vital-signs')],
    code: HEART_RATE,
    method: { text: 'Estimated from the recorded heart sound' },
    ...value,
  };
}

/** @returns nothing where heart sounds were not looked for */
export function soundIntervals(
  recording: ReportedRecording,
  software: Reference,
  sounds: readonly Observation[],
): Observation[] {
  const { intervals } = recording;
  if (recording.sounds === null) return [];
  const length = (milliseconds: number | undefined) =>
    milliseconds === undefined
      ? { dataAbsentReason: absent('unknown', 'Too few whole beats were heard') }
      : { valueQuantity: quantity(Math.round(milliseconds), 'ms', 'ms') };
  return [
    {
      ...derived(recording, software, sounds),
      id: idOf(recording, 'intervals'),
      category: [category('exam')],
      code: { text: 'Intervals between heart sounds, median over beats' },
      method: { text: 'Estimated from the recorded heart sound' },
      ...bodySite(recording.site),
      component: [
        {
          code: { text: 'Systole: from the first to the second heart sound' },
          ...length(intervals?.systoleMs),
        },
        {
          code: { text: 'Diastole: from the second to the next first heart sound' },
          ...length(intervals?.diastoleMs),
        },
        { code: { text: 'Beats measured' }, valueQuantity: quantity(intervals?.beats ?? 0, '1', '1') },
      ],
    },
  ];
}

export function screening(
  recording: ReportedRecording,
  software: Reference,
  sounds: readonly Observation[],
): Observation {
  const { final } = recording;
  const because = becauseOf(recording);
  const result =
    final === null
      ? { dataAbsentReason: absent('error', because) }
      : resultOf(final.verdict, `Inconclusive: ${because || 'no reason was stored'}`);
  return {
    ...derived(recording, software, sounds),
    id: idOf(recording, 'screening'),
    category: [category('exam')],
    code: SCREENING,
    ...result,
    note: [
      { text: note(verdictWords[final?.verdict ?? 'none'], because) },
      { text: profileSentence(recording, 'UTC') },
      ...afterwards(recording).map((text) => ({ text })),
    ],
    ...bodySite(recording.site),
    component: [...components(recording), ...profileComponents(recording)],
  };
}

/** @param results of the recordings, in their order */
export function jointScreening(
  recordings: readonly ReportedRecording[],
  joint: ReportedJoint,
  results: readonly Observation[],
): Observation {
  const sites = joint.sites.map(
    ({ site, verdict }) => `${siteName(site)}: ${verdictWords[verdict].toLowerCase()}`,
  );
  const all = sites.join('; ');
  const starts = results.map(({ effectivePeriod }) => effectivePeriod.start).sort();
  const ends = results.map(({ effectivePeriod }) => effectivePeriod.end).sort();
  return {
    ...shared(recordings[0]),
    effectivePeriod: { start: starts[0], end: ends[ends.length - 1] },
    id: nameUuid(`joint/${recordings.map(({ identity }) => identity).join('/')}`),
    category: [category('exam')],
    code: JOINT_SCREENING,
    ...resultOf(
      joint.verdict,
      `Inconclusive${joint.reasons.length === 0 ? '' : `: ${joint.reasons.map(reasonPhrase).join('; ')}`}. ${all}`,
    ),
    note: [{ text: note(verdictWords[joint.verdict], `${all}. ${joint.rule}`) }],
    hasMember: results.map(reference),
  };
}

/** What cannot be said has a reason instead, in words that were found for it. */
function resultOf(verdict: FinalVerdict, inconclusive: string) {
  switch (verdict) {
    case 'abnormal':
      return { valueCodeableConcept: ABNORMAL, interpretation: [interpretation('A')] };
    case 'normal':
      return { valueCodeableConcept: NOT_ABNORMAL, interpretation: [interpretation('N')] };
    case 'inconclusive':
      return { dataAbsentReason: absent('unknown', inconclusive) };
  }
}

function components({ final, durationSeconds, lostSamples, droppedWindows }: ReportedRecording) {
  const share = (value: number | null): Omit<ObservationComponent, 'code'> =>
    value === null
      ? { dataAbsentReason: absent('unknown', 'Not known') }
      : { valueQuantity: quantity(value, '1', '1') };
  const usable: Omit<ObservationComponent, 'code'> =
    final === null
      ? { dataAbsentReason: absent('unknown', 'Not known') }
      : { valueQuantity: quantity(final.usableSeconds, 's', 's') };
  const isConclusive = final !== null && final.verdict !== 'inconclusive';
  const probability = isConclusive
    ? share(final.probability)
    : {
        dataAbsentReason: absent('unknown', 'No result can rest on the figure of an inconclusive recording'),
      };
  return [
    { code: { text: 'Probability of abnormal heart sounds, calibrated' }, ...probability },
    { code: { text: 'Signal quality index, 0 to 1' }, ...share(final?.quality ?? null) },
    { code: { text: 'Usable signal' }, ...usable },
    { code: { text: 'Duration' }, valueQuantity: quantity(durationSeconds, 's', 's') },
    { code: { text: 'Lost samples' }, valueQuantity: quantity(lostSamples, '1', '1') },
    { code: { text: 'Windows that were not scored' }, valueQuantity: quantity(droppedWindows, '1', '1') },
  ];
}

const note = (word: string, because: string): string =>
  `${DISCLAIMER} Result: ${word}${because === '' ? '' : `: ${because}`}. Not reviewed by a person.`;

/** What a person said after the recording; a record keeps both, what was and what is. */
function afterwards(recording: ReportedRecording): string[] {
  const noted = recording.note === null ? [] : [`Noted by hand: ${recording.note}`];
  return [...correctionSentences(recording, 'UTC').map((sentence) => `${sentence}.`), ...noted];
}

/** What every observation of a recording says. */
function shared({ subject }: ReportedRecording) {
  return {
    resourceType: 'Observation',
    status: 'preliminary',
    subject: subjectReference(subject),
  } as const;
}

/** What every observation says that was made of the sound. */
export function derived(recording: ReportedRecording, software: Reference, sounds: readonly Observation[]) {
  return {
    ...shared(recording),
    ...effective(recording, { fromSeconds: 0, toSeconds: recording.durationSeconds }),
    device: software,
    derivedFrom: sounds.map(reference),
  };
}

function effective({ startedAt }: ReportedRecording, span: { fromSeconds: number; toSeconds: number }) {
  const at = (seconds: number) => new Date(Date.parse(startedAt) + Math.round(1000 * seconds)).toISOString();
  return { effectivePeriod: { start: at(span.fromSeconds), end: at(span.toSeconds) } };
}

export const idOf = ({ identity }: ReportedRecording, what: string): string =>
  nameUuid(`session/${identity}/${what}`);

export const reference = ({ id }: Observation): Reference => ({
  reference: `urn:uuid:${id}`,
  type: 'Observation',
});
