import { expect } from 'chai';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFlac } from '../../../src/decode/file/flac-file.js';
import type { RecordingInfo } from '../../../src/decode/file/recording.js';
import { openWav } from '../../../src/decode/file/wav-file.js';
import { ConfigurationError, RecordingError } from '../../../src/errors.js';

const goldenFolder = 'test/golden/flac';
const golden = JSON.parse(readFileSync(join(goldenFolder, 'flac.json'), 'utf8')) as {
  files: Record<string, Omit<RecordingInfo, 'notices'> & { sha256: string }>;
};

interface Decoded {
  readonly info: Omit<RecordingInfo, 'notices'>;
  readonly samples: Float64Array;
}

async function decode(path: string, chunkSamples?: number): Promise<Decoded> {
  const recording = await openFlac(path);
  try {
    const { sampleRateHz, bitsPerSample, channels, totalSamples } = recording;
    const samples = new Float64Array(totalSamples);
    let next = 0;
    for await (const chunk of recording.chunks(chunkSamples)) {
      expect(chunk.firstSample).to.equal(next);
      samples.set(chunk.samples, chunk.firstSample);
      next += chunk.samples.length;
    }
    expect(next).to.equal(totalSamples);
    return { info: { sampleRateHz, bitsPerSample, channels, totalSamples }, samples };
  } finally {
    await recording.close();
  }
}

const hash = (samples: Float64Array) =>
  createHash('sha256').update(new Uint8Array(samples.buffer)).digest('hex');

async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('must be refused, but was read');
}

describe('FLAC files', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-flac-'));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  async function fileOf(bytes: Uint8Array): Promise<string> {
    const path = join(folder, 'changed.flac');
    await writeFile(path, bytes);
    return path;
  }

  for (const [name, { sha256, ...info }] of Object.entries(golden.files)) {
    it(`${name} gives, bit for bit, the samples that libsndfile reads`, async () => {
      const decoded = await decode(join(goldenFolder, name));
      expect(decoded.info).to.deep.equal(info);
      expect(hash(decoded.samples)).to.equal(sha256);
    });
  }

  it('gives the samples of the WAV file that holds the same recording', async () => {
    const wav = await openWav('test/recordings/b0416.wav');
    const { samples } = await decode(join(goldenFolder, 'b0416.flac'));
    for await (const chunk of wav.chunks()) {
      expect(samples.subarray(chunk.firstSample, chunk.firstSample + chunk.samples.length)).to.deep.equal(
        chunk.samples,
      );
    }
    await wav.close();
  });

  it('gives the same samples in chunks of any size', async () => {
    const path = join(goldenFolder, 'tone-PCM_16-0.6.flac');
    const { samples } = await decode(path);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6000 }), async (chunkSamples) => {
        expect((await decode(path, chunkSamples)).samples).to.deep.equal(samples);
      }),
      { numRuns: 20 },
    );
  });

  it('gives the recordings of the data set as the bundled checksums have them', async function () {
    const data = process.env.LUBDUB_DATA;
    if (data === undefined || !existsSync(join(data, 'audio'))) {
      console.log('      skipped: LUBDUB_DATA names no folder with audio/');
      this.skip();
    }
    for (const line of readFileSync('test/recordings/samples.sha256', 'utf8').trim().split('\n')) {
      const [sha256, record] = line.split(/\s+/);
      const { samples } = await decode(join(data, 'audio', `${record}.flac`));
      const integers = Int16Array.from(samples, (sample) => sample * 32768);
      expect(createHash('sha256').update(new Uint8Array(integers.buffer)).digest('hex'), record).to.equal(
        sha256,
      );
    }
  });

  it('skips an ID3 tag before the file and one behind it', async () => {
    const bytes = readFileSync(join(goldenFolder, 'b0416.flac'));
    const head = Buffer.from([
      ...Buffer.from('ID3'),
      4,
      0,
      0,
      0,
      0,
      1,
      2,
      ...new Array<number>(130).fill(65),
    ]);
    const tail = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125)]);
    const { samples } = await decode(await fileOf(Buffer.concat([head, bytes, tail])));
    expect(hash(samples)).to.equal(golden.files['b0416.flac'].sha256);
  });

  it('reads a file whose writer knew neither the length nor the checksum', async () => {
    const bytes = Buffer.from(readFileSync(join(goldenFolder, 'b0416.flac')));
    bytes[21] &= 0xf0;
    bytes.fill(0, 22, 42);
    const { samples } = await decode(await fileOf(bytes));
    expect(hash(samples)).to.equal(golden.files['b0416.flac'].sha256);
  });

  it('gives the same samples where several files are read at once, kept or not', async () => {
    const names = ['b0416.flac', 'stereo-PCM_16.flac', 'noise-PCM_24.flac', 'tone-PCM_16-0.6.flac'];
    const paths = names.map((name) => join(goldenFolder, name));
    for (const name of names) {
      const bytes = Buffer.from(readFileSync(join(goldenFolder, name)));
      bytes[21] &= 0xf0;
      bytes.fill(0, 22, 26);
      paths.push(join(folder, name));
      await writeFile(join(folder, name), bytes);
    }
    const decoded = await Promise.all(paths.map((path) => decode(path, 1000)));
    expect(decoded.map(({ samples }) => hash(samples))).to.deep.equal(
      [...names, ...names].map((name) => golden.files[name].sha256),
    );
  });

  it('refuses a file that was cut off anywhere', async () => {
    const bytes = readFileSync(join(goldenFolder, 'b0416.flac'));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: bytes.length - 1 }), async (length) => {
        const error = await errorOf(openFlac(await fileOf(bytes.subarray(0, length))));
        expect(error).to.be.instanceOf(RecordingError);
        expect(error.message).to.match(/changed\.flac: .*fetch or record it again/);
      }),
      { numRuns: 150 },
    );
  });

  it('says how far a file that was cut off reaches', async () => {
    const bytes = readFileSync(join(goldenFolder, 'b0416.flac'));
    const error = await errorOf(openFlac(await fileOf(bytes.subarray(0, 16000))));
    expect(error.message).to.match(/after 6\.14 s of 8\.00 s announced, at byte \d+ of 16000, it ends/);
  });

  it('refuses a file with changed bytes, or gives the samples that were written', async () => {
    const bytes = readFileSync(join(goldenFolder, 'b0416.flac'));
    let refused = 0;
    const change = fc.record({
      at: fc.integer({ min: 0, max: bytes.length - 1 }),
      flip: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = Buffer.from(bytes);
        for (const { at, flip } of changes) changed[at] ^= flip;
        let decoded: Decoded;
        try {
          decoded = await decode(await fileOf(changed));
        } catch (error) {
          expect(error).to.be.instanceOf(RecordingError);
          refused++;
          return;
        }
        expect(hash(decoded.samples)).to.equal(golden.files['b0416.flac'].sha256);
        expect(decoded.info.sampleRateHz).to.equal(2000);
      }),
      { numRuns: 400 },
    );
    expect(refused).to.be.greaterThan(200);
  });

  it('refuses every change of the headers that matters, whichever byte it is in', async () => {
    // 131 bytes in all, nearly all of them headers: every one is changed in turn.
    const bytes = readFileSync(join(goldenFolder, 'seventeen-samples.flac'));
    const { samples } = await decode(join(goldenFolder, 'seventeen-samples.flac'));
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const changed = Buffer.from(bytes);
        changed[at] ^= flip;
        try {
          expect((await decode(await fileOf(changed))).samples, `byte ${at}, ${flip}`).to.deep.equal(samples);
        } catch (error) {
          if (!(error instanceof RecordingError)) throw error;
        }
      }
    }
  });

  it('refuses a file in which a frame is missing', async () => {
    const bytes = readFileSync(join(goldenFolder, 'b0416.flac'));
    const starts: number[] = [];
    for (let at = 42; at < bytes.length; at++) {
      if (bytes[at] === 0xff && (bytes[at + 1] & 0xfe) === 0xf8 && bytes[at + 4] === starts.length)
        starts.push(at);
    }
    expect(starts).to.have.lengthOf(4);
    const missing = Buffer.concat([bytes.subarray(0, starts[1]), bytes.subarray(starts[2])]);
    expect((await errorOf(openFlac(await fileOf(missing)))).message).to.match(
      /frame 1 must follow, got 2: a part is missing/,
    );
  });

  it('refuses samples that do not fit the checksum of all samples', async () => {
    const bytes = Buffer.from(readFileSync(join(goldenFolder, 'b0416.flac')));
    bytes[26] ^= 1;
    expect((await errorOf(openFlac(await fileOf(bytes)))).message).to.match(/MD5 checksum does not fit/);
  });

  it('refuses what is no FLAC file', async () => {
    const error = await errorOf(openFlac('test/recordings/b0416.wav'));
    expect(error).to.be.instanceOf(RecordingError);
    expect(error.message).to.match(/must be a FLAC file, got a WAV file/);
  });

  it('refuses chunks of no samples', async () => {
    const recording = await openFlac(join(goldenFolder, 'one-sample.flac'));
    expect(await errorOf(recording.chunks(0).next())).to.be.instanceOf(ConfigurationError);
    await recording.close();
  });
});
