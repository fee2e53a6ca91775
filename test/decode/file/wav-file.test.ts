import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { decodeWav, openWav, readWav, type DecodedWav } from '../../../src/decode/file/wav-file.js';
import { encodeWav, wavHeader } from '../../../src/decode/file/wav-writer.js';
import { ConfigurationError, RecordingError } from '../../../src/errors.js';

/** What tools/golden/wav.py wrote, and what libsndfile says that it holds. */
interface Manifest {
  accepted: {
    file: string;
    by: string;
    sampleRateHz: number;
    bitsPerSample: number;
    channels: number;
    notice: string | null;
    integers?: number[];
    fullScaleBits?: number;
    floats?: number[];
  }[];
  refused: { file: string; words: string }[];
}

const GOLDEN = 'test/golden/wav';
const manifest = JSON.parse(readFileSync(`${GOLDEN}/manifest.json`, 'utf8')) as Manifest;

/** The same bytes at an odd offset of a larger buffer, which node-wav cannot read. */
function atOddOffset(bytes: Uint8Array): Uint8Array {
  const larger = new Uint8Array(bytes.length + 20).fill(0xa5);
  larger.set(bytes, 7);
  return larger.subarray(7, 7 + bytes.length);
}

/** Equal in every bit, and without the minutes that a deep comparison of long arrays takes. */
function expectSameSamples(got: Float64Array, expected: Float64Array): void {
  expect(got.length).to.equal(expected.length);
  expect(got.findIndex((sample, i) => !Object.is(sample, expected[i]))).to.equal(-1);
}

async function errorOf(action: () => unknown): Promise<Error> {
  try {
    await action();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a failure');
}

describe('reading WAV files', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-wav-'));
  });
  after(() => rm(folder, { recursive: true }));

  describe('gives what other programs wrote', () => {
    for (const golden of manifest.accepted) {
      it(`${golden.file} (${golden.by})`, async () => {
        const expected = Float64Array.from(
          golden.floats ?? golden.integers!.map((integer) => integer / 2 ** (golden.fullScaleBits! - 1)),
        );
        const path = `${GOLDEN}/${golden.file}`;
        const check = (decoded: DecodedWav): void => {
          expect(decoded.sampleRateHz).to.equal(golden.sampleRateHz);
          expect(decoded.bitsPerSample).to.equal(golden.bitsPerSample);
          expect(decoded.channels).to.equal(golden.channels);
          expect(decoded.totalSamples).to.equal(expected.length);
          expectSameSamples(decoded.samples, expected);
          if (golden.notice === null) expect(decoded.notices).to.deep.equal([]);
          else expect(decoded.notices.join()).to.include(golden.notice);
        };
        check(decodeWav(readFileSync(path)));
        check(decodeWav(atOddOffset(readFileSync(path))));
        check(await readWav(path));
      });
    }
  });

  describe('refuses what it cannot read, by name and with a remedy', () => {
    for (const { file, words } of manifest.refused) {
      it(file, async () => {
        const path = `${GOLDEN}/${file}`;
        const inMemory = await errorOf(() => decodeWav(readFileSync(path), path));
        const onDisk = await errorOf(() => openWav(path));
        expect(inMemory).to.be.instanceOf(RecordingError);
        expect(onDisk).to.be.instanceOf(RecordingError);
        expect(inMemory.message).to.include(words).and.to.include(path);
        expect(inMemory.message).to.match(/convert it|resample it|record it|export it/);
        expect(onDisk.message).to.equal(inMemory.message);
      });
    }
  });

  describe('in chunks', () => {
    it('gives the same samples for any chunk length, on one time axis', async () => {
      const whole = decodeWav(readFileSync(`${GOLDEN}/soundfile-3-channels-pcm_24.wav`)).samples;
      const recording = await openWav(`${GOLDEN}/soundfile-3-channels-pcm_24.wav`);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 250 }), async (chunkSamples) => {
          const joined = new Float64Array(recording.totalSamples);
          let next = 0;
          for await (const chunk of recording.chunks(chunkSamples)) {
            expect(chunk.firstSample).to.equal(next);
            joined.set(chunk.samples, next);
            next += chunk.samples.length;
            if (next < whole.length) expect(chunk.samples.length).to.equal(chunkSamples);
          }
          expect(next).to.equal(whole.length);
          expectSameSamples(joined, whole);
        }),
      );
      await recording.close();
    });

    it('gives the same samples where a chunk is longer or shorter than what one read brings', async () => {
      const integers = Int32Array.from({ length: 300_001 }, (_, i) => ((i * 7919) % 65536) - 32768);
      const path = join(folder, 'long.wav');
      await writeFile(path, encodeWav(integers, { sampleRateHz: 48000, bitsPerSample: 24 }));
      const recording = await openWav(path);
      for (const chunkSamples of [1000, 87_381, 87_382, 200_000, 1_000_000]) {
        let at = 0;
        for await (const { samples } of recording.chunks(chunkSamples)) {
          for (const sample of samples)
            if (sample * 2 ** 23 !== integers[at++]) expect.fail(`sample ${at - 1}`);
        }
        expect(at).to.equal(integers.length);
      }
      await recording.close();
    });

    it('gives arrays that the receiver may keep and change', async () => {
      const recording = await openWav(`${GOLDEN}/scipy-int16.wav`);
      const [first, second] = [recording.chunks(30), recording.chunks(30)];
      const kept = (await first.next()).value!.samples;
      const original = kept.slice();
      kept.fill(9);
      expectSameSamples((await second.next()).value!.samples, original);
      expect([...(await first.next()).value!.samples]).to.not.include(9);
      expect(kept.every((sample) => sample === 9)).to.equal(true);
      await recording.close();
    });

    it('rejects a chunk length that is no integer from 1 on', async () => {
      const recording = await openWav(`${GOLDEN}/scipy-int16.wav`);
      for (const chunkSamples of [0, -1, 1.5, NaN, Infinity, 2 ** 21]) {
        const error = await errorOf(() => recording.chunks(chunkSamples).next());
        expect(error).to.be.instanceOf(ConfigurationError);
        expect(error.message).to.include(`got ${chunkSamples}`);
      }
      await recording.close();
    });

    it('ends with an error where the file becomes shorter while it is read', async () => {
      const path = join(folder, 'shrinks.wav');
      await writeFile(path, encodeWav(new Int32Array(400_000), { sampleRateHz: 2000, bitsPerSample: 16 }));
      const recording = await openWav(path);
      const chunks = recording.chunks(1000);
      await chunks.next();
      await truncate(path, 600_000);
      const error = await errorOf(async () => {
        for await (const { samples } of chunks) expect(samples.length).to.be.at.most(1000);
      });
      expect(error).to.be.instanceOf(RecordingError);
      expect(error.message).to.include('ended at byte 600000');
      await recording.close();
    });

    it('does not hand on a value that is no number and was written after the file was opened', async () => {
      const path = join(folder, 'changes.wav');
      // Too long to be kept from the first look at it.
      const dataBytes = 4 * 100_000;
      const header = wavHeader({ sampleRateHz: 2000, bitsPerSample: 32, dataBytes, encoding: 'float' });
      const content = Buffer.concat([header, Buffer.alloc(dataBytes)]);
      await writeFile(path, content);
      const recording = await openWav(path);
      content.writeFloatLE(NaN, header.length + 4 * 80);
      await writeFile(path, content);
      const error = await errorOf(() => recording.chunks().next());
      expect(error).to.be.instanceOf(RecordingError);
      expect(error.message).to.include('the first at sample 80');
      await recording.close();
    });

    it('does not hand on the end of a small file that was written to after it was opened', async () => {
      const path = join(folder, 'changes.wav');
      const content = readFileSync(`${GOLDEN}/soundfile-wav-double.wav`);
      await writeFile(path, content);
      const recording = await openWav(path);
      content.writeDoubleLE(NaN, content.length - 8 * 20);
      await writeFile(path, content);
      const error = await errorOf(() => recording.chunks().next());
      expect(error).to.be.instanceOf(RecordingError);
      expect(error.message).to.include('was written to meanwhile');
      await recording.close();
    });

    it('says that the recording was closed', async () => {
      const recording = await openWav(`${GOLDEN}/scipy-int16.wav`);
      await recording.close();
      expect(await errorOf(() => recording.chunks().next())).to.be.instanceOf(RecordingError);
    });
  });

  it('takes no memory for what a header only claims', async () => {
    const path = join(folder, 'claims.wav');
    const claims = new Uint8Array(144);
    claims.set(wavHeader({ sampleRateHz: 2000, bitsPerSample: 16, dataBytes: 0x7000_0000 }));
    await writeFile(path, claims);
    const before = process.memoryUsage().arrayBuffers;
    const decoded = decodeWav(claims);
    const read = await readWav(path);
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(2 ** 20);
    expect(decoded.totalSamples).to.equal(50);
    expect(read.totalSamples).to.equal(50);
    expect(decoded.notices).to.deep.equal([
      'cut short: the header announces 939524096 samples (469762.05 s), the file holds 50 (0.03 s)',
    ]);
  });

  it('refuses to read a very long recording whole, and reads it in chunks', async () => {
    const path = join(folder, 'sparse.wav');
    await writeFile(path, wavHeader({ sampleRateHz: 2000, bitsPerSample: 8, dataBytes: 2 ** 25 + 1 }));
    await truncate(path, 44 + 2 ** 25 + 1);
    const error = await errorOf(() => readWav(path));
    expect(error).to.be.instanceOf(RecordingError);
    expect(error.message).to.include('to be read whole, got 33554433');
    expect(() => decodeWav(readFileSync(path))).to.throw(RecordingError, 'to be read whole, got 33554433');
    const recording = await openWav(path);
    const first = await recording.chunks(2 ** 20).next();
    expect(first.value!.samples.every((sample) => sample === -1)).to.equal(true);
    await recording.close();
  });

  it('leaves no file open that it refused', async function () {
    if (!existsSync('/proc/self/fd')) this.skip();
    const before = readdirSync('/proc/self/fd').length;
    for (const { file } of manifest.refused) await errorOf(() => readWav(`${GOLDEN}/${file}`));
    for (const { file } of manifest.accepted) await readWav(`${GOLDEN}/${file}`);
    expect(readdirSync('/proc/self/fd').length).to.be.below(before + 10);
  });
});
