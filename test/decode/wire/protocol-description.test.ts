import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import {
  compatibleFlag,
  errorCode,
  MAX_FRAME_BYTES,
  MAX_PACKET_BYTES,
  maxSamplesPerPacket,
  MAX_WIRE_BYTES,
  messageType,
  stopReasons,
} from '../../../src/decode/wire/packet-layout.js';
import { MAX_SOURCE_RATE_HZ, MIN_SOURCE_RATE_HZ } from '../../../src/decode/source-rate.js';
import { encodePacket } from '../../../src/decode/wire/packet.js';

/** What a firmware engineer builds from must be what this program does. */
describe('firmware-protocol/README.md', () => {
  const readme = readFileSync('firmware-protocol/README.md', 'utf8');
  const rows = readme
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const number = (cell: string): number => Number(cell.replace(/[^0-9.]/g, ''));

  it('gives the sizes that the codec keeps to', () => {
    expect(readme).to.include(`at most ${MAX_PACKET_BYTES} bytes`);
    expect(readme).to.include(`one byte more: at most ${MAX_FRAME_BYTES}`);
    expect(readme).to.include(
      `on wire   frame | 00                                        at most ${MAX_WIRE_BYTES} bytes`,
    );
    expect(readme).to.include(
      `1 to ${maxSamplesPerPacket(16)} of s16, 1 to ${maxSamplesPerPacket(24)} of s24`,
    );
  });

  it('gives the bounds of the sample rate that the host keeps to', () => {
    const bounds = [MIN_SOURCE_RATE_HZ, MAX_SOURCE_RATE_HZ].map((hz) => hz.toLocaleString('en'));
    const meaning = rows.find((row) => row[1] === 'sampleRateHz')?.[3];
    expect(meaning).to.equal(`samples a second: ${bounds.join(' to ')}`);
    const header = readFileSync('firmware-protocol/c/lubdub_protocol.h', 'utf8');
    expect(header).to.include(`#define LUBDUB_MIN_RATE_HZ ${MIN_SOURCE_RATE_HZ}UL`);
    expect(header).to.include(`#define LUBDUB_MAX_RATE_HZ ${MAX_SOURCE_RATE_HZ}UL`);
  });

  it('lists every message with its type byte', () => {
    const listed = rows
      .filter((row) => row[2]?.includes('→'))
      .map(([type, name]) => [name.toLowerCase(), parseInt(type, 16)] as const);
    const { unusedZero, unusedHigh, ...known } = messageType;
    expect([unusedZero, unusedHigh]).to.deep.equal([0, 0x80]);
    expect(Object.fromEntries(listed)).to.deep.equal(known);
  });

  it('lists every compatible flag with its bit', () => {
    const listed = rows.filter((row) => row.length === 3 && /^\d+$/.test(row[0]) && /^[A-Z_]+$/.test(row[1]));
    const camelCase = (name: string): string =>
      name.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    expect(
      Object.fromEntries(listed.map(([bit, name]) => [camelCase(name), 1 << Number(bit)])),
    ).to.deep.equal(compatibleFlag);
  });

  it('lists reasons and error codes in their order', () => {
    const reason = rows.find((row) => row[1] === 'reason')?.[3] ?? '';
    stopReasons.forEach((name, value) => expect(reason).to.include(`${value} ${name}`));
    const code = rows.find((row) => row[1] === 'code')?.[3] ?? '';
    expect(code.match(/\d+ /g)).to.have.length(Object.keys(errorCode).length);
  });

  it('shows HELLO as it is', () => {
    const wire = encodePacket({ type: 'hello', protocolCurrent: 1, protocolMin: 1 });
    const octets = [...wire].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    expect(readme).to.include(`on the wire \`${octets}\``);
  });

  it('computes its bandwidth figures as it says', () => {
    const table = rows.filter((row) => row.length === 8 && row[0].endsWith(' Hz'));
    expect(table.map(([rate, bits]) => `${number(rate)} ${bits}`)).to.deep.equal(
      [2000, 4000, 8000, 44100].flatMap((rate) => [`${rate} 16`, `${rate} 24`]),
    );
    for (const [rate, bits, count, lasts, bytes, slow, fast, usb] of table) {
      const samples = Array.from({ length: number(count) }, () => 0x010101 >> (24 - Number(bits)));
      const wire = encodePacket({
        type: 'samples',
        sequence: 0,
        firstSample: 0,
        deviceMicros: 0,
        bitsPerSample: bits === '16' ? 16 : 24,
        samples: Int32Array.from(samples),
      });
      expect(number(count)).to.equal(maxSamplesPerPacket(bits === '16' ? 16 : 24));
      const bytesPerSecond = (number(rate) / number(count)) * wire.length;
      expect(number(lasts)).to.be.closeTo((number(count) / number(rate)) * 1000, 0.05);
      expect(number(bytes)).to.be.closeTo(bytesPerSecond, 0.5);
      expect(number(slow)).to.be.closeTo((100 * bytesPerSecond) / 11520, 0.051);
      expect(number(fast)).to.be.closeTo((100 * bytesPerSecond) / 92160, 0.051);
      expect(number(usb)).to.be.closeTo((100 * bytesPerSecond) / 1216000, 0.051);
    }
  });
});
