import { expect } from 'chai';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError, SessionError } from '../../../src/errors.js';
import { recordingFiles } from '../../../src/present/commands/named-folders.js';
import { listSessions } from '../../../src/record/list-sessions.js';
import { inFolder } from '../../support/sessions.js';

const refusalOf = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => expect.fail('was accepted'),
    (error: Error) => error,
  );

describe('a folder that is named', () => {
  it('stands for the recordings in it and below, by name; hidden ones and links are left out', () =>
    inFolder(async (root) => {
      await mkdir(join(root, 'ward', '.hidden'), { recursive: true });
      for (const name of [
        'b.wav',
        'ward/a.FLAC',
        'ward/notes.txt',
        'ward/.hidden/x.wav',
        '.y.wav',
        'a.wav',
      ]) {
        await writeFile(join(root, name), '');
      }
      await symlink(root, join(root, 'ward', 'round'));
      expect(await recordingFiles(['no-such.wav', root, join(root, 'b.wav')])).to.deep.equal([
        'no-such.wav',
        ...['a.wav', 'b.wav', 'ward/a.FLAC'].map((name) => join(root, name)),
        join(root, 'b.wav'),
      ]);
    }));

  it('must hold a recording', () =>
    inFolder(async (root) => {
      const refusal = await refusalOf(recordingFiles([root]));
      expect(refusal).to.be.instanceOf(ConfigurationError);
      expect(refusal.message).to.match(/must hold a WAV or FLAC file.*name another folder/);
    }));

  it('and is not there: nobody is told to plug in what is being recorded to', () =>
    inFolder(async (root) => {
      const refusal = await refusalOf(listSessions(join(root, 'nowhere')));
      expect(refusal).to.be.instanceOf(SessionError);
      expect(refusal.message).to.match(/there is no such folder .*check the name/);
      expect(refusal.message).to.not.include('being recorded');
    }));
});
