import fc from 'fast-check';
import {
  MAX_PAYLOAD_BYTES,
  maxSamplesPerPacket,
  messageType,
  stopReasons,
} from '../../../src/decode/wire/packet-layout.js';
import type { Packet, SamplesPacket } from '../../../src/decode/wire/packet.js';

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
);

function text(maxBytes: number): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'grapheme', maxLength: maxBytes })
    .map((value) => value.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, ''))
    .filter((value) => Buffer.byteLength(value) <= maxBytes);
}

const samplesPacket: fc.Arbitrary<SamplesPacket> = fc
  .constantFrom(16 as const, 24 as const)
  .chain((bitsPerSample) => {
    const limit = 2 ** (bitsPerSample - 1);
    const sample = fc.oneof(
      fc.integer({ min: -limit, max: limit - 1 }),
      fc.constantFrom(0, -limit, limit - 1, -1),
    );
    return fc.record({
      type: fc.constant('samples' as const),
      sequence: u16,
      firstSample: u32,
      deviceMicros: u32,
      bitsPerSample: fc.constant(bitsPerSample),
      samples: fc
        .array(sample, { minLength: 1, maxLength: maxSamplesPerPacket(bitsPerSample), size: 'max' })
        .map((values) => Int32Array.from(values)),
    });
  });

const knownTypes = new Set<number>(Object.values(messageType));

/** Every kind of packet with every field over its whole range, its ends more often. */
export const arbitraryPacket: fc.Arbitrary<Packet> = fc.oneof(
  { weight: 3, arbitrary: samplesPacket },
  fc.record({ type: fc.constant('hello' as const), protocolCurrent: u8, protocolMin: u8 }),
  fc.record({
    type: fc.constant('info' as const),
    protocolCurrent: u8,
    protocolMin: u8,
    firmware: text(64),
    serialNumber: text(64),
    sampleRateHz: u32,
    bitsPerSample: u8,
    fullScale: u32,
    compatibleFlags: u32,
    incompatibleFlags: u32,
  }),
  fc.record({ type: fc.constantFrom('start' as const, 'stop' as const) }),
  fc.record({ type: fc.constant('credit' as const), sampleLimit: u32 }),
  fc.record({
    type: fc.constant('status' as const),
    overrunSamples: u32,
    clippedSamples: u32,
    batteryPercent: fc.option(fc.integer({ min: 0, max: 100 })),
    contact: fc.option(fc.boolean()),
  }),
  fc.record({
    type: fc.constant('stopped' as const),
    reason: fc.constantFrom(...stopReasons),
    sampleIndex: u32,
  }),
  fc.record({ type: fc.constant('error' as const), code: u16, text: text(128) }),
  fc.record({
    type: fc.constant('unknown' as const),
    typeByte: u8.filter((byte) => !knownTypes.has(byte)),
    payload: fc.uint8Array({ maxLength: MAX_PAYLOAD_BYTES, size: 'max' }),
  }),
);
