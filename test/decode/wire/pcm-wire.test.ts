import { expect } from 'chai';
import fc from 'fast-check';
import { PCM_FORMAT_NAMES, PCM_FORMATS, type PcmFormat } from '../../../src/decode/wire/pcm-formats.js';
import { PcmWire } from '../../../src/decode/wire/pcm-wire.js';
import type { Sampled } from '../../../src/decode/samples.js';
import { ConfigurationError } from '../../../src/errors.js';

function write(format: PcmFormat, values: readonly number[]): Buffer {
  const { bytes } = PCM_FORMATS[format];
  const buffer = Buffer.alloc(values.length * bytes);
  values.forEach((value, i) => {
    if (format === 'f32le') buffer.writeFloatLE(value, i * bytes);
    else buffer.writeIntLE(value, i * bytes, bytes);
  });
  return buffer;
}

const samplesOf = (values: readonly Sampled[]): number[] =>
  values.flatMap((value) => (value.kind === 'samples' ? [...value.samples] : []));

describe('PcmWire', () => {
  const extremes: Readonly<Record<PcmFormat, readonly [number[], number[]]>> = {
    s16le: [
      [-32768, -1, 0, 1, 32767],
      [-1, -1 / 32768, 0, 1 / 32768, 32767 / 32768],
    ],
    s24le: [
      [-8388608, -1, 0, 1, 8388607],
      [-1, -(2 ** -23), 0, 2 ** -23, 1 - 2 ** -23],
    ],
    s32le: [
      [-(2 ** 31), -256, 0, 256, 2 ** 31 - 1],
      [-1, -(2 ** -23), 0, 2 ** -23, 1 - 2 ** -23],
    ],
    f32le: [
      [-1, -0.5, 0, 0.25, 1, 3],
      [-1, -0.5, 0, 0.25, 1 - 2 ** -23, 1 - 2 ** -23],
    ],
  };

  for (const format of PCM_FORMAT_NAMES) {
    it(`reads ${format} to its last step`, () => {
      const [written, expected] = extremes[format];
      expect(samplesOf(new PcmWire({ format }).push(write(format, written)))).to.deep.equal(expected);
    });

    it(`gives the same of ${format} in whatever pieces, of any channel`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 60, maxLength: 60 }),
          fc.array(fc.integer({ min: 1, max: 23 })),
          fc.integer({ min: 1, max: 3 }),
          (integers, lengths, channels) => {
            const scale = format === 'f32le' ? 2 ** -15 : 2 ** (8 * PCM_FORMATS[format].bytes - 16);
            const bytes = write(
              format,
              integers.map((integer) => integer * scale),
            );
            const wire = new PcmWire({ format, channels, channel: channels - 1 });
            const out: Sampled[] = [];
            let at = 0;
            for (const length of [...lengths, bytes.length]) {
              out.push(...wire.push(bytes.subarray(at, at + length)));
              at += length;
            }
            out.push(...wire.finish());
            const wanted = integers.filter((_, i) => i % channels === channels - 1);
            expect(samplesOf(out)).to.deep.equal(wanted.map((integer) => integer / 32768));
            let next = 0;
            for (const value of out) {
              expect(value).to.include({ kind: 'samples', firstSample: next });
              next += value.kind === 'samples' ? value.samples.length : 0;
            }
          },
        ),
      );
    });
  }

  it('makes floats that are no numbers lost samples', () => {
    const values = new PcmWire({ format: 'f32le' }).push(write('f32le', [0.5, NaN, Infinity, 1e30, 0.25]));
    expect(values.map((value) => value.kind)).to.deep.equal(['samples', 'gap', 'samples']);
    expect(values[1]).to.deep.include({ atSample: 1, lostSamples: 3, cause: 'lost' });
    expect(values[2]).to.deep.include({ firstSample: 4 });
  });

  it('counts a frame that was cut as one lost sample', () => {
    const wire = new PcmWire({ format: 's24le', channels: 2 });
    wire.push(Buffer.alloc(6 + 5));
    expect(wire.finish()).to.deep.equal([{ kind: 'gap', atSample: 1, lostSamples: 1, cause: 'lost' }]);
  });

  it('chooses the channel that is not dead', () => {
    const wire = new PcmWire({ format: 's16le', channels: 2, comparedAtHz: 1000 });
    wire.push(
      write(
        's16le',
        Array.from({ length: 4000 }, (_, i) => (i % 2 === 0 ? 0 : Math.round(900 * Math.sin(i / 9)))),
      ),
    );
    expect(wire.chooseChannel()).to.deep.equal({ index: 1, passedOver: ['flat'] });
  });

  it('refuses options that cannot be', () => {
    expect(() => new PcmWire({ format: 's16le', channels: 0 })).to.throw(ConfigurationError, /channels/);
    expect(() => new PcmWire({ format: 's16le', channels: 2, channel: 2 })).to.throw(
      ConfigurationError,
      /1\.\.2, got 3/,
    );
  });
});
