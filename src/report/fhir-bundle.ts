import { ConfigurationError } from '../errors.js';
import { lubdubDevice, stethoscopeDevice, deviceReference } from './fhir-devices.js';
import {
  heartRate,
  jointScreening,
  phonocardiograms,
  screening,
  soundIntervals,
} from './fhir-observations.js';
import { rhythmNotices } from './fhir-rhythm.js';
import { diagnosticReport } from './fhir-report.js';
import { subjectPatient } from './fhir-subject.js';
import type { Bundle, BundleEntry, Device, Observation, Resource } from './fhir-types.js';
import type { Report } from './report.js';
import { tagged } from './simulated-mark.js';

export interface FhirOptions {
  /** Whether the samples themselves go into the bundle: about six bytes each. */
  readonly samples: boolean;
  /**
   * URI that tells whose subject codes these are. With it the bundle is a transaction that a server takes; default a
   * collection.
   */
  readonly subjectSystem?: string | undefined;
  /** Default where {@link subjectSystem} is given. Without one a transaction may name no subject. */
  readonly transaction?: boolean;
}

/**
 * A report as an HL7 FHIR R4 bundle: the devices, and for each recording the phonocardiogram, heart rate and the
 * screening's result, which say what they are derived from; for several sites the joint result; the subject, by its code
 * alone; and the diagnostic report, which is what a person opens.
 *
 * Without a system the same code may be another person's elsewhere, and the bundle is a collection, which tells a server
 * nothing. With one it is a transaction: each resource is created unless one with its identifier is there, so that it can
 * be sent twice. Every observation and the report are preliminary, since no person has looked at it. Ids follow from the
 * sessions: the same recording has the same ids and identifiers in every bundle.
 *
 * @throws ConfigurationError for a recording with too many samples or a transaction whose subject has no system, SessionError where they cannot be read
 */
export async function fhirBundle(report: Report, options: FhirOptions): Promise<Bundle> {
  const { samples, subjectSystem } = options;
  const isTransaction = options.transaction ?? subjectSystem !== undefined;
  const resources: (Device | Observation)[] = [];
  const devices = new Map<string, Device>();
  const screenings: Observation[] = [];
  const further: Observation[] = [];
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
    const rhythm = rhythmNotices(recording, deviceReference(software), phonocardiogram);
    resources.push(...[...phonocardiogram, rate, rhythm, ...intervals, result].map(mark));
    screenings.push(result);
    further.push(rate, rhythm, ...intervals);
  }
  const anySimulated = report.recordings.some(({ simulated }) => simulated);
  // A code that a person was listened to under as well is no test.
  const allSimulated = report.recordings.every(({ simulated }) => simulated);
  const joint =
    report.joint === null
      ? []
      : [tagged(jointScreening(report.recordings, report.joint, screenings), anySimulated)];
  const { subject } = report.recordings[0];
  if (isTransaction && subject !== null && subjectSystem === undefined) {
    throw new ConfigurationError(
      'a server must be told whose subject codes it gets, or one code could be two people; name them with ' +
        '--subject-system URI, such as https://clinic.example/subjects',
    );
  }
  const all: Resource[] = [
    ...devices.values(),
    ...resources,
    ...joint,
    tagged(diagnosticReport(report, [...joint, ...screenings, ...further]), anySimulated),
    ...(subject === null ? [] : [tagged(subjectPatient(subject, subjectSystem), allSimulated)]),
  ];
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: isTransaction ? 'transaction' : 'collection',
    timestamp: report.createdAt.toISOString(),
    entry: all.map(withIdentifier).map((resource) => ({
      fullUrl: `urn:uuid:${resource.id}`,
      resource,
      ...(isTransaction ? { request: requestOf(resource) } : {}),
    })),
  };
  return tagged(bundle, anySimulated);
}

/** By which a server knows again what it has; of a person nothing but the code. */
function withIdentifier(resource: Resource): Resource {
  if (resource.resourceType === 'Patient') return resource;
  return { ...resource, identifier: [{ system: 'urn:ietf:rfc:3986', value: `urn:uuid:${resource.id}` }] };
}

function requestOf({ resourceType, identifier }: Resource): NonNullable<BundleEntry['request']> {
  const [{ system, value }] = identifier!;
  const ifNoneExist = `identifier=${encodeURIComponent(system!)}|${encodeURIComponent(value)}`;
  return { method: 'POST', url: resourceType, ifNoneExist };
}
