import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { PacketDecoder } from '../../../src/decode/wire/packet-decoder.js';
import { encodePacket } from '../../../src/decode/wire/packet.js';
import { readGoldenPackets } from './golden-packets.js';
import { decodedLine } from './packet-line.js';

const goldenPackets = readGoldenPackets();

describe('golden packets', () => {
  for (const { file, name, reason, canonical, wire, decoded } of goldenPackets) {
    it(`${file}/${name}: ${reason}`, () => {
      const decoder = new PacketDecoder();
      expect([...decoder.push(wire), ...decoder.finish()]).to.deep.equal(decoded);
      if (!canonical) return;
      const [item] = decoded;
      expect(item.kind).to.equal('packet');
      if (item.kind === 'packet') {
        expect(Buffer.from(encodePacket(item.packet)).toString('hex')).to.equal(
          Buffer.from(wire).toString('hex'),
        );
      }
    });
  }

  it('cover every type of packet and every way to be corrupt', () => {
    const seen = new Set(
      goldenPackets.flatMap(({ decoded }) =>
        decoded.map((item) => (item.kind === 'packet' ? item.packet.type : item.reason)),
      ),
    );
    const types = [
      'hello',
      'info',
      'start',
      'stop',
      'credit',
      'samples',
      'status',
      'stopped',
      'error',
      'unknown',
    ];
    const reasons = ['overlong', 'cobs', 'short', 'crc', 'malformed', 'truncated'];
    expect([...seen].sort()).to.deep.equal([...types, ...reasons].sort());
  });

  it('are the same in the C test as in the JSON files', () => {
    const header = readFileSync('firmware-protocol/c/test/vectors.h', 'utf8');
    const rows = header.split(/^ {4}\{/m).slice(1);
    const inHeader = rows.map((row) => {
      const [, label, canonical, length] = /^"([^"]+)", ([01]), (\d+),/.exec(row) ?? [];
      const wire = [...row.matchAll(/\\x([0-9a-f]{2})/g)].map((match) => match[1]).join('');
      const lines = /"([^"]*)"\},\n/.exec(row)?.[1].replaceAll('\\n', '\n') ?? '';
      return { label, canonical, length, wire, lines };
    });
    const inJson = goldenPackets.map(({ file, name, canonical, wire, decoded }) => ({
      label: `${file}: ${name}`,
      canonical: canonical ? '1' : '0',
      length: String(wire.length),
      wire: Buffer.from(wire).toString('hex'),
      lines: decoded.map((item) => `${decodedLine(item)}\n`).join(''),
    }));
    const byLabel = (a: { label: string }, b: { label: string }): number => (a.label < b.label ? -1 : 1);
    expect(inHeader.sort(byLabel)).to.deep.equal(inJson.sort(byLabel));
  });
});
