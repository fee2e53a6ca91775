import { rhythmLine } from '../screen/rhythm-words.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';
import { absent, bodySite, category, quantity } from './fhir-codes.js';
import { derived, idOf } from './fhir-observations.js';
import type { Observation, Reference } from './fhir-types.js';
import type { ReportedRecording } from './reported-recording.js';

/** Notices of the rhythm. Text alone: codes of rhythms are findings, and these are none. */
export function rhythmNotices(
  recording: ReportedRecording,
  software: Reference,
  sounds: readonly Observation[],
): Observation {
  const rhythm = recording.final?.rhythm ?? null;
  const unknown = { dataAbsentReason: absent('unknown', 'Too few beats were heard in a row') };
  const irregular = rhythm?.irregular ?? null;
  const number = (noticed: { readonly count: number } | null) =>
    noticed === null ? unknown : { valueQuantity: quantity(noticed.count, '1', '1') };
  const irregularity =
    irregular === null
      ? unknown
      : {
          valueCodeableConcept: {
            text: irregular.noticed
              ? `Seems irregular, without a pattern, confidence ${Math.round(100 * irregular.confidence)} %`
              : 'No irregularity noticed',
          },
        };
  return {
    ...derived(recording, software, sounds),
    id: idOf(recording, 'rhythm'),
    category: [category('exam')],
    code: { text: 'Rhythm of the heart sounds, notices and no diagnosis' },
    method: { text: 'Estimated from the recorded heart sound' },
    ...bodySite(recording.site),
    note: [{ text: `${sentenceCase(rhythmLine(rhythm))}. ${DISCLAIMER} Not reviewed by a person.` }],
    component: [
      { code: { text: 'Beats without a pattern' }, ...irregularity },
      { code: { text: 'Beats that seem to come early' }, ...number(rhythm?.extraBeats ?? null) },
      { code: { text: 'Pauses between beats' }, ...number(rhythm?.pauses ?? null) },
    ],
  };
}

const sentenceCase = (text: string): string => `${text[0].toUpperCase()}${text.slice(1)}`;
