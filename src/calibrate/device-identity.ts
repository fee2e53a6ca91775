import { basename } from 'node:path';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';

export type DeviceIdentity = NonNullable<StethoscopeProfile['device']>;

/** Of a device, what its profile is found by. */
export interface AnsweringDevice {
  readonly serialNumber: string | null;
  readonly path: string;
}

const BY_ID = '/dev/serial/by-id/';

/** What tells one stethoscope from another; `null` where the device tells nothing. */
export function identityOf(device: {
  readonly serialNumber?: unknown;
  readonly path?: unknown;
}): DeviceIdentity | null {
  const { serialNumber, path } = device;
  const serial = typeof serialNumber === 'string' && serialNumber !== '' ? serialNumber : null;
  // Maker, product and USB serial number; any other name of a port changes with the socket.
  const usbId = typeof path === 'string' && path.startsWith(BY_ID) ? basename(path) : null;
  return serial === null && usbId === null ? null : { serialNumber: serial, usbId };
}

/** A serial number outweighs the USB name: adapters of one kind may share theirs. */
export function isSameDevice(one: DeviceIdentity, other: DeviceIdentity): boolean {
  if (one.serialNumber !== null || other.serialNumber !== null)
    return one.serialNumber === other.serialNumber;
  return one.usbId === other.usbId;
}

/** Of two that answered in one run: one that does not tell who it is is known by its port alone. */
export const isSameStethoscope = (one: AnsweringDevice, other: AnsweringDevice): boolean =>
  keyOf(one) === keyOf(other);

/** What a stethoscope is known by in one run. */
export function keyOf(device: AnsweringDevice): string {
  const identity = identityOf(device);
  if (identity === null) return `path ${device.path}`;
  const { serialNumber, usbId } = identity;
  return serialNumber === null ? `usb ${usbId}` : `serial ${serialNumber}`;
}

/** Of names of profiles; they are names of files too. */
const MOST_CHARACTERS = 48;
const NAMELESS = 'stethoscope-1';

/** A name for its profile: its serial number, or the USB name without what all of these share. */
export function proposedName(identity: DeviceIdentity | null): string {
  const said =
    identity?.serialNumber ?? identity?.usbId?.replace(/^usb-/, '').replace(/-(if|port)\d+/g, '') ?? '';
  const name = said
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '')
    .slice(0, MOST_CHARACTERS)
    .replace(/[-_]+$/, '');
  return name === '' || name === 'none' ? NAMELESS : name;
}
