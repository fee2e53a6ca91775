import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSubjects, Subjects } from '../../src/calibrate/subjects.js';
import { inFolder } from '../support/sessions.js';

const refusal = async (table: string): Promise<string> => {
  let message = '';
  await inFolder(async (folder) => {
    await writeFile(join(folder, 's.csv'), table);
    message = await readSubjects(join(folder, 's.csv')).then(
      () => 'accepted',
      (error: Error) => error.message,
    );
  });
  return message;
};

describe('table of subjects', () => {
  it('names files from its own folder, from here, or by their names alone', () => {
    const subjects = new Subjects(
      [
        ['day1/a.wav', 'A'],
        ['b.wav', 'B'],
      ],
      '/table',
    );
    expect(subjects.of('/table/day1/a.wav')).to.equal('A');
    expect(subjects.of('b.wav')).to.equal('B');
    expect(subjects.of('/elsewhere/b.wav')).to.equal('B');
    expect(subjects.of('/elsewhere/c.wav')).to.equal(null);
  });

  it('does not guess between two files of one name', () => {
    const subjects = new Subjects(
      [
        ['1/a.wav', 'A'],
        ['2/a.wav', 'B'],
      ],
      '/table',
    );
    expect(subjects.of('/table/2/a.wav')).to.equal('B');
    expect(subjects.of('/elsewhere/a.wav')).to.equal(null);
  });

  it('says what is wrong with a table', async () => {
    expect(await refusal('record,subject\na.wav,A\n')).to.match(
      /columns file and subject, got "record,subject"/,
    );
    expect(await refusal('file,subject\na.wav,\n')).to.match(/line 2: file and subject must both be there/);
    expect(await refusal('')).to.match(/columns file and subject/);
    expect(await refusal('subject,file,site\nA,a.wav,mitral\n')).to.equal('accepted');
  });
});
