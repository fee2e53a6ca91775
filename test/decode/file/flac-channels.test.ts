import { expect } from 'chai';
import fc from 'fast-check';
import { FlacBits, FlacDamage } from '../../../src/decode/file/flac-bits.js';
import { FlacChannels } from '../../../src/decode/file/flac-channels.js';
import { plainFlacChannel } from '../../support/plain-flac-channel.js';
import { plainFlacCrc16 } from '../../support/plain-flac-crc16.js';

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
    const sampleBytes = Math.ceil(bitsPerSample / 8);
    const stored = Buffer.alloc(sampleBytes * blockSize);
    channels.stored(layout, stored);
    const samples = Array.from({ length: blockSize }, (_, i) =>
      stored.readIntLE(sampleBytes * i, sampleBytes),
    );
    return { samples, behind: bits.bitOffset };
  });

/** Zeros and ones as bytes, zeros behind them. */
const bytesOf = (bits: string) =>
  Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, i) =>
    parseInt(bits.slice(8 * i, 8 * i + 8).padEnd(8, '0'), 2),
  );

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

  it('reads runs of codes with any parameter, where windows and blocks end anywhere', () => {
    const error = fc.oneof(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -20_000, max: 20_000 }));
    fc.assert(
      fc.property(
        fc.array(error, { minLength: 1, maxLength: 80 }),
        fc.nat(14),
        fc.nat(4),
        fc.integer({ min: -2, max: 40 }),
        (errors, parameter, predictor, missingBits) => {
          const order = Math.min(predictor, errors.length);
          // A fixed predictor, first samples of 0, one partition.
          let bits = `00${(8 + order).toString(2).padStart(5, '0')}0${'0'.repeat(32 * order)}000000`;
          bits += parameter.toString(2).padStart(4, '0');
          for (const value of errors.slice(order)) {
            const folded = value < 0 ? -2 * value - 1 : 2 * value;
            bits += `${'0'.repeat(folded >> parameter)}1`;
            for (let bit = parameter - 1; bit >= 0; bit--) bits += (folded >> bit) & 1;
          }
          const bytes = bytesOf(bits.slice(0, missingBits > 0 ? -missingBits : undefined));
          const found = compiled(bytes, 0, errors.length, 32);
          expect(found).to.deep.equal(plain(bytes, 0, errors.length, 32));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('reads quotients longer than a window, with any parameter', () => {
    for (const zeros of [0, 1, 55, 56, 57, 58, 113, 114, 115, 200]) {
      for (let parameter = 0; parameter < 15; parameter++) {
        // Fixed predictor of order 0, one partition, `zeros` zeros and a one, then ones.
        const bits = `0001000000000000${parameter.toString(2).padStart(4, '0')}${'0'.repeat(zeros)}1${'1'.repeat(40)}`;
        const bytes = bytesOf(bits.slice(0, bits.length & ~7));
        const found = compiled(bytes, 0, 1, 32);
        expect(found).to.deep.equal(plain(bytes, 0, 1, 32));
        expect(found).to.have.property('samples');
      }
    }
  });

  it('gives the checksum of any part of any bytes', () => {
    const channels = new FlacChannels();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), fc.nat(100), (bytes, from, length) => {
        const to = Math.min(from + length, bytes.length);
        expect(channels.crc16(bytes, from, to)).to.equal(plainFlacCrc16(bytes.subarray(from, to)));
      }),
    );
    // The catalogue's check value of CRC-16/UMTS, which is this one.
    expect(channels.crc16(Buffer.from('123456789'), 0, 9)).to.equal(0xfee8);
  });
});
