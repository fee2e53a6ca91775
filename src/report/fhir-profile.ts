import { quantity } from './fhir-codes.js';
import type { ObservationComponent } from './fhir-types.js';
import { profileText } from './profile-words.js';
import type { ReportedRecording } from './reported-recording.js';

/**
 * The stethoscope's profile where the result is that rests on it. A resource of the device could not say it: the same
 * device has another profile, or none, with each of its results.
 */
export function profileComponents(recording: ReportedRecording): ObservationComponent[] {
  const { final, profile } = recording;
  const used = final === null ? profile : final.stethoscope;
  const code = { text: 'Stethoscope profile' };
  if (used === null)
    return [{ code, valueCodeableConcept: { text: `Unknown stethoscope, ${profileText(recording)}` } }];
  const people: ObservationComponent = {
    code: { text: 'Healthy people whom the stethoscope profile was fitted on' },
    valueInteger: used.persons,
  };
  if (profile === null) return [{ code, valueString: used.name }, people];
  const { createdAt, threshold } = profile;
  const share = (value: number) => ({ valueQuantity: quantity(value, '1', '1') });
  return [
    { code, valueString: used.name },
    people,
    { code: { text: 'Stethoscope profile fitted at' }, valueDateTime: createdAt },
    {
      code: { text: 'Threshold of abnormal without the profile, on the model’s own scale' },
      ...share(threshold.without),
    },
    {
      code: { text: 'Threshold of abnormal with the profile, on the model’s own scale' },
      ...share(threshold.with),
    },
  ];
}
