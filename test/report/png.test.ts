import { expect } from 'chai';
import { crc32, inflateSync } from 'node:zlib';
import { encodePng } from '../../src/report/png.js';

const palette = [
  [255, 255, 255, 255],
  [10, 20, 30, 0],
] as const;

function chunksOf(bytes: Uint8Array) {
  const buffer = Buffer.from(bytes);
  const chunks: { type: string; data: Buffer; crc: number; typeAndData: Buffer }[] = [];
  for (let at = 8; at < buffer.length;) {
    const length = buffer.readUInt32BE(at);
    const typeAndData = buffer.subarray(at + 4, at + 8 + length);
    const type = typeAndData.subarray(0, 4).toString('latin1');
    chunks.push({
      type,
      data: typeAndData.subarray(4),
      crc: buffer.readUInt32BE(at + 8 + length),
      typeAndData,
    });
    at += 12 + length;
  }
  return chunks;
}

describe('encodePng', () => {
  const png = encodePng(3, 2, Uint8Array.of(0, 1, 0, 1, 1, 0), palette);

  it('writes signature, size and palette where the standard wants them', () => {
    expect(Buffer.from(png.subarray(0, 8)).toString('latin1')).to.equal('\x89PNG\r\n\x1a\n');
    const chunks = chunksOf(png);
    expect(chunks.map(({ type }) => type)).to.deep.equal(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);
    expect([...chunks[0].data]).to.deep.equal([0, 0, 0, 3, 0, 0, 0, 2, 8, 3, 0, 0, 0]);
    expect([...chunks[1].data]).to.deep.equal([255, 255, 255, 10, 20, 30]);
    expect([...chunks[2].data]).to.deep.equal([255, 0]);
  });

  it('holds the pixels row by row', () => {
    const data = chunksOf(png).find(({ type }) => type === 'IDAT')!.data;
    expect([...inflateSync(data)]).to.deep.equal([0, 0, 1, 0, 0, 1, 1, 0]);
  });

  it('ends every chunk with the checksum of its type and data', () => {
    const chunks = chunksOf(png);
    for (const { typeAndData, crc } of chunks) expect(crc).to.equal(crc32(typeAndData));
    // Of an empty IEND, as it ends every PNG file.
    expect(chunks.at(-1)!.crc).to.equal(0xae426082);
  });
});
