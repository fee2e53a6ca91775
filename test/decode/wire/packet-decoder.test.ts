import { expect } from 'chai';
import fc from 'fast-check';
import { cobsEncode, cobsMaxEncodedLength } from '../../../src/decode/wire/cobs.js';
import { crc16 } from '../../../src/decode/wire/crc16.js';
import { MAX_WIRE_BYTES } from '../../../src/decode/wire/packet-layout.js';
import { type Decoded, PacketDecoder } from '../../../src/decode/wire/packet-decoder.js';
import { encodePacket, type Packet } from '../../../src/decode/wire/packet.js';
import { arbitraryPacket } from './arbitrary-packet.js';
import { fuzzRuns, fuzzTimeout } from '../../support/fuzz.js';

const start = encodePacket({ type: 'start' });
const credit: Packet = { type: 'credit', sampleLimit: 7 };

/** Any body, right or wrong, in a right frame. */
function frame(...body: number[]): Uint8Array {
  const crc = crc16(Uint8Array.from(body));
  const checked = Uint8Array.from([...body, crc & 0xff, crc >> 8]);
  const wire = new Uint8Array(cobsMaxEncodedLength(checked.length) + 1);
  return wire.subarray(0, cobsEncode(checked, wire) + 1);
}

function decodeInPieces(stream: Uint8Array, cuts: number[]): Decoded[] {
  const decoder = new PacketDecoder();
  const decoded: Decoded[] = [];
  let at = 0;
  for (const cut of [...cuts.map((c) => c % (stream.length + 1)).sort((a, b) => a - b), stream.length]) {
    decoded.push(...decoder.push(stream.subarray(at, cut)));
    at = cut;
  }
  return [...decoded, ...decoder.finish()];
}

function packetsIn(decoded: Decoded[]): Packet[] {
  return decoded.flatMap((item) => (item.kind === 'packet' ? [item.packet] : []));
}

const cuts = fc.array(fc.nat(), { maxLength: 30 });
const noise = fc.uint8Array({ maxLength: 1500, size: 'max' });

describe('PacketDecoder', function () {
  this.timeout(fuzzTimeout());

  it('gives the same for any chunking, down to single bytes, noise included', () => {
    const piece = fc.oneof(arbitraryPacket.map(encodePacket), noise);
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), cuts, (pieces, where) => {
        const stream = Uint8Array.from(pieces.flatMap((bytes) => [...bytes]));
        const whole = decodeInPieces(stream, []);
        expect(decodeInPieces(stream, where)).to.deep.equal(whole);
        expect(decodeInPieces(stream, [...stream.keys()])).to.deep.equal(whole);
      }),
      { numRuns: fuzzRuns(100) },
    );
  });

  it('is in step again within one maximum packet after arbitrary noise', () => {
    fc.assert(
      fc.property(noise, fc.array(arbitraryPacket, { minLength: 1, maxLength: 4 }), (garbage, packets) => {
        const decoder = new PacketDecoder();
        decoder.push(garbage);
        // What clings to the noise is at most one packet; it is followed by what must arrive whole.
        decoder.push(encodePacket(credit));
        const after = packets.flatMap((packet) => decoder.push(encodePacket(packet)));
        expect(after).to.deep.equal(packets.map((packet) => ({ kind: 'packet', packet })));
      }),
      { numRuns: fuzzRuns(500) },
    );
  });

  it('accounts for every byte: in a packet, skipped, or an idle delimiter', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(arbitraryPacket, noise), { maxLength: 10 }), (pieces) => {
        const bytes = pieces.map((piece) => (piece instanceof Uint8Array ? piece : encodePacket(piece)));
        const stream = Uint8Array.from(bytes.flatMap((piece) => [...piece]));
        const decoder = new PacketDecoder();
        const decoded = [...decoder.push(stream), ...decoder.finish()];
        const corrupt = decoded.flatMap((item) => (item.kind === 'corrupt' ? [item.byteCount] : []));
        expect(decoder.counters.skippedBytes).to.equal(corrupt.reduce((sum, count) => sum + count, 0));
        expect(decoder.counters.corrupt).to.equal(corrupt.length);
        expect(decoder.counters.packets).to.equal(packetsIn(decoded).length);
        let idle = 0;
        stream.forEach((byte, i) => (idle += byte === 0 && (i === 0 || stream[i - 1] === 0) ? 1 : 0));
        // A packet that was read with appended fields would be longer on the wire than when it is written anew.
        const inPackets = packetsIn(decoded).reduce((sum, packet) => sum + encodePacket(packet).length, 0);
        fc.pre(packetsIn(decoded).length === pieces.filter((piece) => !(piece instanceof Uint8Array)).length);
        expect(decoder.counters.skippedBytes + idle + inPackets).to.equal(stream.length);
      }),
      { numRuns: fuzzRuns(100) },
    );
  });

  it('never throws and loses only the packets that were touched, whatever bytes of a stream are changed', () => {
    const change = fc.record({
      at: fc.nat(),
      kind: fc.constantFrom('set', 'drop', 'insert'),
      byte: fc.nat(255),
    });
    fc.assert(
      fc.property(
        fc.array(arbitraryPacket, { minLength: 1, maxLength: 10 }),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        (packets, changes) => {
          const bytes = packets.flatMap((packet) => [...encodePacket(packet)]);
          for (const { at, kind, byte } of changes) {
            const where = at % (bytes.length + 1);
            bytes.splice(where, kind === 'insert' ? 0 : 1, ...(kind === 'drop' ? [] : [byte]));
          }
          const decoder = new PacketDecoder();
          const decoded = packetsIn([...decoder.push(Uint8Array.from(bytes)), ...decoder.finish()]);
          // Each change touches at most two packets: where it takes a delimiter away, two become one.
          expect(decoded.length).to.be.at.least(packets.length - 2 * changes.length);
        },
      ),
      { numRuns: fuzzRuns(500) },
    );
  });

  it('passes over zeros between packets without a word', () => {
    const decoder = new PacketDecoder();
    expect(decoder.push(Uint8Array.of(0, 0, 0, ...start, 0, 0, ...start, 0)).length).to.equal(2);
    expect(decoder.counters).to.deep.equal({ packets: 2, unknownPackets: 0, corrupt: 0, skippedBytes: 0 });
  });

  it('hands on a packet of an unknown type with its payload', () => {
    const decoder = new PacketDecoder();
    expect(decoder.push(frame(0x7f, 1, 2))).to.deep.equal([
      { kind: 'packet', packet: { type: 'unknown', typeByte: 0x7f, payload: Uint8Array.of(1, 2) } },
    ]);
    expect(decoder.counters.unknownPackets).to.equal(1);
  });

  it('passes over fields that a newer version appended', () => {
    expect(packetsIn(new PacketDecoder().push(frame(0x04, 7, 0, 0, 0, 99, 98)))).to.deep.equal([credit]);
  });

  const corrupt: [string, Uint8Array, Decoded & { kind: 'corrupt' }][] = [
    [
      'a wrong checksum',
      Uint8Array.of(4, 2, 0x42, 0x21, 0),
      { kind: 'corrupt', byteCount: 5, reason: 'crc' },
    ],
    [
      'a code beyond the end',
      Uint8Array.of(9, 2, 0x42, 0x20, 0),
      { kind: 'corrupt', byteCount: 5, reason: 'cobs' },
    ],
    [
      'fewer than three bytes',
      Uint8Array.of(3, 2, 0x42, 0),
      { kind: 'corrupt', byteCount: 4, reason: 'short' },
    ],
    [
      'a payload that is cut short',
      frame(0x04, 7, 0, 0),
      { kind: 'corrupt', byteCount: 8, reason: 'malformed' },
    ],
    [
      'SAMPLES without samples',
      frame(0x82, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16),
      { kind: 'corrupt', byteCount: 16, reason: 'malformed' },
    ],
    [
      'half a sample',
      frame(0x82, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 1),
      { kind: 'corrupt', byteCount: 17, reason: 'malformed' },
    ],
    [
      'a format of 32 bits',
      frame(0x82, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 1, 2, 3, 4),
      { kind: 'corrupt', byteCount: 20, reason: 'malformed' },
    ],
    [
      'a text longer than its packet',
      frame(0x85, 0, 0, 3, 65, 66),
      { kind: 'corrupt', byteCount: 10, reason: 'malformed' },
    ],
    [
      'a text longer than allowed',
      frame(0x85, 0, 0, 129, ...new Array<number>(129).fill(65)),
      { kind: 'corrupt', byteCount: 137, reason: 'malformed' },
    ],
    [
      '255 bytes without a delimiter',
      new Uint8Array(256).fill(1).fill(0, 255),
      { kind: 'corrupt', byteCount: 254, reason: 'overlong' },
    ],
  ];
  for (const [what, bytes, expected] of corrupt) {
    it(`reports ${what} and reads the packet that follows`, () => {
      const decoded = new PacketDecoder().push(Uint8Array.of(...bytes, ...start));
      expect(decoded[0]).to.deep.equal(expected);
      expect(decoded.at(-1)).to.deep.equal({ kind: 'packet', packet: { type: 'start' } });
    });
  }

  it('reports garbage that never holds a delimiter while it comes, in bounded memory', () => {
    const decoder = new PacketDecoder();
    const flood = new Uint8Array(1_000_000).fill(0x55);
    const decoded = decoder.push(flood);
    expect(decoded.length).to.be.within(3900, 3940);
    expect(decoder.finish()).to.have.length(1);
    expect(decoder.counters.skippedBytes).to.equal(flood.length);
  });

  it('says what was left when the stream ended inside a packet', () => {
    const decoder = new PacketDecoder();
    decoder.push(start.subarray(0, 3));
    expect(decoder.finish()).to.deep.equal([{ kind: 'corrupt', byteCount: 3, reason: 'truncated' }]);
    expect(packetsIn(decoder.push(start))).to.have.length(1);
  });

  it('takes from a device no text that could steer a terminal', () => {
    const [packet] = packetsIn(
      new PacketDecoder().push(frame(0x85, 0, 0, 6, 0x1b, 0x5b, 0x32, 0x4a, 0x0a, 0xff)),
    );
    expect(packet).to.deep.equal({ type: 'error', code: 0, text: '\ufffd[2J\ufffd\ufffd' });
  });

  it('reads reserved values as unknown, and an unknown reason as a fault', () => {
    expect(packetsIn(new PacketDecoder().push(frame(0x83, 0, 0, 0, 0, 0, 0, 0, 0, 101, 2)))).to.deep.equal([
      { type: 'status', overrunSamples: 0, clippedSamples: 0, batteryPercent: null, contact: null },
    ]);
    expect(packetsIn(new PacketDecoder().push(frame(0x84, 9, 1, 0, 0, 0)))).to.deep.equal([
      { type: 'stopped', reason: 'fault', sampleIndex: 1 },
    ]);
  });

  it('is as new after reset', () => {
    const decoder = new PacketDecoder();
    decoder.push(new Uint8Array(MAX_WIRE_BYTES + 50).fill(3));
    decoder.reset();
    expect(decoder.counters).to.deep.equal(new PacketDecoder().counters);
    expect(decoder.push(start)).to.deep.equal(new PacketDecoder().push(start));
  });

  it('keeps no part of the bytes it was given', () => {
    const decoder = new PacketDecoder();
    const buffer = Uint8Array.from(frame(0x70, 5, 6));
    const first = buffer.subarray(0, 3).slice();
    decoder.push(first);
    first.fill(0xee);
    const [packet] = packetsIn(decoder.push(buffer.subarray(3)));
    buffer.fill(0xee);
    expect(packet).to.deep.equal({ type: 'unknown', typeByte: 0x70, payload: Uint8Array.of(5, 6) });
  });
});
