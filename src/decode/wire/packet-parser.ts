import {
  MAX_ERROR_TEXT_BYTES,
  MAX_NAME_BYTES,
  messageType,
  SAMPLES_HEADER_BYTES,
  stopReasons,
} from './packet-layout.js';
import type { Packet, SamplesPacket } from './packet.js';

/**
 * Reads type and payload of a packet whose checksum was right.
 *
 * Bytes after the fields that version 1 knows are passed over, so that a newer device may append fields.
 *
 * @param body type byte and payload, without the checksum, at least one byte; not kept.
 * @returns the packet, or null where its type is never used, the payload is too short or a field in it is impossible.
 */
export function parsePacket(body: Uint8Array): Packet | null {
  const fields = new FieldReader(body);
  const packet = readBody(fields, body);
  return fields.short ? null : packet;
}

function readBody(fields: FieldReader, body: Uint8Array): Packet | null {
  switch (body[0]) {
    case messageType.hello:
      return { type: 'hello', protocolCurrent: fields.unsigned(1), protocolMin: fields.unsigned(1) };
    case messageType.info:
      return {
        type: 'info',
        protocolCurrent: fields.unsigned(1),
        protocolMin: fields.unsigned(1),
        sampleRateHz: fields.unsigned(4),
        bitsPerSample: fields.unsigned(1),
        fullScale: fields.unsigned(4),
        compatibleFlags: fields.unsigned(4),
        incompatibleFlags: fields.unsigned(4),
        firmware: fields.text(MAX_NAME_BYTES),
        serialNumber: fields.text(MAX_NAME_BYTES),
      };
    case messageType.start:
      return { type: 'start' };
    case messageType.stop:
      return { type: 'stop' };
    case messageType.credit:
      return { type: 'credit', sampleLimit: fields.unsigned(4) };
    case messageType.samples:
      return readSamples(fields, body);
    case messageType.status:
      return {
        type: 'status',
        overrunSamples: fields.unsigned(4),
        clippedSamples: fields.unsigned(4),
        batteryPercent: percent(fields.unsigned(1)),
        contact: yesOrNo(fields.unsigned(1)),
      };
    case messageType.stopped:
      return {
        type: 'stopped',
        reason: stopReasons[fields.unsigned(1)] ?? 'fault',
        sampleIndex: fields.unsigned(4),
      };
    case messageType.error:
      return { type: 'error', code: fields.unsigned(2), text: fields.text(MAX_ERROR_TEXT_BYTES) };
    case messageType.unusedZero:
    case messageType.unusedHigh:
      return null;
    default:
      return { type: 'unknown', typeByte: body[0], payload: body.slice(1) };
  }
}

function readSamples(fields: FieldReader, body: Uint8Array): SamplesPacket | null {
  const sequence = fields.unsigned(2);
  const firstSample = fields.unsigned(4);
  const deviceMicros = fields.unsigned(4);
  const bitsPerSample = fields.unsigned(1);
  if (bitsPerSample !== 16 && bitsPerSample !== 24) return null;
  const bytesPerSample = bitsPerSample / 8;
  const dataBytes = body.length - 1 - SAMPLES_HEADER_BYTES;
  if (dataBytes < bytesPerSample || dataBytes % bytesPerSample !== 0) return null;
  const samples = new Int32Array(dataBytes / bytesPerSample);
  let at = 1 + SAMPLES_HEADER_BYTES;
  if (bitsPerSample === 16) {
    for (let i = 0; i < samples.length; i += 1, at += 2) {
      samples[i] = ((body[at] << 16) | (body[at + 1] << 24)) >> 16;
    }
  } else {
    for (let i = 0; i < samples.length; i += 1, at += 3) {
      samples[i] = ((body[at] << 8) | (body[at + 1] << 16) | (body[at + 2] << 24)) >> 8;
    }
  }
  return { type: 'samples', sequence, firstSample, deviceMicros, bitsPerSample, samples };
}

function percent(byte: number): number | null {
  return byte <= 100 ? byte : null;
}

function yesOrNo(byte: number): boolean | null {
  return byte === 0 ? false : byte === 1 ? true : null;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const UNFIT_FOR_TEXT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Reads little-endian fields one after the other; `short` tells afterwards whether there were enough bytes. */
class FieldReader {
  private readonly bytes: Uint8Array;
  private at = 1;
  short = false;

  constructor(body: Uint8Array) {
    this.bytes = body;
  }

  unsigned(byteCount: 1 | 2 | 4): number {
    let value = 0;
    for (let byte = byteCount - 1; byte >= 0; byte -= 1) {
      value = value * 256 + (this.bytes[this.at + byte] ?? 0);
    }
    this.at += byteCount;
    if (this.at > this.bytes.length) this.short = true;
    return value;
  }

  /** A device's name goes to terminals and logs: what could steer them becomes the replacement character. */
  text(maxBytes: number): string {
    const length = this.unsigned(1);
    const start = this.at;
    this.at += length;
    if (length > maxBytes || this.at > this.bytes.length) {
      this.short = true;
      return '';
    }
    return utf8.decode(this.bytes.subarray(start, this.at)).replace(UNFIT_FOR_TEXT, '\ufffd');
  }
}
