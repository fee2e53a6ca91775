import { lubdubDevice, stethoscopeDevice, deviceReference } from './fhir-devices.js';
import {
  heartRate,
  jointScreening,
  phonocardiograms,
  screening,
  soundIntervals,
} from './fhir-observations.js';
import type { Bundle, Device, Observation } from './fhir-types.js';
import type { Report } from './report.js';
import { tagged } from './simulated-mark.js';

export interface FhirOptions {
  /** Whether the samples themselves go into the bundle: about six bytes each. */
  readonly samples: boolean;
}

/**
 * A report as an HL7 FHIR R4 bundle: the devices, and for each recording the phonocardiogram, heart rate and the
 * screening's result, which say what they are derived from; for several sites the joint result.
 *
 * The bundle is a collection: a document would need an author who answers for it, and a transaction would tell a
 * server what to do. Every observation is preliminary, since no person has looked at it. Ids follow from the sessions:
 * the same recording has the same ids in every bundle.
 *
 * @throws ConfigurationError for a recording with too many samples, SessionError where they cannot be read
 */
export async function fhirBundle(report: Report, { samples }: FhirOptions): Promise<Bundle> {
  const resources: (Device | Observation)[] = [];
  const devices = new Map<string, Device>();
  const results: Observation[] = [];
  for (const recording of report.recordings) {
    const mark = <Resource extends Device | Observation>(resource: Resource) =>
      tagged(resource, recording.simulated);
    const stethoscope = stethoscopeDevice(recording);
    const software = lubdubDevice(recording);
    if (stethoscope !== null) devices.set(stethoscope.id, mark(stethoscope));
    devices.set(software.id, software);
    const phonocardiogram = await phonocardiograms(
      recording,
      stethoscope === null ? null : deviceReference(stethoscope),
      samples,
    );
    const rate = heartRate(recording, deviceReference(software), phonocardiogram);
    const result = screening(recording, deviceReference(software), phonocardiogram);
    const intervals = soundIntervals(recording, deviceReference(software), phonocardiogram);
    resources.push(...[...phonocardiogram, rate, ...intervals, result].map(mark));
    results.push(result);
  }
  const anySimulated = report.recordings.some(({ simulated }) => simulated);
  if (report.joint !== null) {
    resources.push(tagged(jointScreening(report.recordings, report.joint, results), anySimulated));
  }
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: report.createdAt.toISOString(),
    entry: [...devices.values(), ...resources].map((resource) => ({
      fullUrl: `urn:uuid:${resource.id}`,
      resource,
    })),
  };
  return tagged(bundle, anySimulated);
}
