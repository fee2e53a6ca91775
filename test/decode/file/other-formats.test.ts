import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { scanOther } from '../../../src/decode/file/other-containers.js';
import { openRecording } from '../../../src/decode/file/recording-file.js';
import { readWhole } from '../../../src/decode/file/recording-chunks.js';
import { scanBytes } from '../../../src/decode/file/scan.js';
import { decodeChannel } from '../../../src/decode/file/wav-samples.js';
import { encodeWav } from '../../../src/decode/file/wav-writer.js';
import { RecordingError } from '../../../src/errors.js';

const RATE_HZ = 8000;
/** The whole range, its ends and the middle first, then two tones: something that every codec has to work on. */
const integers = Int32Array.from({ length: 2 * RATE_HZ }, (_, i) => {
  const ends = [-32768, 32767, 0, -1, 1, 255, -256, 16384, -16384];
  if (i < ends.length) return ends[i];
  return Math.round(12_000 * Math.sin(i / 9) * Math.sin(i / 900) + 9000 * Math.sin(i / 3.3));
});

const hasPrograms = ['ffmpeg', 'sox'].every((program) => {
  try {
    execFileSync(program, [program === 'sox' ? '--version' : '-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

describe('recordings in other formats', function () {
  let folder: string;
  let source: string;

  before(function () {
    if (!hasPrograms) {
      if (process.env.LUBDUB_REQUIRE_ALL !== undefined) throw new Error('ffmpeg and sox must be there');
      console.log('    SKIPPED: there is no ffmpeg or no sox');
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'lubdub-formats-'));
    source = join(folder, 'source.wav');
    writeFileSync(source, encodeWav(integers, { sampleRateHz: RATE_HZ, bitsPerSample: 16 }));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  const ffmpeg = (...words: string[]): Buffer =>
    execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...words], { maxBuffer: 2 ** 28 });
  const sox = (...words: string[]): Buffer =>
    execFileSync('sox', ['-D', ...words], { stdio: ['ignore', 'pipe', 'ignore'] });

  /** What FFmpeg makes of a file, as doubles. */
  function byFfmpeg(path: string): Float64Array {
    const bytes = ffmpeg('-i', path, '-c:a', 'pcm_f64le', '-f', 'f64le', '-');
    return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }

  async function read(path: string) {
    const recording = await openRecording(path);
    try {
      return { recording, samples: await readWhole(path, recording) };
    } finally {
      await recording.close();
    }
  }

  /** Without FFmpeg in the way: what is read by itself. */
  async function withoutPrograms<T>(work: () => Promise<T>): Promise<T> {
    const { PATH } = process.env;
    process.env.PATH = '';
    try {
      return await work();
    } finally {
      process.env.PATH = PATH;
    }
  }

  const native: readonly (readonly [
    name: string,
    program: 'ffmpeg' | 'sox',
    words: readonly string[],
    codec?: string,
  ])[] = [
    ['mulaw.wav', 'ffmpeg', ['-c:a', 'pcm_mulaw'], 'mu-law'],
    ['alaw.wav', 'ffmpeg', ['-c:a', 'pcm_alaw'], 'A-law'],
    ['mulaw-sox.wav', 'sox', ['-e', 'mu-law'], 'mu-law'],
    ['alaw-sox.wav', 'sox', ['-e', 'a-law'], 'A-law'],
    ['rf64.wav', 'ffmpeg', ['-rf64', 'always']],
    ['rf64-24.wav', 'ffmpeg', ['-rf64', 'always', '-c:a', 'pcm_s24le']],
    ['16.w64', 'ffmpeg', ['-c:a', 'pcm_s16le']],
    ['float.w64', 'ffmpeg', ['-c:a', 'pcm_f32le']],
    ['8.aiff', 'sox', ['-b', '8']],
    ['16.aiff', 'ffmpeg', ['-c:a', 'pcm_s16be']],
    ['24.aiff', 'ffmpeg', ['-c:a', 'pcm_s24be']],
    ['32.aiff', 'sox', ['-b', '32']],
    ['sowt.aifc', 'ffmpeg', ['-c:a', 'pcm_s16le', '-f', 'aiff']],
    ['float.aifc', 'ffmpeg', ['-c:a', 'pcm_f32be', '-f', 'aiff']],
    ['ulaw.aifc', 'ffmpeg', ['-c:a', 'pcm_mulaw', '-f', 'aiff'], 'mu-law'],
    ['16.caf', 'ffmpeg', ['-c:a', 'pcm_s16le']],
    ['24-big.caf', 'ffmpeg', ['-c:a', 'pcm_s24be']],
    ['float.caf', 'ffmpeg', ['-c:a', 'pcm_f32le']],
    ['alaw.caf', 'ffmpeg', ['-c:a', 'pcm_alaw'], 'A-law'],
    ['16.au', 'ffmpeg', ['-c:a', 'pcm_s16be']],
    ['mulaw.au', 'ffmpeg', ['-c:a', 'pcm_mulaw'], 'mu-law'],
  ];
  for (const [name, program, words, codec] of native) {
    it(`are read by itself, to the last bit as FFmpeg reads them: ${name} of ${program}`, async () => {
      const path = join(folder, name);
      if (program === 'ffmpeg') ffmpeg('-i', source, ...words, path);
      else sox(source, ...words, path);
      const { recording, samples } = await withoutPrograms(() => read(path));
      expect(recording.sampleRateHz).to.equal(RATE_HZ);
      expect(recording.lossyCodec).to.equal(codec ?? null);
      expect(samples).to.have.length(integers.length);
      const wanted = byFfmpeg(path);
      expect(samples.every((sample, i) => sample === wanted[i])).to.equal(true);
      expect(recording.notices.join()).to.match(
        codec === undefined ? /^$/ : new RegExp(`lossy codec ${codec}`),
      );
    });
  }

  it('have the channel that is asked for, of big-endian samples too', async () => {
    const path = join(folder, 'two.aiff');
    ffmpeg('-i', source, '-af', 'pan=stereo|c0=c0|c1=0.5*c0', '-c:a', 'pcm_s24be', path);
    const recording = await openRecording(path, { channel: 2 });
    const samples = await readWhole(path, recording);
    await recording.close();
    const wanted = byFfmpeg(path).filter((_, i) => i % 2 === 1);
    expect(samples.every((sample, i) => sample === wanted[i])).to.equal(true);
  });

  const decoded: readonly (readonly [
    name: string,
    words: readonly string[],
    codec: string,
    isLossy: boolean,
  ])[] = [
    ['ima.wav', ['-c:a', 'adpcm_ima_wav'], 'adpcm_ima_wav', true],
    ['ms.wav', ['-c:a', 'adpcm_ms'], 'adpcm_ms', true],
    ['voice.mp3', ['-b:a', '64k'], 'mp3', true],
    ['voice.m4a', ['-c:a', 'aac'], 'aac', true],
    ['lossless.m4a', ['-c:a', 'alac'], 'alac', false],
    ['voice.ogg', ['-c:a', 'libvorbis'], 'vorbis', true],
    ['voice.opus', ['-c:a', 'libopus'], 'opus', true],
    ['voice.wv', ['-c:a', 'wavpack'], 'wavpack', false],
    ['voice.webm', ['-c:a', 'libopus'], 'opus', true],
  ];
  for (const [name, words, codec, isLossy] of decoded) {
    it(`are decoded by FFmpeg where it is installed, and the codec is told: ${name}`, async () => {
      const path = join(folder, name);
      ffmpeg('-i', source, ...words, path);
      const { recording, samples } = await read(path);
      expect(recording.lossyCodec).to.equal(isLossy ? codec : null);
      const notices = recording.notices.join('\n');
      if (isLossy) expect(notices).to.include(`lossy codec ${codec}`);
      const wanted = byFfmpeg(path);
      expect(samples).to.have.length(wanted.length);
      // FFmpeg's floats against its doubles.
      expect(samples.every((sample, i) => Math.abs(sample - wanted[i]) <= 1e-6)).to.equal(true);
      if (!isLossy) expect(samples.every((sample, i) => sample === integers[i] / 32768)).to.equal(true);
      const refused = await withoutPrograms(() =>
        read(path).then(
          () => null,
          (error: unknown) => error,
        ),
      );
      expect(refused).to.be.instanceOf(RecordingError);
      expect((refused as Error).message).to.match(/convert it, for example with: ffmpeg/);
    });
  }

  it('are refused where they are damaged, or hold no sound', async () => {
    const mp3 = readFileSync(join(folder, 'voice.m4a'));
    for (const [name, bytes] of [
      ['cut.m4a', mp3.subarray(0, 300)],
      ['empty.ogg', Buffer.from('OggS\0\x02')],
      ['play-list.mp3', Buffer.from(`ID3\x03\0\0\0\0\0\0#EXTM3U\nfile:${source}\n`)],
      ['cut.aiff', readFileSync(join(folder, '16.aiff')).subarray(0, 40)],
    ] as const) {
      writeFileSync(join(folder, name), bytes);
      const error: unknown = await read(join(folder, name)).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error, name).to.be.instanceOf(RecordingError);
    }
  });

  it('are a layout that makes sense, an error, or nobody’s, whatever was done to their bytes', () => {
    const seeds = native.map(([name]) => readFileSync(join(folder, name)));
    const extremes = [0, 1, 0x7f, 0xff, 0x7fffffff, 0x80000000, 0xffffffff];
    fc.assert(
      fc.property(
        fc.nat(seeds.length - 1),
        fc.array(fc.tuple(fc.nat(200), fc.oneof(fc.constantFrom(...extremes), fc.nat(0xffffffff))), {
          maxLength: 4,
        }),
        fc.oneof(fc.constant(Infinity), fc.nat(400)),
        (which, changes, length) => {
          const seed = seeds[which];
          const bytes = Buffer.from(seed.subarray(0, Math.min(seed.length, length)));
          for (const [at, value] of changes) if (at + 4 <= bytes.length) bytes.writeUInt32BE(value, at);
          let layout;
          try {
            layout = scanBytes(scanOther('x', bytes.length), bytes);
          } catch (error) {
            if (!(error instanceof RecordingError)) throw error;
            return;
          }
          if (layout === undefined) return;
          const { format, dataOffset, totalSamples } = layout;
          const end = dataOffset + totalSamples * format.bytesPerFrame;
          expect(dataOffset).to.be.at.least(0);
          expect(end).to.be.at.most(bytes.length);
          expect(decodeChannel(bytes.subarray(dataOffset, end), format)).to.have.length(totalSamples);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
