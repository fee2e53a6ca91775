import { expect } from 'chai';
import fc from 'fast-check';
import { FlacDamage } from '../../../src/decode/file/flac-bits.js';
import { flacCrc8 } from '../../../src/decode/file/flac-crc8.js';
import { FlacFrameDecoder, type FlacFrame } from '../../../src/decode/file/flac-frame.js';
import type { FlacStreamInfo } from '../../../src/decode/file/flac-stream-info.js';
import { plainFlacCrc16 } from '../../support/plain-flac-crc16.js';

/** Bits from the highest on, for frames that no encoder at hand makes. */
class BitWriter {
  private readonly bits: number[] = [];

  put(value: bigint | number, count: number): this {
    const wide = BigInt.asUintN(count, BigInt(value));
    for (let bit = count - 1; bit >= 0; bit--) this.bits.push(Number((wide >> BigInt(bit)) & 1n));
    return this;
  }

  get bytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.bits.length / 8));
    for (const [i, bit] of this.bits.entries()) bytes[i >> 3] |= bit << (7 - (i & 7));
    return bytes;
  }
}

type Arrangement = 'independent' | 'left-side' | 'side-right' | 'mid-side';
const CODES: Record<Arrangement, number> = {
  independent: 1,
  'left-side': 8,
  'side-right': 9,
  'mid-side': 10,
};

/** A frame of two verbatim channels of 32 bits, in a stream of variable block sizes. */
function frameOf(
  left: readonly number[],
  right: readonly number[],
  arrangement: Arrangement,
  firstSample: number,
) {
  const writer = new BitWriter()
    .put(0x7ffc, 15)
    .put(1, 1)
    .put(7, 4)
    .put(0, 4)
    .put(CODES[arrangement], 4)
    .put(7, 3)
    .put(0, 1)
    .put(0xe0 | (firstSample >> 12), 8)
    .put(0x80 | ((firstSample >> 6) & 63), 8)
    .put(0x80 | (firstSample & 63), 8)
    .put(left.length - 1, 16);
  writer.put(flacCrc8(writer.bytes, 0, writer.bytes.length), 8);
  const side = left.map((value, i) => BigInt(value) - BigInt(right[i]));
  const mid = left.map((value, i) => (BigInt(value) + BigInt(right[i])) >> 1n);
  const channels: Record<Arrangement, (readonly [samples: readonly (bigint | number)[], bits: number])[]> = {
    independent: [
      [left, 32],
      [right, 32],
    ],
    'left-side': [
      [left, 32],
      [side, 33],
    ],
    'side-right': [
      [side, 33],
      [right, 32],
    ],
    'mid-side': [
      [mid, 32],
      [side, 33],
    ],
  };
  for (const [samples, bits] of channels[arrangement]) {
    writer.put(0b0_000001_0, 8);
    for (const sample of samples) writer.put(sample, bits);
  }
  const body = writer.bytes;
  return Uint8Array.from([...body, ...new BitWriter().put(plainFlacCrc16(body), 16).bytes]);
}

/** Left and right of every sample. */
function integersOf({ stored, blockSize }: FlacFrame): [number, number][] {
  const bytes = Buffer.from(stored);
  return Array.from({ length: blockSize }, (_, i) => [
    bytes.readInt32LE(8 * i),
    bytes.readInt32LE(8 * i + 4),
  ]);
}

const info: FlacStreamInfo = {
  sampleRateHz: 2000,
  channels: 2,
  bitsPerSample: 32,
  maxBlockSize: 64,
  totalSamples: null,
  md5: null,
  framesOffset: 0,
};

const int32 = fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, 0, -1));
const block = fc.record({
  samples: fc.array(fc.tuple(int32, int32), { minLength: 1, maxLength: 40 }),
  arrangement: fc.constantFrom<Arrangement>('independent', 'left-side', 'side-right', 'mid-side'),
});

describe('FlacFrameDecoder', () => {
  it('reads 32-bit channels and their 33-bit differences, in blocks of any size', () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 5 }), (blocks) => {
        const decoder = new FlacFrameDecoder(info);
        let firstSample = 0;
        for (const { samples, arrangement } of blocks) {
          const left = samples.map(([value]) => value);
          const right = samples.map(([, value]) => value);
          const bytes = frameOf(left, right, arrangement, firstSample);
          const frame = decoder.execute(bytes, 0, bytes.length);
          expect(frame.byteLength).to.equal(bytes.length);
          expect(integersOf(frame)).to.deep.equal(samples);
          firstSample += samples.length;
        }
      }),
    );
  });

  it('wants the sample that must follow, and after reset() the first again', () => {
    const decoder = new FlacFrameDecoder(info);
    const first = frameOf([1, 2, 3], [4, 5, 6], 'left-side', 0);
    decoder.execute(first, 0, first.length);
    expect(() => decoder.execute(first, 0, first.length)).to.throw(FlacDamage, /sample 3 must follow, got 0/);
    decoder.reset();
    expect(integersOf(decoder.execute(first, 0, first.length))).to.deep.equal([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
  });

  it('refuses channels whose difference leaves full scale', () => {
    // Right is one below the lowest 32-bit integer; the checksums are those of this frame.
    const changed = frameOf([2 ** 31 - 2], [-(2 ** 31) - 1], 'left-side', 0);
    expect(() => new FlacFrameDecoder(info).execute(changed, 0, changed.length)).to.throw(
      FlacDamage,
      /beyond full scale/,
    );
  });

  it('refuses a format that changes within the stream', () => {
    const bytes = frameOf([1], [2], 'independent', 0);
    for (const [change, pattern] of [
      [{ channels: 1 }, /from 1 channel\(s\)/],
      [{ bitsPerSample: 24 }, /from 2 channel\(s\) of 24 bits/],
    ] as const) {
      const decoder = new FlacFrameDecoder({ ...info, ...change });
      expect(() => decoder.execute(bytes, 0, bytes.length)).to.throw(FlacDamage, pattern);
    }
  });
});
