import type { Device, Reference } from './fhir-types.js';
import { nameUuid } from './name-uuid.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';
import type { ReportedRecording } from './reported-recording.js';

/** @returns `null` for a recording that came from no device */
export function stethoscopeDevice({ device, identity }: ReportedRecording): Device | null {
  if (device === null) return null;
  const { serialNumber, firmware } = device;
  // A device without a serial number is only known to be the one of this recording.
  const name = serialNumber === null ? `session/${identity}/stethoscope` : `stethoscope/${serialNumber}`;
  return {
    resourceType: 'Device',
    id: nameUuid(`${name}/${firmware ?? ''}`),
    ...(serialNumber === null ? {} : { serialNumber }),
    deviceName: [{ name: 'Digital stethoscope', type: 'user-friendly-name' }],
    type: { text: 'Digital stethoscope' },
    ...(firmware === null ? {} : { version: [{ type: { text: 'firmware' }, value: firmware }] }),
  };
}

/** The program that recorded and screened, with its model. */
export function lubdubDevice({ model, lubdubVersion }: ReportedRecording): Device {
  return {
    resourceType: 'Device',
    id: nameUuid(`lubdub/${lubdubVersion}/${model.name}/${model.version ?? ''}/${model.sha256}`),
    deviceName: [
      { name: 'lubdub', type: 'user-friendly-name' },
      { name: model.name, type: 'model-name' },
    ],
    type: { text: 'Heart sound screening software' },
    version: [
      { type: { text: 'lubdub' }, value: lubdubVersion },
      ...(model.version === null ? [] : [{ type: { text: 'model' }, value: model.version }]),
      { type: { text: 'SHA-256 of the model' }, value: model.sha256 },
    ],
    note: [{ text: DISCLAIMER }],
  };
}

export const deviceReference = ({ id, deviceName }: Device): Reference => ({
  reference: `urn:uuid:${id}`,
  type: 'Device',
  display: deviceName[0].name,
});
