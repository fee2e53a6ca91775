import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { decodeWav } from '../../../src/decode/file/wav-file.js';
import { RecordingError } from '../../../src/errors.js';

const files = readdirSync('test/golden/wav')
  .filter((file) => file.endsWith('.wav'))
  .sort();
const sound = files.filter((file) => !file.startsWith('refused-'));
/** Every file that the golden script wrote; more often those that are read, since most damage makes a file unreadable. */
const seeds = [...files, ...sound, ...sound].map(
  (file): Uint8Array => new Uint8Array(readFileSync(`test/golden/wav/${file}`)),
);

/** What a mutation puts into a header field: the ends and turning points of what checks may compare it with. */
const extremes = [
  0, 1, 2, 3, 7, 8, 16, 24, 32, 64, 100, 0x7f, 0xff, 0x7fff, 0xfffe, 0xffff, 0x7ffeffff, 0x7fff0000,
  0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];
const names = ['fmt ', 'data', 'LIST', 'RIFF', 'WAVE', '\0\0\0\0'];

type Mutation = (bytes: Uint8Array) => Uint8Array;

/**
 * A place in the file in thousandths, most often near the beginning: that is where headers are. (fc.double would
 * almost always be so near to 0 that only the first byte is meant.)
 */
const place = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 250 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1000 }) },
);

function written(bytes: Uint8Array, at: number, what: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  if (at < copy.length) copy.set(what.subarray(0, copy.length - at), at);
  return copy;
}

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
}

const at = (bytes: Uint8Array, where: number): number =>
  Math.floor((where / 1000) * Math.max(0, bytes.length - 1));

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(([where, bit]): Mutation => (bytes) => {
    const i = at(bytes, where);
    return written(bytes, i, Uint8Array.of((bytes[i] ?? 0) ^ (1 << bit)));
  }),
  place.map(
    (where): Mutation =>
      (bytes) =>
        bytes.slice(0, at(bytes, where)),
  ),
  fc.tuple(place, fc.uint8Array({ minLength: 1, maxLength: 9 })).map(
    ([where, inserted]): Mutation =>
      (bytes) =>
        spliced(bytes, at(bytes, where), 0, inserted),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 9 })).map(
    ([where, removed]): Mutation =>
      (bytes) =>
        spliced(bytes, at(bytes, where), removed, new Uint8Array(0)),
  ),
  fc
    .tuple(fc.nat(40), fc.constantFrom(2, 4), fc.constantFrom(...extremes))
    .map(([field, width, value]): Mutation => (bytes) => {
      const raw = Buffer.alloc(4);
      raw.writeUInt32LE(value);
      return written(bytes, field * 2, raw.subarray(0, width));
    }),
  fc.tuple(fc.nat(60), fc.constantFrom(...names)).map(
    ([field, name]): Mutation =>
      (bytes) =>
        written(bytes, field * 2, Buffer.from(name, 'latin1')),
  ),
  fc.tuple(place, place).map(
    ([from, to]): Mutation =>
      (bytes) =>
        spliced(bytes, at(bytes, to), 0, bytes.subarray(at(bytes, from), at(bytes, from) + 60)),
  ),
);

/** @returns whether samples came out */
function survives(bytes: Uint8Array): boolean {
  const before = process.memoryUsage().arrayBuffers;
  let decoded;
  try {
    decoded = decodeWav(bytes);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    expect(error.message).to.match(/^WAV data: .{20,}/s);
    return false;
  }
  // A byte of the file makes at most an 8-byte sample and what it takes on the way there; the rest is Node's own pool.
  expect(process.memoryUsage().arrayBuffers - before).to.be.below(20 * bytes.length + 65536);
  const { samples, totalSamples, sampleRateHz, channels, bitsPerSample } = decoded;
  expect(samples.length).to.equal(totalSamples).and.to.be.within(1, bytes.length);
  expect(sampleRateHz).to.be.within(1000, 192000);
  expect(channels).to.be.within(1, 65535);
  expect(bitsPerSample).to.be.within(1, 64);
  expect(samples.every((sample) => Number.isFinite(sample))).to.equal(true);
  return true;
}

describe('damaged WAV files', () => {
  it('give samples or a RecordingError: never a crash, NaN, or memory for what is not there', function () {
    const outcomes = { read: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        (seed, mutations) => {
          const damaged = mutations.reduce((bytes, mutate) => mutate(bytes), seed);
          outcomes[survives(damaged) ? 'read' : 'refused']++;
        },
      ),
      { numRuns: 10_000 },
    );
    // A mutator that only ever breaks the first four bytes would prove nothing.
    expect(outcomes.read).to.be.above(1000);
    expect(outcomes.refused).to.be.above(1000);
  });

  it('give samples or a RecordingError where one byte has any other value', function () {
    const seed = new Uint8Array(readFileSync('test/golden/wav/soundfile-wavex-pcm_24.wav')).subarray(0, 80);
    for (let i = 0; i < seed.length; i++) {
      for (let value = 0; value < 256; value++) survives(written(seed, i, Uint8Array.of(value)));
    }
  });

  it('give samples or a RecordingError for noise behind a sound beginning', () => {
    const beginning = Buffer.from('RIFF\xff\xff\xff\x7fWAVEfmt ', 'latin1');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        survives(Buffer.concat([beginning, noise]));
        survives(noise);
      }),
      { numRuns: 2000 },
    );
  });
});
