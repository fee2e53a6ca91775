import { expect } from 'chai';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlacRecording } from '../../src/decode/flac-file.js';
import { openRecording } from '../../src/decode/recording-file.js';
import { WavRecording } from '../../src/decode/wav-file.js';
import { RecordingError } from '../../src/errors.js';

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
    try {
      await (await openRecording(path)).close();
    } catch (error) {
      expect(error).to.be.instanceOf(RecordingError);
      return (error as Error).message;
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

  it('names the kinds that are read when a file is neither', async () => {
    expect(await refusal('song.ogg', 'OggS and so on')).to.match(
      /song\.ogg: must be a WAV or a FLAC file .*begins with "OggS"; convert it/,
    );
    expect(await refusal('short.wav', 'x')).to.match(/begins with "x"/);
  });

  it("leaves WAV's relatives to the WAV reader, which tells them apart", async () => {
    expect(await refusal('big.wav', 'RF64\xff\xff\xff\xffWAVEds64')).to.match(/RF64/);
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
});
