/** The numbers of wire protocol version 1, as firmware-protocol/README.md gives them. */

/** Version that this program speaks, and the oldest that it still understands. */
export const PROTOCOL_CURRENT = 1;
export const PROTOCOL_MIN = 1;

/** Bytes of type, payload and checksum together. With 253, COBS always adds exactly one byte. */
export const MAX_PACKET_BYTES = 253;
/** Bytes between two delimiters. */
export const MAX_FRAME_BYTES = MAX_PACKET_BYTES + 1;
/** Bytes on the wire, delimiter included: what a decoder needs at most to find its way again. */
export const MAX_WIRE_BYTES = MAX_FRAME_BYTES + 1;
export const CRC_BYTES = 2;
export const MAX_PAYLOAD_BYTES = MAX_PACKET_BYTES - 1 - CRC_BYTES;

/** First byte of a packet. The high bit says that a device sent it. */
export const messageType = {
  hello: 0x01,
  start: 0x02,
  stop: 0x03,
  credit: 0x04,
  info: 0x81,
  samples: 0x82,
  status: 0x83,
  stopped: 0x84,
  error: 0x85,
  /** Never valid: a frame of 01 bytes, such as noise may bring, is a packet of zeros with a right checksum. */
  unusedZero: 0x00,
  unusedHigh: 0x80,
} as const;

/** Payload bytes before the samples of a SAMPLES packet: sequence, first sample, microseconds, format. */
export const SAMPLES_HEADER_BYTES = 11;

/** Samples that one packet can hold at most: 119 of 16 bit, 79 of 24 bit. */
export function maxSamplesPerPacket(bitsPerSample: 16 | 24): number {
  return Math.floor((MAX_PAYLOAD_BYTES - SAMPLES_HEADER_BYTES) / (bitsPerSample / 8));
}

/** Bytes of UTF-8 at most in INFO's firmware and serial number, and in ERROR's text. */
export const MAX_NAME_BYTES = 64;
export const MAX_ERROR_TEXT_BYTES = 128;

/** Reason byte of STOPPED. A byte that is not listed reads as `fault`. */
export const stopReasons = ['end', 'request', 'battery', 'fault'] as const;

/** Codes of ERROR. */
export const errorCode = {
  unspecified: 0,
  unsupportedVersion: 1,
  badRequest: 2,
  converterFault: 3,
  batteryEmpty: 4,
  internal: 5,
} as const;

/** Features that a host may use or leave alone. A host ignores the bits that it does not know. */
export const compatibleFlag = {
  /**
   * The device heeds CREDIT: from the first CREDIT on it sends no sample whose index is at or after the limit, and
   * sends those before it as fast as the wire takes them. Until the first CREDIT it keeps the pace of its clock.
   */
  waitsForCredit: 1 << 0,
  reportsClipping: 1 << 1,
  reportsBattery: 1 << 2,
  reportsContact: 1 << 3,
  /** Nobody is listened to: the samples are a recording, or made up. Whatever comes of them is marked so. */
  simulated: 1 << 4,
} as const;

/** Features without which the stream is misread. A host refuses a device with a bit that is not in this mask. */
export const KNOWN_INCOMPATIBLE_FLAGS = 0;
