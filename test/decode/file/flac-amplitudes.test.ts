import { expect } from 'chai';
import fc from 'fast-check';
import { flacAmplitudes, flacSampleBytes } from '../../../src/decode/file/flac-amplitudes.js';

describe('flacAmplitudes', () => {
  it('divides integers of any width by full scale, exactly, and finds the channel', () => {
    const stream = fc.integer({ min: 4, max: 32 }).chain((bitsPerSample) =>
      fc.integer({ min: 1, max: 8 }).chain((channels) =>
        fc.record({
          bitsPerSample: fc.constant(bitsPerSample),
          channels: fc.constant(channels),
          index: fc.nat(channels - 1),
          samples: fc.array(
            fc.array(fc.integer({ min: -(2 ** (bitsPerSample - 1)), max: 2 ** (bitsPerSample - 1) - 1 }), {
              minLength: channels,
              maxLength: channels,
            }),
          ),
        }),
      ),
    );
    fc.assert(
      fc.property(stream, ({ bitsPerSample, channels, index, samples }) => {
        const bytes = flacSampleBytes(bitsPerSample);
        const stored = Buffer.alloc(bytes * channels * samples.length);
        samples.flat().forEach((integer, i) => stored.writeIntLE(integer, bytes * i, bytes));
        const amplitudes = flacAmplitudes(Uint8Array.from(stored), { channels, bitsPerSample }, index);
        const fullScale = 2 ** (bitsPerSample - 1);
        // Minus zero is no integer.
        expect([...amplitudes]).to.deep.equal(samples.map((sample) => sample[index] / fullScale + 0));
      }),
    );
  });
});
