import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { decodeWav } from '../../../src/decode/file/wav-file.js';
import {
  encodeSamples,
  encodeWav,
  WAV_HEADER_BYTES,
  wavHeader,
} from '../../../src/decode/file/wav-writer.js';
import { LubdubError } from '../../../src/errors.js';

interface Written {
  file: string;
  by: string;
  sampleRateHz: number;
  bitsPerSample: 16 | 24;
  integers: number[];
  plain?: boolean;
}

const GOLDEN = 'test/golden/wav';
const { accepted } = JSON.parse(readFileSync(`${GOLDEN}/manifest.json`, 'utf8')) as { accepted: Written[] };
const rates = fc.constantFrom(1000, 2000, 4000, 44100, 48000);

describe('writing WAV files', () => {
  const plain = accepted.filter((golden) => golden.plain === true);

  it('is compared with libsndfile and with wave of Python, at 16 and 24 bits', () => {
    expect(plain.map(({ by, bitsPerSample }) => `${by} ${bitsPerSample}`)).to.have.members([
      'soundfile 16',
      'soundfile 24',
      'wave 16',
      'wave 24',
    ]);
  });

  for (const { file, by, sampleRateHz, bitsPerSample, integers } of plain) {
    it(`writes the bytes that ${by} writes (${file})`, () => {
      const written = encodeWav(Int32Array.from(integers), { sampleRateHz, bitsPerSample });
      expect(Buffer.from(written).toString('hex')).to.equal(
        readFileSync(`${GOLDEN}/${file}`).toString('hex'),
      );
    });
  }

  it('writes a header alone that is the beginning of the whole file', () => {
    const whole = encodeWav(new Int32Array(7), { sampleRateHz: 2000, bitsPerSample: 24 });
    const header = wavHeader({ sampleRateHz: 2000, bitsPerSample: 24, dataBytes: 21 });
    expect(header.length).to.equal(WAV_HEADER_BYTES);
    expect([...header]).to.deep.equal([...whole.subarray(0, WAV_HEADER_BYTES)]);
  });

  it('writes integers that are read back as amplitudes, and amplitudes that are written as the same integers', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(16 as const, 24 as const),
        rates,
        fc.int32Array(),
        (bits, sampleRateHz, raw) => {
          const integers = raw.map((value) => value >> (32 - bits));
          fc.pre(integers.length > 0);
          const file = encodeWav(integers, { sampleRateHz, bitsPerSample: bits });
          const decoded = decodeWav(file);
          expect(decoded.sampleRateHz).to.equal(sampleRateHz);
          expect(decoded.notices).to.deep.equal([]);
          expect([...decoded.samples]).to.deep.equal([...integers].map((value) => value / 2 ** (bits - 1)));
          const again = encodeWav(decoded.samples, { sampleRateHz, bitsPerSample: bits });
          expect([...again]).to.deep.equal([...file]);
        },
      ),
    );
  });

  it('rounds amplitudes to the nearest integer and stops at full scale', () => {
    const amplitudes = Float64Array.of(
      0.4 / 32768,
      0.6 / 32768,
      -0.6 / 32768,
      1,
      2,
      -1,
      -7,
      Infinity,
      -Infinity,
    );
    const stored = Buffer.from(encodeSamples(amplitudes, 16));
    const integers = Array.from({ length: amplitudes.length }, (_, i) => stored.readInt16LE(2 * i));
    expect(integers).to.deep.equal([0, 1, -1, 32767, 32767, -32768, -32768, 32767, -32768]);
    const loud = Buffer.from(encodeSamples(Int32Array.of(8388608, -8388609, 8388607), 24));
    expect([0, 3, 6].map((at) => loud.readIntLE(at, 3))).to.deep.equal([8388607, -8388608, 8388607]);
  });

  it('does not store what is no number', () => {
    expect(() => encodeSamples(Float64Array.of(0, NaN), 16)).to.throw(
      LubdubError,
      'sample 1 must be a number',
    );
  });

  it('writes a header for a file that is not finished, and it is read to its end', () => {
    const header = wavHeader({ sampleRateHz: 2000, bitsPerSample: 16, dataBytes: null });
    expect(Buffer.from(header).readUInt32LE(4)).to.equal(0xffffffff);
    expect(Buffer.from(header).readUInt32LE(40)).to.equal(0xffffffff);
    const unfinished = Buffer.concat([header, encodeSamples(Int32Array.of(1, -2, 3), 16)]);
    const decoded = decodeWav(unfinished);
    expect([...decoded.samples]).to.deep.equal([1 / 32768, -2 / 32768, 3 / 32768]);
    expect(decoded.notices.join()).to.include('leaves the length open');
  });

  it('refuses more samples than a WAV file can say', () => {
    const header = (dataBytes: number) => wavHeader({ sampleRateHz: 48000, bitsPerSample: 24, dataBytes });
    const most = header(0xffffffff - 37);
    expect(new DataView(most.buffer, most.byteOffset).getUint32(4, true)).to.equal(0xfffffffe);
    for (const dataBytes of [0xffffffff - 35, 2 ** 40, -1, 0.5, NaN]) {
      expect(() => header(dataBytes), String(dataBytes)).to.throw(LubdubError, `got ${dataBytes}`);
    }
  });
});
