import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { link, mkdtemp, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurn, PlainFile, plainFileSize, readPlainFile } from '../../src/record/plain-file.js';

describe('opening what lies in a session’s folder', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lubdub-plain-'));
    await writeFile(join(folder, 'plain'), 'as it was written');
    await link(join(folder, 'plain'), join(folder, 'other-name'));
    await symlink(join(folder, 'plain'), join(folder, 'link'));
    await symlink('/dev/zero', join(folder, 'endless'));
    await mkdir(join(folder, 'folder'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
  });
  after(() => rm(folder, { recursive: true }));

  const codeOf = async (work: Promise<unknown>) =>
    work.then(
      () => 'opened',
      (error: NodeJS.ErrnoException) => error.code,
    );

  it('reads a plain file, under each of its names', async () => {
    for (const name of ['plain', 'other-name']) {
      expect((await readPlainFile(join(folder, name), 100)).toString()).to.equal('as it was written');
    }
  });

  it('neither waits for a pipe nor follows a link, nor opens a folder or a device', async () => {
    for (const path of [
      ...['pipe', 'link', 'endless', 'folder'].map((name) => join(folder, name)),
      '/dev/zero',
    ]) {
      expect(await codeOf(PlainFile.open(path)), path).to.equal('ENOTPLAIN');
      expect(await codeOf(plainFileSize(path)), path).to.equal('ENOTPLAIN');
    }
  });

  it('reads no file that is larger than it may be', async () => {
    const path = join(folder, 'vast');
    await writeFile(path, '');
    await truncate(path, 2 ** 40);
    expect(await codeOf(readPlainFile(path, 1000))).to.equal('EOVERSIZE');
  });

  it('mends no file that has another name, since that may be a backup', async () => {
    expect(await codeOf(PlainFile.open(join(folder, 'other-name'), { writable: true }))).to.equal(
      'ENOTPLAIN',
    );
  });

  it('leaves threads to ports and recorder, however many files are asked for', async () => {
    let most = 0;
    let underWay = 0;
    const operation = async () => {
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 1));
      underWay--;
    };
    await Promise.all(Array.from({ length: 20 }, () => inTurn(operation)));
    expect(most).to.equal(2);
    // A failure gives its turn back.
    for (let i = 0; i < 5; i++) {
      await inTurn(() => Promise.reject(new Error('of the disk'))).catch(() => {});
    }
    await inTurn(operation);
  });
});
