import { expect } from 'chai';
import fc from 'fast-check';
import { scanWav, type WavLayout } from '../../../src/decode/file/wav-riff.js';
import { RecordingError } from '../../../src/errors.js';

function chunk(id: string, body: Uint8Array | number[], { size = body.length, pad = true } = {}): Buffer {
  const header = Buffer.alloc(8);
  header.write(id, 'latin1');
  header.writeUInt32LE(size, 4);
  return Buffer.concat([header, Buffer.from(body), Buffer.alloc(pad ? body.length % 2 : 0)]);
}

function riff(...chunks: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), ...chunks]);
}

/** 2,000 Hz, 16 bits. */
function fmt(channels = 1): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(1, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(2000, 4);
  body.writeUInt16LE(2 * channels, 12);
  body.writeUInt16LE(16, 14);
  return chunk('fmt ', body);
}

/** Runs the scan over bytes in memory and counts what it asks for. */
function scan(bytes: Uint8Array): WavLayout & { askedBytes: number; reads: number } {
  const steps = scanWav('x.wav', bytes.length);
  let askedBytes = 0;
  let reads = 0;
  let step = steps.next();
  while (!step.done) {
    const { offset, length } = step.value;
    askedBytes += length;
    reads++;
    step = steps.next(bytes.subarray(offset, offset + length));
  }
  return { ...step.value, askedBytes, reads };
}

const samples = [1, 0, 2, 0, 3, 0];

describe('finding the samples in a WAV file', () => {
  it('looks at headers only, never at the samples', () => {
    const layout = scan(riff(fmt(), chunk('data', new Uint8Array(100_000))));
    expect(layout.totalSamples).to.equal(50_000);
    expect(layout.dataOffset).to.equal(44);
    expect(layout.askedBytes).to.be.below(100);
  });

  it('looks at no more of a long format chunk than it knows', () => {
    const long = chunk('fmt ', Buffer.concat([fmt().subarray(8), Buffer.alloc(5000)]));
    const layout = scan(riff(long, chunk('data', samples)));
    expect(layout.totalSamples).to.equal(3);
    expect(layout.askedBytes).to.be.below(100);
  });

  it('does not care what the RIFF size says', () => {
    const file = riff(fmt(), chunk('data', samples));
    for (const size of [0, 1, 0xffffffff]) {
      file.writeUInt32LE(size, 4);
      expect(scan(file).totalSamples).to.equal(3);
    }
  });

  it('skips any chunks, odd ones padded or not, wherever they stand', () => {
    const other = fc.record({
      id: fc.constantFrom('LIST', 'JUNK', 'bext', 'fact', 'id3 ', 'cue '),
      body: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(other), fc.array(other), (before, between) => {
        const rest = (list: typeof before) => list.map(({ id, body }) => chunk(id, body));
        const file = riff(...rest(before), fmt(), ...rest(between), chunk('data', samples));
        const layout = scan(file);
        expect(layout.totalSamples).to.equal(3);
        expect([...file.subarray(layout.dataOffset, layout.dataOffset + 6)]).to.deep.equal(samples);
        expect(layout.notices).to.deep.equal([]);
      }),
    );
    const notPadded = riff(chunk('LIST', [1, 2, 3], { pad: false }), fmt(), chunk('data', samples));
    expect(scan(notPadded).totalSamples).to.equal(3);
  });

  it('does not read what follows the samples', () => {
    const layout = scan(
      riff(fmt(), chunk('data', samples), chunk('LIST', [9, 9, 9, 9]), Buffer.from('rest')),
    );
    expect(layout.totalSamples).to.equal(3);
    expect(layout.notices).to.deep.equal([]);
  });

  it('tells an empty recording from a size that was left at 0', () => {
    const empty = riff(fmt(), chunk('data', []), chunk('LIST', [...Buffer.from('INFO'), 1, 2, 3]));
    expect(() => scan(empty)).to.throw(RecordingError, 'one sample or more, got 0 bytes of 0 announced');
    const notPadded = riff(fmt(), chunk('data', []), chunk('LIST', [1, 2, 3], { pad: false }));
    expect(() => scan(notPadded)).to.throw(RecordingError, 'one sample or more');
    const leftAt0 = riff(fmt(), chunk('data', samples, { size: 0 }));
    expect(scan(leftAt0).totalSamples).to.equal(3);
    expect(scan(leftAt0).notices.join()).to.include('whether more were lost cannot be known');
  });

  it('says that bytes are left over which make no whole sample', () => {
    const layout = scan(riff(fmt(2), chunk('data', samples)));
    expect(layout.totalSamples).to.equal(1);
    expect(layout.notices[0]).to.equal(
      'the last 2 of 6 bytes of samples are no whole sample and are not read',
    );
  });

  it('gives every beginning of a file the samples that it holds, and says that it was cut short', () => {
    const body = new Uint8Array(40);
    const file = riff(chunk('LIST', [1, 2, 3]), fmt(2), chunk('data', body));
    const dataOffset = file.length - body.length;
    for (let length = 0; length < file.length; length++) {
      const held = Math.floor((length - dataOffset) / 4);
      if (held < 1) {
        expect(() => scan(file.subarray(0, length)), `${length} bytes`).to.throw(RecordingError, 'x.wav: ');
      } else {
        const { totalSamples, notices } = scan(file.subarray(0, length));
        expect(totalSamples).to.equal(held);
        expect(notices[0]).to.include('cut short: the header announces 10 samples (0.01 s), the file holds');
      }
    }
  });

  const refusals: [what: string, file: Buffer, words: string][] = [
    ['nothing', Buffer.alloc(0), 'begins with ""'],
    ['text', Buffer.from('record,label\na0001,1\n'), 'got a text file'],
    ['another RIFF file', Buffer.from('RIFF\0\0\0\0AVI LIST'), 'got a film (AVI)'],
    ['an MP4 file', Buffer.from('\0\0\0\x20ftypM4A '), 'got an MP4 or M4A file'],
    ['an MP3 file with tags', Buffer.from('ID3\x04\0\0\0\0\0\0\0\0'), 'got an MP3 file'],
    ['no chunk', riff(), 'no data chunk in its 12 bytes'],
    ['no samples', riff(fmt(), chunk('LIST', [])), 'has no samples'],
    ['samples without a format', riff(chunk('data', samples)), 'must stand before the samples'],
    ['samples before their format', riff(chunk('data', samples), fmt()), 'must stand before the samples'],
    ['two formats', riff(fmt(), fmt(2), chunk('data', samples)), 'one format (fmt) chunk, got two'],
    [
      'a short format',
      riff(chunk('fmt ', [1, 0]), chunk('data', samples)),
      'must have 16 bytes or more, got 2',
    ],
    ['a damaged chunk', riff(fmt(), Buffer.alloc(20)), "a chunk's name must stand at byte 36"],
    ['a size that leads out of the file', riff(fmt(), chunk('LIST', [], { size: 9999 })), 'has no samples'],
    [
      'a data chunk that has only begun',
      riff(fmt(), chunk('data', [1], { size: 100, pad: false })),
      'got 1 bytes of 100',
    ],
  ];
  for (const [what, file, words] of refusals) {
    it(`refuses a file with ${what}`, () => {
      expect(() => scan(file)).to.throw(RecordingError, words);
    });
  }

  it('gives up on a file of endless empty chunks', () => {
    const empty = Array.from({ length: 5000 }, () => chunk('JUNK', []));
    expect(() => scan(riff(...empty, fmt(), chunk('data', samples)))).to.throw(RecordingError, '1000 chunks');
    const afterwards = scan(riff(fmt(), chunk('data', []), ...empty));
    expect(afterwards.reads).to.be.below(1100);
  });
});
