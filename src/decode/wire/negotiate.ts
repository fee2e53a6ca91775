import { ProtocolError } from '../../errors.js';
import { KNOWN_INCOMPATIBLE_FLAGS, PROTOCOL_CURRENT, PROTOCOL_MIN } from './packet-layout.js';
import type { HelloPacket, InfoPacket } from './packet.js';
import { isSourceRate, SOURCE_RATE_RULE } from '../source-rate.js';

/** What this program says first. */
export const hostHello: HelloPacket = {
  type: 'hello',
  protocolCurrent: PROTOCOL_CURRENT,
  protocolMin: PROTOCOL_MIN,
};

/**
 * Whether this program can read what a device with this INFO sends.
 *
 * @param host versions that the host speaks; this program's own unless a test says otherwise.
 * @returns the version that both sides speak from now on, the newest that both know.
 * @throws {ProtocolError} that says which item cannot be met, and what to do.
 */
export function negotiate(info: InfoPacket, host: HelloPacket = hostHello): number {
  const version = Math.min(info.protocolCurrent, host.protocolCurrent);
  if (version < Math.max(info.protocolMin, host.protocolMin)) {
    const remedy =
      info.protocolMin > host.protocolCurrent ? 'update lubdub' : "update the stethoscope's firmware";
    throw new ProtocolError(
      `the device must speak one of the protocol versions ${host.protocolMin}..${host.protocolCurrent}, ` +
        `got ${info.protocolMin}..${info.protocolCurrent}: ${remedy}`,
    );
  }
  const unknownFlags = (info.incompatibleFlags & ~KNOWN_INCOMPATIBLE_FLAGS) >>> 0;
  if (unknownFlags !== 0) {
    throw new ProtocolError(
      'every incompatible feature of the device must be known, got unknown flags ' +
        `0x${unknownFlags.toString(16).padStart(8, '0')}: update lubdub`,
    );
  }
  if (info.bitsPerSample !== 16 && info.bitsPerSample !== 24) {
    throw new ProtocolError(
      `the device's bitsPerSample must be 16 or 24, got ${info.bitsPerSample}: correct INFO in the firmware`,
    );
  }
  const largest = 2 ** (info.bitsPerSample - 1);
  if (info.fullScale < 1 || info.fullScale > largest) {
    throw new ProtocolError(
      `the device's fullScale must be in 1..${largest} for ${info.bitsPerSample} bits, got ${info.fullScale}: ` +
        'correct INFO in the firmware',
    );
  }
  if (!isSourceRate(info.sampleRateHz)) {
    throw new ProtocolError(
      `the device's sampleRateHz must be ${SOURCE_RATE_RULE}, got ${info.sampleRateHz}: correct INFO in the firmware`,
    );
  }
  return version;
}
