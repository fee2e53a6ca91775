import { storedContact } from '../record/stored-contact.js';
import { stat } from 'node:fs/promises';
import { ConfigurationError } from '../errors.js';
import type { SessionDescription } from '../record/session-layout.js';
import { openSession } from '../record/stored-session.js';
import type { FinalEvent } from '../screen/result-events.js';
import { screenFile } from '../screen/screen-file.js';
import type { Emit, Screener } from '../screen/screener.js';
import { toEvidence } from '../verdict/evidence.js';
import { identityOf, isSameDevice, type DeviceIdentity } from './device-identity.js';
import type { HealthyRecording } from './fit-profile.js';
import { NoiseFloor } from './noise-floor.js';
import type { Subjects } from './subjects.js';

/** A recording that a profile is to be fitted to, before it is screened. */
export interface HealthySource {
  readonly path: string;
  readonly person: string;
  readonly isSession: boolean;
  /** `null` for a file, which does not tell. */
  readonly device: DeviceIdentity | null;
}

/**
 * Finds out whom each file or session is of.
 *
 * @throws ConfigurationError where a recording names nobody; SessionError
 */
export async function healthySources(
  paths: readonly string[],
  subjects: Subjects | null,
): Promise<HealthySource[]> {
  const sources: HealthySource[] = [];
  for (const path of new Set(paths)) {
    const isSession = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    const session = isSession ? await openSession(path) : null;
    const description = session?.description ?? null;
    const person = subjects?.of(path) ?? session?.named.subject ?? null;
    if (person === null) {
      throw new ConfigurationError(
        `${path}: must say whom it is of, so that people are not counted twice; name it in a table with the columns ` +
          'file and subject (--subjects CSV)' +
          (isSession ? ', or record with --subject' : ''),
      );
    }
    sources.push({ path, person, isSession, device: deviceOf(description) });
  }
  return sources;
}

/** @throws ConfigurationError for recordings of two stethoscopes */
export function oneDevice(sources: readonly HealthySource[]): DeviceIdentity | null {
  const told = sources.filter((source) => source.device !== null);
  for (const source of told) {
    if (isSameDevice(source.device!, told[0].device!)) continue;
    const called = ({ device }: HealthySource) => device!.serialNumber ?? device!.usbId;
    throw new ConfigurationError(
      `a profile must be of one stethoscope, but ${told[0].path} was recorded with ${called(told[0])} and ` +
        `${source.path} with ${called(source)}; calibrate each of them by itself`,
    );
  }
  return told[0]?.device ?? null;
}

function deviceOf(description: SessionDescription | null): DeviceIdentity | null {
  const device = description?.device ?? null;
  return device === null ? null : identityOf(device);
}

/**
 * Screens one recording as an unknown stethoscope's, whatever profile a session was recorded with.
 *
 * @throws RecordingError or SessionError where it cannot be read
 */
export async function screenHealthy(
  { path, person, isSession }: HealthySource,
  screener: Screener,
): Promise<{ readonly recording: HealthyRecording; readonly final: FinalEvent }> {
  const floor = new NoiseFloor(screener.model.contract.input.sampleRateHz);
  let final: FinalEvent | undefined;
  const emit: Emit = (event) => {
    if (event.kind === 'final') final = event;
  };
  const options = { watchConditioned: floor.push.bind(floor) };
  if (isSession) {
    const session = await openSession(path);
    await screener.screenStored(path, session.format, session.sampled(), emit, {
      ...options,
      contact: await storedContact(session),
    });
  } else await screenFile(path, screener, emit, options);
  return { recording: healthyRecording(person, final!, floor.db), final: final! };
}

/** What a profile is fitted to, of a result that no profile had a part in. */
export function healthyRecording(
  person: string,
  final: FinalEvent,
  noiseFloorDb: number | null,
): HealthyRecording {
  return { person, evidence: evidenceOf(final), usableSeconds: final.usableSeconds, noiseFloorDb };
}

/** Of a recording that a class could be given to; evidence that lies between the classes is evidence too. */
function evidenceOf({ verdict, probability, reasons }: FinalEvent): number | null {
  const isUsable = verdict !== 'inconclusive' || reasons.includes('evidence-uncertain');
  if (probability === null || !isUsable) return null;
  return toEvidence(Math.min(1 - 1e-9, Math.max(1e-9, probability)));
}
