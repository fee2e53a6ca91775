import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileBytes } from '../../../src/decode/file/file-bytes.js';
import { RecordingError } from '../../../src/errors.js';

describe('opening a file for reading', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-wav-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function refusalOf(path: string): Promise<string> {
    try {
      await FileBytes.open(path);
    } catch (error) {
      expect(error).to.be.instanceOf(RecordingError);
      expect((error as Error).message).to.include(path);
      return (error as Error).message;
    }
    throw new Error(`${path} was opened`);
  }

  it('says that a file does not exist', async () => {
    expect(await refusalOf(join(folder, 'none.wav'))).to.include('does not exist; check');
  });

  it('says that a part of the path is no folder', async () => {
    await writeFile(join(folder, 'file'), 'x');
    expect(await refusalOf(join(folder, 'file', 'a.wav'))).to.include('is a file and no folder');
  });

  it('says that a folder is no file', async () => {
    expect(await refusalOf(folder)).to.include('got a folder; name the files in it');
  });

  it('says that a file is empty', async () => {
    await writeFile(join(folder, 'empty.wav'), '');
    expect(await refusalOf(join(folder, 'empty.wav'))).to.include('is empty (0 bytes)');
  });

  it('says that permission was denied', async function () {
    if (process.platform === 'win32' || process.getuid?.() === 0) this.skip();
    const path = join(folder, 'secret.wav');
    await writeFile(path, 'x');
    await chmod(path, 0);
    expect(await refusalOf(path)).to.include('permission was denied');
  });

  it('refuses a name that the system cannot open', async () => {
    expect(await refusalOf(`${folder}/${'x'.repeat(300)}.wav`)).to.include('ENAMETOOLONG');
    expect(await refusalOf('a\0b.wav')).to.include('cannot be opened');
  });

  it('refuses a pipe without waiting for somebody to write to it', async function () {
    if (process.platform === 'win32') this.skip();
    const path = join(folder, 'pipe.wav');
    execFileSync('mkfifo', [path]);
    expect(await refusalOf(path)).to.include('got a pipe or a device');
  });

  it('refuses a device that would never end', async function () {
    if (!existsSync('/dev/zero')) this.skip();
    expect(await refusalOf('/dev/zero')).to.include('got a pipe or a device');
  });

  it('reads any range, and less only where the file ends', async () => {
    const path = join(folder, 'ten.bin');
    await writeFile(
      path,
      Uint8Array.from({ length: 10 }, (_, i) => i),
    );
    const bytes = await FileBytes.open(path);
    expect(bytes.size).to.equal(10);
    expect([...(await bytes.read(3, 4))]).to.deep.equal([3, 4, 5, 6]);
    expect([...(await bytes.read(8, 2 ** 40))]).to.deep.equal([8, 9]);
    expect([...(await bytes.read(10, 1))]).to.deep.equal([]);
    expect([...(await bytes.read(99, 1))]).to.deep.equal([]);
    await bytes.close();
  });

  it('says that the file became shorter or was closed', async () => {
    const path = join(folder, 'shrinks.bin');
    await writeFile(path, new Uint8Array(100));
    const bytes = await FileBytes.open(path);
    await truncate(path, 60);
    const failures: unknown[] = [];
    await bytes.read(50, 20).catch((error: unknown) => failures.push(error));
    await bytes.close();
    await bytes.read(0, 20).catch((error: unknown) => failures.push(error));
    for (const failure of failures) expect(failure).to.be.instanceOf(RecordingError);
    expect(failures.map(String)[0]).to.include(
      'must keep its 100 bytes while it is read, but ended at byte 60',
    );
    expect(failures.map(String)[1]).to.include('cannot be read');
  });
});
