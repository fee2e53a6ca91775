import type { Bundle, Coding, Resource } from './fhir-types.js';
import { html, type HtmlText } from './html-text.js';
import type { ReportedRecording } from './reported-recording.js';

/** The tag by which FHIR tells test data, in `meta.tag`: HTEST of HL7's code system v3 ActReason. */
export const TEST_DATA: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  code: 'HTEST',
  display: 'test health data',
};

/** The resource, with {@link TEST_DATA} where it tells of a simulator. */
export function tagged<Tagged extends Resource | Bundle>(resource: Tagged, isSimulated: boolean): Tagged {
  if (!isSimulated) return resource;
  const { resourceType, ...rest } = resource;
  return { resourceType, meta: { tag: [TEST_DATA] }, ...rest } as unknown as Tagged;
}

/** What nobody can miss on paper, `null` where a person was listened to. */
export function simulatedMark(recordings: readonly ReportedRecording[]): HtmlText | null {
  const count = recordings.filter(({ simulated }) => simulated).length;
  if (count === 0) return null;
  const which =
    recordings.length === 1
      ? 'Nobody was listened to'
      : `In ${count} of ${recordings.length} recordings nobody was listened to`;
  return html`<section class="simulated">
    <strong>SIMULATED</strong> ${which}: a simulated stethoscope played a recording. Not for a patient’s
    record.
  </section>`;
}
