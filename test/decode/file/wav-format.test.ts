import { expect } from 'chai';
import fc from 'fast-check';
import { FMT_BYTES, parseFormat } from '../../../src/decode/file/wav-format.js';
import { RecordingError } from '../../../src/errors.js';

const PCM_GUID = '0100000000001000800000aa00389b71';

interface Fields {
  tag?: number;
  channels?: number;
  sampleRateHz?: number;
  bytesPerFrame?: number;
  bits?: number;
  validBits?: number;
  guid?: string;
}

/** A format chunk field by field, sound unless told otherwise: 2,000 Hz, one channel, 16 bits. */
function chunkOf(fields: Fields = {}): Buffer {
  const chunk = Buffer.alloc(fields.guid === undefined ? 16 : FMT_BYTES);
  const { channels = 1, sampleRateHz = 2000, bytesPerFrame = 2, bits = 16 } = fields;
  chunk.writeUInt16LE(fields.tag ?? (fields.guid === undefined ? 1 : 0xfffe), 0);
  chunk.writeUInt16LE(channels, 2);
  chunk.writeUInt32LE(sampleRateHz, 4);
  chunk.writeUInt32LE(sampleRateHz * bytesPerFrame, 8);
  chunk.writeUInt16LE(bytesPerFrame, 12);
  chunk.writeUInt16LE(bits, 14);
  if (fields.guid !== undefined) {
    chunk.writeUInt16LE(22, 16);
    chunk.writeUInt16LE(fields.validBits ?? bits, 18);
    chunk.write(fields.guid, 24, 'hex');
  }
  return chunk;
}

describe('the format chunk of a WAV file', () => {
  it('is read where it is sound', () => {
    expect(parseFormat('x.wav', chunkOf())).to.deep.equal({
      sampleRateHz: 2000,
      channels: 1,
      encoding: 'integer',
      bitsPerSample: 16,
      bytesPerSample: 2,
      bytesPerFrame: 2,
    });
    const float = chunkOf({ tag: 3, channels: 2, bytesPerFrame: 16, bits: 64, sampleRateHz: 48000 });
    expect(parseFormat('x.wav', float)).to.include({
      encoding: 'float',
      bytesPerSample: 8,
      bytesPerFrame: 16,
    });
  });

  it('may have a wrong byte rate, which many writers leave and nothing needs', () => {
    const chunk = chunkOf();
    chunk.writeUInt32LE(0xffffffff, 8);
    expect(parseFormat('x.wav', chunk).sampleRateHz).to.equal(2000);
  });

  it('may leave the significant bits of an extensible header at 0', () => {
    expect(parseFormat('x.wav', chunkOf({ guid: PCM_GUID, validBits: 0 })).bitsPerSample).to.equal(16);
    expect(parseFormat('x.wav', chunkOf({ guid: PCM_GUID, validBits: 12 })).bitsPerSample).to.equal(12);
  });

  it('gives the rates at both ends of what is read', () => {
    for (const sampleRateHz of [1000, 96000, 192000]) {
      expect(parseFormat('x.wav', chunkOf({ sampleRateHz })).sampleRateHz).to.equal(sampleRateHz);
    }
  });

  const refusals: [what: string, fields: Fields, words: string][] = [
    ['no channel', { channels: 0 }, 'one channel or more, got 0'],
    ['a rate of 0', { sampleRateHz: 0 }, 'got 0 Hz; heart sounds reach above half'],
    ['a rate too low', { sampleRateHz: 999 }, 'record it anew at a higher rate'],
    ['a rate too high', { sampleRateHz: 192001 }, 'ffmpeg -i IN -ar 48000 OUT.wav'],
    ['4-bit integers', { bits: 4, bytesPerFrame: 1 }, 'integers of 8 to 32 bits'],
    ['64-bit integers', { bits: 64, bytesPerFrame: 8 }, 'got integers of 64 bits'],
    ['16-bit floats', { tag: 3 }, 'got floats of 16 bits'],
    ['a frame of 0 bytes', { bytesPerFrame: 0 }, '1 channel(s) in 0 bytes'],
    ['a frame that the channels do not fill', { channels: 2, bytesPerFrame: 5 }, '2 channel(s) in 5 bytes'],
    [
      '24 bits in 4 bytes, high or low nobody knows',
      { bits: 24, bytesPerFrame: 4 },
      'got integers of 24 bits',
    ],
    ['extensible, with more significant bits than bits', { guid: PCM_GUID, validBits: 17 }, '17 significant'],
    ['extensible, with a place of 12 bits', { guid: PCM_GUID, bits: 12 }, 'got integers of 12 bits'],
    ['extensible, of a private format', { guid: `${'ab'.repeat(16)}` }, `GUID bytes ${'ab'.repeat(16)}`],
    ['extensible within extensible', { guid: `feff${PCM_GUID.slice(4)}` }, 'unknown format 0xfffe'],
    ['an unknown format', { tag: 0x1234 }, 'unknown format 0x1234'],
    ['MP3', { tag: 0x55, bits: 0, bytesPerFrame: 1 }, 'holds MP3 (format 0x0055)'],
  ];
  for (const [what, fields, words] of refusals) {
    it(`is refused with ${what}`, () => {
      expect(() => parseFormat('x.wav', chunkOf(fields))).to.throw(RecordingError, words);
    });
  }

  it('is refused where it ends too early', () => {
    const chunk = chunkOf({ guid: PCM_GUID });
    expect(() => parseFormat('x.wav', chunk.subarray(0, 15))).to.throw(RecordingError, 'got 15');
    expect(() => parseFormat('x.wav', chunk.subarray(0, 39))).to.throw(RecordingError, 'got 39');
  });

  it('is a format that makes sense, or refused, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: FMT_BYTES }), fc.constantFrom(0, 1, 3, 0xfffe), (bytes, tag) => {
        if (tag !== 0 && bytes.length > 1) bytes.set([tag & 0xff, tag >> 8]);
        let format;
        try {
          format = parseFormat('x.wav', bytes);
        } catch (error) {
          expect(error).to.be.instanceOf(RecordingError);
          return;
        }
        expect(format.bytesPerFrame)
          .to.equal(format.bytesPerSample * format.channels)
          .and.to.be.above(0);
        expect(format.bitsPerSample).to.be.within(1, format.bytesPerSample * 8);
        expect(format.sampleRateHz).to.be.within(1000, 192000);
      }),
      { numRuns: 2000 },
    );
  });
});
