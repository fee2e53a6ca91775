import { expect } from 'chai';
import fc from 'fast-check';
import { ProtocolError } from '../../../src/errors.js';
import { maxSamplesPerPacket, MAX_WIRE_BYTES } from '../../../src/decode/wire/packet-layout.js';
import { PacketDecoder } from '../../../src/decode/wire/packet-decoder.js';
import { encodePacket, type Packet } from '../../../src/decode/wire/packet.js';
import { arbitraryPacket } from './arbitrary-packet.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const samples: Packet = {
  type: 'samples',
  sequence: 1,
  firstSample: 2,
  deviceMicros: 3,
  bitsPerSample: 16,
  samples: Int32Array.of(4),
};
const info: Packet = {
  type: 'info',
  protocolCurrent: 1,
  protocolMin: 1,
  firmware: 'f',
  serialNumber: 's',
  sampleRateHz: 4000,
  bitsPerSample: 16,
  fullScale: 32768,
  compatibleFlags: 0,
  incompatibleFlags: 0,
};

describe('encodePacket', () => {
  it('writes HELLO as the protocol description shows it', () => {
    expect(hex(encodePacket({ type: 'hello', protocolCurrent: 1, protocolMin: 1 }))).to.equal(
      '06010101201400',
    );
  });

  it('is undone by the decoder, for packets of every kind', () => {
    fc.assert(
      fc.property(arbitraryPacket, (packet) => {
        expect(new PacketDecoder().push(encodePacket(packet))).to.deep.equal([{ kind: 'packet', packet }]);
      }),
      { numRuns: 1000 },
    );
  });

  it('writes one delimiter, at the end, and at most 255 bytes', () => {
    fc.assert(
      fc.property(arbitraryPacket, (packet) => {
        const wire = encodePacket(packet);
        expect(wire.indexOf(0)).to.equal(wire.length - 1);
        expect(wire.length).to.be.at.most(MAX_WIRE_BYTES);
      }),
    );
  });

  it('holds 119 samples of 16 bit and 79 of 24 bit, and refuses one more', () => {
    expect([maxSamplesPerPacket(16), maxSamplesPerPacket(24)]).to.deep.equal([119, 79]);
    for (const bitsPerSample of [16, 24] as const) {
      const most = maxSamplesPerPacket(bitsPerSample);
      const full: Packet = { ...samples, bitsPerSample, samples: new Int32Array(most).fill(-1) };
      expect(new PacketDecoder().push(encodePacket(full))).to.deep.equal([{ kind: 'packet', packet: full }]);
      expect(() => encodePacket({ ...full, samples: new Int32Array(most + 1) })).to.throw(
        ProtocolError,
        `samples.length must be an integer in 1..${most}, got ${most + 1}`,
      );
    }
  });

  const refused: [string, Packet, RegExp][] = [
    ['a sample beyond 16 bits', { ...samples, samples: Int32Array.of(32768) }, /sample must be .* got 32768/],
    [
      'a sample below 24 bits',
      { ...samples, bitsPerSample: 24, samples: Int32Array.of(-8388609) },
      /got -8388609/,
    ],
    [
      'no samples',
      { ...samples, samples: new Int32Array(0) },
      /samples.length must be an integer in 1\.\.119, got 0/,
    ],
    [
      'a format of 12 bits',
      { ...samples, bitsPerSample: 12 as 16 },
      /bitsPerSample must be 16 or 24, got 12/,
    ],
    [
      'a sequence number of 17 bits',
      { ...samples, sequence: 65536 },
      /sequence must be an integer in 0\.\.65535/,
    ],
    ['a fraction', { ...samples, firstSample: 0.5 }, /firstSample must be an integer/],
    ['a time that is not a number', { ...samples, deviceMicros: NaN }, /deviceMicros .* got NaN/],
    ['a name that is too long', { ...info, firmware: 'x'.repeat(65) }, /firmware must be at most 64 bytes/],
    ['a name that steers the terminal', { ...info, serialNumber: '\u001b[2J' }, /without control characters/],
    [
      'half a character',
      { ...info, serialNumber: '\ud800' },
      /serialNumber must be at most 64 bytes of UTF-8/,
    ],
    [
      'a battery of 101 %',
      { type: 'status', overrunSamples: 0, clippedSamples: 0, batteryPercent: 101, contact: null },
      /batteryPercent must be an integer in 0\.\.100/,
    ],
    ['an unknown reason', { type: 'stopped', reason: 'bored' as 'end', sampleIndex: 0 }, /reason must be/],
    [
      'a type that is known',
      { type: 'unknown', typeByte: 1, payload: new Uint8Array(2) },
      /typeByte must not be/,
    ],
    ['type 0', { type: 'unknown', typeByte: 0, payload: new Uint8Array(2) }, /typeByte must not be .* got 0/],
    [
      'too long a payload',
      { type: 'unknown', typeByte: 0x70, payload: new Uint8Array(251) },
      /at most 250 bytes, got 251/,
    ],
  ];
  for (const [what, packet, message] of refused) {
    it(`refuses ${what} and says why`, () => {
      expect(() => encodePacket(packet)).to.throw(ProtocolError, message);
    });
  }
});
