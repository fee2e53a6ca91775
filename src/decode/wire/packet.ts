import { ProtocolError } from '../../errors.js';
import { cobsEncode } from './cobs.js';
import { crc16 } from './crc16.js';
import {
  CRC_BYTES,
  MAX_ERROR_TEXT_BYTES,
  MAX_NAME_BYTES,
  MAX_PAYLOAD_BYTES,
  maxSamplesPerPacket,
  MAX_WIRE_BYTES,
  messageType,
  stopReasons,
} from './packet-layout.js';

/** Host to device: which protocol versions the host speaks. The device answers with INFO. */
export interface HelloPacket {
  readonly type: 'hello';
  readonly protocolCurrent: number;
  readonly protocolMin: number;
}

/** Device to host: what the device is and how its samples are to be read. */
export interface InfoPacket {
  readonly type: 'info';
  readonly protocolCurrent: number;
  readonly protocolMin: number;
  readonly firmware: string;
  readonly serialNumber: string;
  readonly sampleRateHz: number;
  /** Significant bits of a sample, 16 or 24 in version 1; `negotiate` refuses another. */
  readonly bitsPerSample: number;
  /** Integer that stands for 1.0. */
  readonly fullScale: number;
  /** Bits of `compatibleFlag`. */
  readonly compatibleFlags: number;
  readonly incompatibleFlags: number;
}

export interface StartPacket {
  readonly type: 'start';
}

export interface StopPacket {
  readonly type: 'stop';
}

/**
 * Host to device: samples with an index before `sampleLimit` may be sent. Absolute, so that the next CREDIT repairs a
 * lost one. Only for a device whose flag `waitsForCredit` is set.
 */
export interface CreditPacket {
  readonly type: 'credit';
  /** uint32, wraps with the sample index. */
  readonly sampleLimit: number;
}

export interface SamplesPacket {
  readonly type: 'samples';
  /** uint16, counts SAMPLES packets, wraps. */
  readonly sequence: number;
  /** uint32, index of the first sample since START, wraps; samples that the device dropped are counted. */
  readonly firstSample: number;
  /** uint32, the device's clock at the first sample, wraps after 71 minutes. */
  readonly deviceMicros: number;
  readonly bitsPerSample: 16 | 24;
  /** In units of 1 / fullScale. 1 to 119 samples of 16 bit, 1 to 79 of 24 bit. */
  readonly samples: Int32Array;
}

export interface StatusPacket {
  readonly type: 'status';
  /** uint32, samples since START that were converted and never sent. */
  readonly overrunSamples: number;
  /** uint32, samples since START at either end of the converter's range. */
  readonly clippedSamples: number;
  /** 0..100, null where unknown. */
  readonly batteryPercent: number | null;
  /** Whether the chest piece touches skin, null where unknown. */
  readonly contact: boolean | null;
}

export type StopReason = (typeof stopReasons)[number];

export interface StoppedPacket {
  readonly type: 'stopped';
  readonly reason: StopReason;
  /** uint32, the index after the last sample that was converted, so that a loss at the end shows. */
  readonly sampleIndex: number;
}

export interface ErrorPacket {
  readonly type: 'error';
  /** uint16, one of `errorCode` or a newer one. */
  readonly code: number;
  readonly text: string;
}

/** A whole and intact packet of a type that this program does not know: to be passed over. */
export interface UnknownPacket {
  readonly type: 'unknown';
  readonly typeByte: number;
  readonly payload: Uint8Array;
}

export type Packet =
  | HelloPacket
  | InfoPacket
  | StartPacket
  | StopPacket
  | CreditPacket
  | SamplesPacket
  | StatusPacket
  | StoppedPacket
  | ErrorPacket
  | UnknownPacket;

/**
 * Writes one packet as it goes over the wire: type, payload and CRC-16 in COBS, then the zero that ends it.
 *
 * @returns a new array that belongs to the caller, at most 255 bytes.
 * @throws {ProtocolError} where a field does not fit its place on the wire; nothing is clamped or cut.
 */
export function encodePacket(packet: Packet): Uint8Array {
  const body = new PacketWriter();
  writeBody(body, packet);
  const checked = body.finish();
  const wire = new Uint8Array(MAX_WIRE_BYTES);
  const length = cobsEncode(checked, wire);
  wire[length] = 0;
  return wire.slice(0, length + 1);
}

function writeBody(body: PacketWriter, packet: Packet): void {
  switch (packet.type) {
    case 'hello':
      body.type(messageType.hello);
      body.unsigned(packet.protocolCurrent, 1, 'protocolCurrent');
      body.unsigned(packet.protocolMin, 1, 'protocolMin');
      return;
    case 'info':
      body.type(messageType.info);
      body.unsigned(packet.protocolCurrent, 1, 'protocolCurrent');
      body.unsigned(packet.protocolMin, 1, 'protocolMin');
      body.unsigned(packet.sampleRateHz, 4, 'sampleRateHz');
      body.unsigned(packet.bitsPerSample, 1, 'bitsPerSample');
      body.unsigned(packet.fullScale, 4, 'fullScale');
      body.unsigned(packet.compatibleFlags, 4, 'compatibleFlags');
      body.unsigned(packet.incompatibleFlags, 4, 'incompatibleFlags');
      body.text(packet.firmware, MAX_NAME_BYTES, 'firmware');
      body.text(packet.serialNumber, MAX_NAME_BYTES, 'serialNumber');
      return;
    case 'start':
      body.type(messageType.start);
      return;
    case 'stop':
      body.type(messageType.stop);
      return;
    case 'credit':
      body.type(messageType.credit);
      body.unsigned(packet.sampleLimit, 4, 'sampleLimit');
      return;
    case 'samples':
      body.type(messageType.samples);
      body.unsigned(packet.sequence, 2, 'sequence');
      body.unsigned(packet.firstSample, 4, 'firstSample');
      body.unsigned(packet.deviceMicros, 4, 'deviceMicros');
      body.samples(packet.samples, packet.bitsPerSample);
      return;
    case 'status':
      body.type(messageType.status);
      body.unsigned(packet.overrunSamples, 4, 'overrunSamples');
      body.unsigned(packet.clippedSamples, 4, 'clippedSamples');
      if (packet.batteryPercent !== null) expectInteger(packet.batteryPercent, 0, 100, 'batteryPercent');
      body.unsigned(packet.batteryPercent ?? 0xff, 1, 'batteryPercent');
      body.unsigned(packet.contact === null ? 0xff : Number(packet.contact), 1, 'contact');
      return;
    case 'stopped':
      body.type(messageType.stopped);
      body.unsigned(stopReasons.indexOf(packet.reason), 1, 'reason');
      body.unsigned(packet.sampleIndex, 4, 'sampleIndex');
      return;
    case 'error':
      body.type(messageType.error);
      body.unsigned(packet.code, 2, 'code');
      body.text(packet.text, MAX_ERROR_TEXT_BYTES, 'text');
      return;
    case 'unknown':
      expectUnknownType(packet.typeByte);
      body.unsigned(packet.typeByte, 1, 'typeByte');
      body.bytes(packet.payload);
      return;
  }
}

const knownTypes = new Set<number>(Object.values(messageType));

function expectUnknownType(typeByte: number): void {
  if (knownTypes.has(typeByte)) {
    throw new ProtocolError(`typeByte must not be a type of version 1 nor 0 nor 128, got ${typeByte}`);
  }
}

function expectInteger(value: number, low: number, high: number, field: string): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new ProtocolError(`${field} must be an integer in ${low}..${high}, got ${value}`);
  }
}

/** Control, formatting and line-separating characters would reach the terminal of whoever reads the name. */
const UNFIT_FOR_TEXT = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const utf8 = new TextEncoder();

/** Collects one packet before it is framed. */
class PacketWriter {
  private readonly ownBytes = new Uint8Array(1 + MAX_PAYLOAD_BYTES + CRC_BYTES);
  private length = 0;

  type(byte: number): void {
    this.ownBytes[0] = byte;
    this.length = 1;
  }

  unsigned(value: number, byteCount: 1 | 2 | 4, field: string): void {
    expectInteger(value, 0, 2 ** (8 * byteCount) - 1, field);
    this.littleEndian(value, byteCount);
  }

  text(text: string, maxBytes: number, field: string): void {
    const bytes = utf8.encode(text);
    if (bytes.length > maxBytes || UNFIT_FOR_TEXT.test(text)) {
      throw new ProtocolError(
        `${field} must be at most ${maxBytes} bytes of UTF-8 without control characters, got ${JSON.stringify(text)}`,
      );
    }
    this.littleEndian(bytes.length, 1);
    this.bytes(bytes);
  }

  samples(samples: Int32Array, bitsPerSample: 16 | 24): void {
    if (bitsPerSample !== 16 && bitsPerSample !== 24) {
      throw new ProtocolError(`bitsPerSample must be 16 or 24, got ${String(bitsPerSample)}`);
    }
    expectInteger(samples.length, 1, maxSamplesPerPacket(bitsPerSample), 'samples.length');
    this.littleEndian(bitsPerSample, 1);
    const limit = 2 ** (bitsPerSample - 1);
    for (const sample of samples) {
      if (sample < -limit || sample >= limit) expectInteger(sample, -limit, limit - 1, 'sample');
      this.littleEndian(sample, bitsPerSample / 8);
    }
  }

  bytes(bytes: Uint8Array): void {
    if (this.length + bytes.length > 1 + MAX_PAYLOAD_BYTES) {
      throw new ProtocolError(`payload must be at most ${MAX_PAYLOAD_BYTES} bytes, got ${bytes.length}`);
    }
    this.ownBytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Adds the checksum. The array is the writer's own. */
  finish(): Uint8Array {
    this.littleEndian(crc16(this.ownBytes, 0, this.length), CRC_BYTES);
    return this.ownBytes.subarray(0, this.length);
  }

  private littleEndian(value: number, byteCount: number): void {
    for (let byte = 0; byte < byteCount; byte += 1) {
      this.ownBytes[this.length + byte] = value >>> (8 * byte);
    }
    this.length += byteCount;
  }
}
