import { expect } from 'chai';
import fc from 'fast-check';
import { FlacBits, FlacDamage } from '../../src/decode/flac-bits.js';
import { FlacChannels } from '../../src/decode/flac-channels.js';
import { plainFlacChannel } from '../support/plain-flac-channel.js';

type Outcome = { readonly samples: number[]; readonly behind: number } | { readonly fault: string };

function outcomeOf(read: () => Outcome): Outcome {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FlacDamage)) throw error;
    return { fault: error.message };
  }
}

function bitsAt(bytes: Uint8Array, offset: number): FlacBits {
  const bits = new FlacBits();
  bits.reset(bytes, offset, bytes.length);
  return bits;
}

const plain = (bytes: Uint8Array, offset: number, blockSize: number, bitsPerSample: number) =>
  outcomeOf(() => {
    const bits = bitsAt(bytes, offset);
    const samples = new Float64Array(blockSize);
    plainFlacChannel(bits, bitsPerSample, samples);
    // Minus zero is no integer.
    return { samples: [...samples].map((value) => value + 0), behind: bits.bitOffset };
  });

const compiled = (bytes: Uint8Array, offset: number, blockSize: number, bitsPerSample: number) =>
  outcomeOf(() => {
    const bits = bitsAt(bytes, offset);
    const layout = { blockSize, channels: 1, bitsPerSample, arrangement: 0 };
    const channels = new FlacChannels();
    channels.read(bits, bytes, bytes.length, layout);
    const samples = new Int32Array(blockSize);
    channels.samples(layout, [samples]);
    return { samples: [...samples], behind: bits.bitOffset };
  });

/** Headers of every kind of channel, and what is none. */
const kind = fc.oneof(
  fc.constantFrom(0, 1),
  fc.integer({ min: 8, max: 12 }),
  fc.integer({ min: 32, max: 63 }),
  fc.nat(63),
);
/** Bytes with runs of zeros and ones: long quotients, small samples. */
const byte = fc.oneof(fc.nat(255), fc.constantFrom(0, 0, 0, 255, 1, 128));

describe('FlacChannels', () => {
  it('reads what its plain twin reads, and finds the same fault, whatever the bytes', () => {
    let read = 0;
    fc.assert(
      fc.property(
        kind,
        fc.boolean(),
        fc.array(byte, { maxLength: 400 }),
        fc.nat(3),
        fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(16, 32, 64, 192)),
        fc.integer({ min: 4, max: 32 }),
        (type, isWasting, rest, offset, blockSize, bitsPerSample) => {
          const bytes = Uint8Array.from(
            [1, 2, 3].slice(0, offset).concat((type << 1) | Number(isWasting), rest),
          );
          const found = compiled(bytes, offset, blockSize, bitsPerSample);
          expect(found).to.deep.equal(plain(bytes, offset, blockSize, bitsPerSample));
          if ('samples' in found) read++;
        },
      ),
      { numRuns: 4000 },
    );
    // Not only faults were compared.
    expect(read).to.be.above(200);
  });

  it('reads quotients longer than a window, with any parameter', () => {
    for (const zeros of [0, 1, 55, 56, 57, 58, 113, 114, 115, 200]) {
      for (let parameter = 0; parameter < 15; parameter++) {
        // Fixed predictor of order 0, one partition, `zeros` zeros and a one, then ones.
        const bits = `0001000000000000${parameter.toString(2).padStart(4, '0')}${'0'.repeat(zeros)}1${'1'.repeat(40)}`;
        const bytes = Uint8Array.from({ length: bits.length >> 3 }, (_, i) =>
          parseInt(bits.slice(8 * i, 8 * i + 8), 2),
        );
        const found = compiled(bytes, 0, 1, 32);
        expect(found).to.deep.equal(plain(bytes, 0, 1, 32));
        expect(found).to.have.property('samples');
      }
    }
  });
});
