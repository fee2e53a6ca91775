import { expect } from 'chai';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { SessionError } from '../../src/errors.js';
import { deleteSession } from '../../src/record/delete-session.js';
import { recordSession } from '../support/recorded-session.js';
import { inFolder } from '../support/sessions.js';

const record = (root: string, minute = 0, isTorn = false) =>
  recordSession({
    wav: 'test/recordings/b0344.wav',
    root,
    startedAt: new Date(Date.UTC(2026, 0, 31, 10, minute)),
    subject: 'S-017',
    isTorn,
  });

async function refusal(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as Error,
  );
}

describe('deleteSession', function () {
  it('deletes one session whole, and nothing else', () =>
    inFolder(async (root) => {
      const doomed = await record(root);
      const kept = await record(root, 1);
      await symlink(kept, join(doomed, 'link'));
      await deleteSession(root, basename(doomed));
      expect(await readdir(root)).to.deep.equal([basename(kept)]);
      expect(await readdir(kept)).to.include('recording.wav');
    }));

  it('reaches nothing by a path, a link or a name that is no session’s', () =>
    inFolder(async (parent) => {
      const root = join(parent, 'sessions');
      const elsewhere = join(parent, 'elsewhere');
      await mkdir(root);
      await mkdir(elsewhere);
      const outside = await record(elsewhere);
      await symlink(outside, join(root, basename(outside)));
      await mkdir(join(root, 'notes'));
      await writeFile(join(root, '20260131T101500Z'), 'a file');
      for (const name of [
        basename(outside),
        `../elsewhere/${basename(outside)}`,
        '..',
        '.',
        '',
        'notes',
        '20260131T101500Z',
        '20260131T101600Z',
        `${basename(outside)}/`,
        `${basename(outside)}\0`,
      ]) {
        expect(await refusal(deleteSession(root, name)), name).to.be.instanceOf(SessionError);
      }
      expect(await readdir(outside)).to.include('recording.wav');
      expect((await readdir(root)).sort()).to.deep.equal(
        ['20260131T101500Z', basename(outside), 'notes'].sort(),
      );
    }));

  it('leaves a session that another process is recording', () =>
    inFolder(async (root) => {
      const directory = await record(root, 0, true);
      const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20_000)']);
      try {
        const path = join(directory, 'session.json');
        const text = await readFile(path, 'utf8');
        await writeFile(path, text.replace(/"processId": \d+/, `"processId": ${other.pid}`));
        expect((await refusal(deleteSession(root, basename(directory)))).message).to.include(
          'end the recording',
        );
        expect(await readdir(directory)).to.include('recording.wav');
      } finally {
        other.kill();
      }
    }));

  it('deletes one that cannot be read any more', () =>
    inFolder(async (root) => {
      const directory = await record(root);
      await rm(join(directory, 'session.json'));
      await deleteSession(root, basename(directory));
      expect(await readdir(root)).to.deep.equal([]);
    }));
});
