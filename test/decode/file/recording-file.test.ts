import { expect } from 'chai';
import { createHash } from 'node:crypto';
import {
  appendFile,
  copyFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlacRecording } from '../../../src/decode/file/flac-file.js';
import { openRecording } from '../../../src/decode/file/recording-file.js';
import { readWhole } from '../../../src/decode/file/recording-chunks.js';
import { WavRecording } from '../../../src/decode/file/wav-file.js';
import { wavHeader } from '../../../src/decode/file/wav-writer.js';
import { ConfigurationError, RecordingError } from '../../../src/errors.js';

describe('openRecording', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-recording-'));
  });
  after(async () => {
    await rm(folder, { recursive: true });
  });

  async function refusal(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, content);
    // What FFmpeg would say of such a beginning is its own business.
    const { PATH } = process.env;
    process.env.PATH = '';
    try {
      await (await openRecording(path)).close();
    } catch (error) {
      expect(error).to.be.instanceOf(RecordingError);
      return (error as Error).message;
    } finally {
      process.env.PATH = PATH;
    }
    throw new Error('must be refused, but was opened');
  }

  it('goes by what a file holds, not by its name', async () => {
    const flac = join(folder, 'really-flac.wav');
    const wav = join(folder, 'really-wav.flac');
    await copyFile('test/golden/flac/b0416.flac', flac);
    await copyFile('test/recordings/b0416.wav', wav);
    const opened = [await openRecording(flac), await openRecording(wav)];
    expect(opened[0]).to.be.instanceOf(FlacRecording);
    expect(opened[1]).to.be.instanceOf(WavRecording);
    for (const recording of opened) {
      expect(recording.totalSamples).to.equal(16000);
      expect((await recording.chunks(10).next()).value).to.have.property('firstSample', 0);
      await recording.close();
    }
  });

  /** First bytes as the formats' specifications have them, what a person calls the file, and what helps. */
  const strangers: [name: string, head: string, what: string, remedy: string][] = [
    ['song.ogg', 'OggS\0\x02', 'an Ogg file', 'ffmpeg'],
    ['tagged.wav', 'ID3\x03\0\0\0\0\0\x04aaaa\xff\xfb\x90\x64', 'an MP3 file', 'ffmpeg'],
    ['bare.wav', '\xff\xfb\x90\x64\0\0', 'an MP3 file', 'ffmpeg'],
    ['endless-tag.wav', 'ID3\x03\0\0\x7f\x7f\x7f\x7f', 'an MP3 file', 'ffmpeg'],
    ['voice.m4a', '\0\0\0\x20ftypM4A ', 'an MP4 or M4A file', 'ffmpeg'],
    ['adts.wav', '\xff\xf1\x50\x80', 'an AAC file', 'ffmpeg'],
    ['mac.aif', 'FORM\0\0\0\x20AIFC', 'an AIFF file', 'ffmpeg'],
    ['mac.caf', 'caff\0\x01\0\0desc', 'a Core Audio (CAF) file', 'ffmpeg'],
    ['long.w64', 'riff\x2e\x91\xcf\x11', 'a Sony Wave64 file', 'ffmpeg'],
    ['phone.amr', '#!AMR\n', 'an AMR file', 'ffmpeg'],
    ['phone.3gp', '\0\0\0\x18ftyp3gp4', 'an MP4 or M4A file', 'ffmpeg'],
    ['web.webm', '\x1a\x45\xdf\xa3', 'a Matroska or WebM file', 'ffmpeg'],
    ['old.wma', '\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'a Windows Media file', 'ffmpeg'],
    ['big.wav', 'RF64\xff\xff\xff\xffWAVEds64', 'a WAV file for more than 4 GiB', 'ffmpeg'],
    ['sun.wav', 'RIFX\0\0\0\0WAVE', 'a big-endian WAV file', 'ffmpeg'],
    ['cut.wav', 'RIFF', 'begins with "RIFF"', 'fetch or record it again'],
    ['film.wav', 'RIFF\0\0\0\0AVI LIST', 'a film (AVI)', 'ffmpeg'],
    ['packed.wav', 'PK\x03\x04\x14\0', 'a ZIP archive', 'unpack it'],
    ['packed.wav.gz', '\x1f\x8b\x08', 'a gzip archive', 'unpack it'],
    ['notes.wav', 'time,amplitude\n0,0.1\n', 'a text file', 'name the recording itself'],
    ['gone.wav', '<!DOCTYPE html><title>404</title>', 'a web page', 'fetch it again'],
    ['lfs.wav', 'version https://git-lfs.github.com/spec/v1\n', 'a pointer of Git LFS', 'git lfs pull'],
    ['zeros.wav', '\0'.repeat(100), 'nothing but zeros', 'fetch it again'],
    ['short.wav', 'x', 'begins with "x"', 'fetch or record it again'],
    ['unknown.wav', '\x07\x93\x01\x02\x7f', 'no kind of file', 'ffmpeg'],
  ];
  for (const [name, head, what, remedy] of strangers) {
    it(`says of ${name} that it is ${what}, and what to do`, async () => {
      const message = await refusal(name, Buffer.from(head, 'latin1'));
      expect(message)
        .to.include(`${name}: must be a WAV or a FLAC file, `)
        .and.include(what)
        .and.include(remedy);
      expect(message).to.not.include('fLaC');
    });
  }

  it('reads a FLAC file behind ID3 tags, whatever its name', async () => {
    const tag = (body: string, flags = 0) =>
      Buffer.from(
        `ID3\x04\0${String.fromCharCode(flags)}\0\0\0${String.fromCharCode(body.length)}${body}`,
        'latin1',
      );
    const flac = await readFile('test/golden/flac/b0416.flac');
    const footer = Buffer.from('3DI\x04\0\x10\0\0\0\x05', 'latin1');
    for (const tags of [[tag('abc')], [tag('abc'), tag('')], [tag('abcde', 0x10), footer]]) {
      const path = join(folder, 'tagged-flac.wav');
      await writeFile(path, Buffer.concat([...tags, flac]));
      const recording = await openRecording(path);
      expect(recording.totalSamples).to.equal(16000);
      await recording.close();
    }
  });

  it('refuses an empty file, a folder and a missing file', async () => {
    expect(await refusal('empty.wav', '')).to.match(/empty/);
    for (const path of [folder, join(folder, 'none.wav')]) {
      const error = await openRecording(path).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).to.be.instanceOf(RecordingError);
    }
  });

  describe('of several channels', () => {
    const RATE_HZ = 2000;
    const sound = Int16Array.from({ length: 4 * RATE_HZ }, (_, i) => 8000 * Math.sin(i / 9));
    const other = sound.map((sample) => sample / 2);
    const flat = new Int16Array(sound.length);

    async function write(channels: Int16Array[]): Promise<string> {
      const frames = new Int16Array(channels.length * sound.length);
      channels.forEach((samples, c) =>
        samples.forEach((sample, i) => (frames[i * channels.length + c] = sample)),
      );
      const dataBytes = frames.length * 2;
      const header = Buffer.from(wavHeader({ sampleRateHz: RATE_HZ, bitsPerSample: 16, dataBytes }));
      header.writeUInt16LE(channels.length, 22);
      header.writeUInt16LE(2 * channels.length, 32);
      const path = join(folder, 'channels.wav');
      await writeFile(path, Buffer.concat([header, new Uint8Array(frames.buffer)]));
      return path;
    }
    async function read(channels: Int16Array[], channel?: number) {
      const recording = await openRecording(await write(channels), channel === undefined ? {} : { channel });
      const samples = await readWhole('x', recording);
      await recording.close();
      return { recording, integers: Int16Array.from(samples, (sample) => sample * 32768) };
    }

    it('takes the first, and says so', async () => {
      const { recording, integers } = await read([other, sound]);
      expect(recording.channel).to.equal(1);
      expect(integers).to.deep.equal(other);
      expect(recording.notices).to.deep.equal([
        '2 channels: channel 1 is screened, channel 2 is not read; --channel N takes another',
      ]);
    });

    it('takes the second where the first is dead, and says why', async () => {
      const { recording, integers } = await read([flat, sound]);
      expect(recording.channel).to.equal(2);
      expect(integers).to.deep.equal(sound);
      expect(recording.notices).to.deep.equal([
        '2 channels: channel 2 is screened because channel 1 is flat in the first 10 s, channel 1 is not read; --channel N takes another',
      ]);
    });

    it('takes the one that is asked for, dead or not, and says which are not read', async () => {
      for (const [channel, expected] of [flat, sound, other].entries()) {
        const { recording, integers } = await read([flat, sound, other], channel + 1);
        expect(recording.channel).to.equal(channel + 1);
        expect(integers).to.deep.equal(expected);
      }
      const { recording } = await read([flat, sound, other], 2);
      expect(recording.notices).to.deep.equal([
        '3 channels: channel 2 is screened, as it was asked for, channels 1 and 3 are not read; --channel N takes another',
      ]);
    });

    it('refuses a channel that the file does not have, and one that cannot be', async () => {
      const error = await read([flat, sound], 3).catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(RecordingError);
      expect((error as Error).message).to.match(
        /channel 3 is asked for, but the file has 2; choose one of 1..2/,
      );
      for (const channel of [0, -1, 1.5, NaN])
        expect(await read([flat, sound], channel).catch((reason: unknown) => reason)).to.be.instanceOf(
          ConfigurationError,
        );
    });

    it('looks for what is no number in the channel that is read, and in no other', async () => {
      const frames = Float32Array.from({ length: 8000 }, (_, i) => Math.sin(i / 18) / 4);
      frames[2 * 3000] = NaN;
      const dataBytes = frames.byteLength;
      const header = Buffer.from(
        wavHeader({ sampleRateHz: RATE_HZ, bitsPerSample: 32, dataBytes, encoding: 'float' }),
      );
      header.writeUInt16LE(2, 22);
      header.writeUInt16LE(8, 32);
      const path = join(folder, 'floats.wav');
      await writeFile(path, Buffer.concat([header, new Uint8Array(frames.buffer)]));
      const recording = await openRecording(path);
      expect(recording.channel).to.equal(2);
      expect(recording.notices.join()).to.include('because channel 1 is unusable');
      expect((await readWhole(path, recording)).every(Number.isFinite)).to.equal(true);
      await recording.close();
      const error = await openRecording(path, { channel: 1 }).catch((reason: unknown) => reason);
      expect((error as Error).message).to.include('the first at sample 3000');
    });

    it('compares the first eight of very many', async () => {
      const { recording } = await read([...Array.from({ length: 9 }, () => flat), sound]);
      expect(recording.channel).to.equal(1);
      expect(recording.notices[0]).to.match(/^10 channels: channel 1 is screened, the others are not read/);
    });

    it('looks at the beginning only: what comes after it changes nothing', async () => {
      const long = new Int16Array(40 * RATE_HZ);
      const late = Int16Array.from(long, (_, i) => (i < 10 * RATE_HZ ? 0 : sound[i % sound.length]));
      const early = Int16Array.from(long, (_, i) => (i < 10 * RATE_HZ ? sound[i % sound.length] : 0));
      const header = Buffer.from(
        wavHeader({ sampleRateHz: RATE_HZ, bitsPerSample: 16, dataBytes: 4 * long.length }),
      );
      header.writeUInt16LE(2, 22);
      header.writeUInt16LE(4, 32);
      const frames = Int16Array.from({ length: 2 * long.length }, (_, i) => (i % 2 ? early : late)[i >> 1]);
      const path = join(folder, 'late.wav');
      await writeFile(path, Buffer.concat([header, new Uint8Array(frames.buffer)]));
      const recording = await openRecording(path);
      expect(recording.channel).to.equal(2);
      await recording.close();
    });

    it('takes each channel of a FLAC file as libsndfile reads it', async () => {
      const path = 'test/golden/flac/four-channels.flac';
      // sha256 of soundfile.read(path)[0][:, n] as float64, soundfile 0.14.0.
      const golden = ['d8969a1c09f7', '88df3838800a', 'c0bad5ef5b31', 'e7e2dcff542d'];
      for (const [index, sha256] of golden.entries()) {
        const recording = await openRecording(path, { channel: index + 1 });
        const samples = await readWhole(path, recording);
        await recording.close();
        // Zeros of libsndfile have no sign.
        const bytes = new Uint8Array(samples.map((sample) => sample + 0).buffer);
        expect(createHash('sha256').update(bytes).digest('hex').slice(0, 12)).to.equal(sha256);
      }
    });
  });

  for (const [kind, original] of [
    ['WAV', 'test/recordings/b0416.wav'],
    ['FLAC', 'test/golden/flac/b0416.flac'],
  ]) {
    describe(`a ${kind} file that is written to while it is read`, () => {
      async function changed(change: (path: string, content: Buffer) => Promise<void>) {
        const path = join(folder, `changes-${kind}`);
        const content = await readFile(original);
        await writeFile(path, content);
        const past = new Date(Date.now() - 60_000);
        await utimes(path, past, past);
        const recording = await openRecording(path);
        const seconds: number[] = [];
        try {
          for await (const { firstSample } of recording.chunks(2000)) {
            if (firstSample === 0) await change(path, content);
            seconds.push(firstSample / 2000);
          }
          return { seconds, message: undefined };
        } catch (error) {
          expect(error).to.be.instanceOf(RecordingError);
          return { seconds, message: (error as Error).message };
        } finally {
          await recording.close();
        }
      }

      it('is refused where it was overwritten with as many bytes', async () => {
        const { seconds, message } = await changed((path, content) => writeFile(path, content));
        expect(message).to.match(/must stay as it is while it is read, but was written to meanwhile/);
        expect(seconds).to.deep.equal([0, 1, 2, 3, 4, 5, 6]);
      });

      it('is refused where it grew', async () => {
        const { message } = await changed(async (path) => {
          const { atime, mtime } = await stat(path);
          await appendFile(path, 'more');
          // As tools that copy times do.
          await utimes(path, atime, mtime);
        });
        expect(message).to.match(/written to meanwhile \(\d+ bytes before, \d+ after\); wait until nothing/);
      });

      it('is read where only its name changed, or another file took its place', async () => {
        const { seconds, message } = await changed(async (path) => {
          await rename(path, `${path}-old`);
          await writeFile(path, 'another');
        });
        expect([seconds.length, message]).to.deep.equal([8, undefined]);
      });
    });
  }
});
