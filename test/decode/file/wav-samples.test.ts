import { expect } from 'chai';
import fc from 'fast-check';
import type { WavFormat } from '../../../src/decode/file/wav-format.js';
import { decodeChannel, FloatCheck } from '../../../src/decode/file/wav-samples.js';
import { RecordingError } from '../../../src/errors.js';

function formatOf(encoding: WavFormat['encoding'], bytesPerSample: number, channels = 1): WavFormat {
  return {
    sampleRateHz: 2000,
    channels,
    encoding,
    bitsPerSample: bytesPerSample * 8,
    bytesPerSample,
    bytesPerFrame: bytesPerSample * channels,
  };
}

/** Places integers as Node's own Buffer writes them; 8 bits are unsigned in WAV. */
function placed(integers: ArrayLike<number>, bytesPerSample: number): Buffer {
  const bytes = Buffer.alloc(integers.length * bytesPerSample);
  for (let i = 0; i < integers.length; i++) {
    if (bytesPerSample === 1) bytes.writeUInt8(integers[i] + 128, i);
    else bytes.writeIntLE(integers[i], i * bytesPerSample, bytesPerSample);
  }
  return bytes;
}

function expectDivided(integers: ArrayLike<number>, bytesPerSample: number): void {
  const decoded = decodeChannel(placed(integers, bytesPerSample), formatOf('integer', bytesPerSample));
  const fullScale = 2 ** (bytesPerSample * 8 - 1);
  expect(decoded.length).to.equal(integers.length);
  // Object.is would tell 0 from -0, so this equality is one of bits.
  expect(decoded.findIndex((amplitude, i) => !Object.is(amplitude, integers[i] / fullScale))).to.equal(-1);
}

describe('decoding the samples of a WAV file', () => {
  for (const bytesPerSample of [1, 2]) {
    it(`divides every ${bytesPerSample * 8}-bit integer by full scale, exactly`, () => {
      const fullScale = 2 ** (bytesPerSample * 8 - 1);
      expectDivided(
        Int32Array.from({ length: 2 * fullScale }, (_, i) => i - fullScale),
        bytesPerSample,
      );
    });
  }

  for (const bytesPerSample of [3, 4]) {
    it(`divides ${bytesPerSample * 8}-bit integers by full scale, exactly`, () => {
      const fullScale = 2 ** (bytesPerSample * 8 - 1);
      const edges = new Set<number>();
      for (let power = 1; power <= fullScale; power *= 2) {
        for (const offset of [-2, -1, 0, 1, 2]) edges.add(power + offset).add(-power + offset);
      }
      expectDivided(
        [...edges].filter((integer) => integer >= -fullScale && integer < fullScale),
        bytesPerSample,
      );
      fc.assert(
        fc.property(fc.array(fc.integer({ min: -fullScale, max: fullScale - 1 })), (integers) =>
          expectDivided(integers, bytesPerSample),
        ),
      );
    });
  }

  it('gives floats as they are, in every bit', () => {
    fc.assert(
      fc.property(fc.float32Array(), fc.float64Array(), (narrow, wide) => {
        const fromNarrow = decodeChannel(new Uint8Array(narrow.buffer), formatOf('float', 4));
        const fromWide = decodeChannel(new Uint8Array(wide.buffer), formatOf('float', 8));
        expect(fromNarrow.every((value, i) => Object.is(value, narrow[i]))).to.equal(true);
        expect(fromWide.every((value, i) => Object.is(value, wide[i]))).to.equal(true);
      }),
    );
  });

  it('takes any one of any number of channels', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(1, 2, 3, 4),
        fc.integer({ min: 1, max: 9 }),
        fc.nat({ max: 8 }),
        (bytesPerSample, channels, which) => {
          const channel = which % channels;
          const wanted = Int32Array.from({ length: 20 }, (_, i) => i - 10);
          const interleaved = Array.from({ length: 20 * channels }, (_, i) =>
            i % channels === channel ? wanted[Math.floor(i / channels)] : 99,
          );
          const format = formatOf('integer', bytesPerSample, channels);
          const decoded = decodeChannel(placed(interleaved, bytesPerSample), format, channel);
          const fullScale = 2 ** (bytesPerSample * 8 - 1);
          expect([...decoded]).to.deep.equal([...wanted].map((integer) => integer / fullScale));
        },
      ),
    );
  });

  it('takes any one of several channels of floats', () => {
    for (const [bytes, interleaved] of [
      [4, Float32Array.of(0.1, 0.2, 0.3, 0.4)],
      [8, Float64Array.of(0.1, 0.2, 0.3, 0.4)],
    ] as const) {
      const second = decodeChannel(new Uint8Array(interleaved.buffer), formatOf('float', bytes, 2), 1);
      expect([...second]).to.deep.equal([interleaved[1], interleaved[3]]);
    }
  });
});

describe('checking float samples', () => {
  function checked(...parts: number[][]): string[] {
    const check = new FloatCheck('x.wav', 2000);
    for (const part of parts) check.push(Float64Array.from(part));
    return check.finish();
  }

  it('has nothing to say of samples up to full scale, +1 included', () => {
    expect(checked([0, 1, -1, 5e-324], [-0, 0.5])).to.deep.equal([]);
  });

  it('says how far samples go beyond full scale', () => {
    expect(checked([0.5], [-3.25, 2])).to.deep.equal([
      'samples reach 3.25 times full scale; they are screened as they are',
    ]);
    expect(checked([2 ** 31])).to.have.length(1);
  });

  for (const value of [NaN, Infinity, -Infinity, 1e300, -2147483649]) {
    it(`counts ${value} as unusable, wherever it stands`, () => {
      expect(() => checked([0, 0, 0], [0, value, 0, value, 3]))
        .to.throw(RecordingError)
        .with.property('message')
        .that.includes(`got 2 of 8 that are not, the first at sample 4 (0.002 s): ${value};`);
    });
  }
});
