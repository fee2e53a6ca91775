import { expect } from 'chai';
import fc from 'fast-check';
import { chmod, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError, SessionError } from '../../src/errors.js';
import { checkIntegrity } from '../../src/record/check-integrity.js';
import { listSessions } from '../../src/record/list-sessions.js';
import { corrected, correctSession } from '../../src/record/session-corrections.js';
import { openSession } from '../../src/record/stored-session.js';
import { SITES } from '../../src/verdict/site.js';
import { recordSession } from '../support/recorded-session.js';
import { inFolder } from '../support/sessions.js';

const at = new Date('2026-01-31T10:00:00Z');
const record = (root: string, change: Partial<Parameters<typeof recordSession>[0]> = {}) =>
  recordSession({
    wav: 'test/recordings/b0344.wav',
    root,
    startedAt: at,
    subject: 'S-017',
    site: 'aortic',
    ...change,
  });

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => error as Error,
  );
}

describe('correctSession', function () {
  it('keeps what was said beside what was recorded, and changes no byte of that', () =>
    inFolder(async (root) => {
      const directory = await record(root);
      const names = await readdir(directory);
      const bytes = await Promise.all(names.map((name) => readFile(join(directory, name))));
      await correctSession(directory, { site: 'mitral' }, new Date('2026-01-31T10:05:00Z'));
      await correctSession(directory, { subject: 'S-018', note: ' coughed\n at the end ' });
      const session = await openSession(directory);
      expect(session.recorded).to.deep.equal({ site: 'aortic', subject: 'S-017' });
      expect(session.named).to.deep.equal({ site: 'mitral', subject: 'S-018', note: 'coughed at the end' });
      expect(session.corrections).to.have.length(2);
      expect(session.corrections[0]).to.deep.equal({ at: '2026-01-31T10:05:00.000Z', site: 'mitral' });
      for (const [i, name] of names.entries()) {
        expect((await readFile(join(directory, name))).equals(bytes[i]), name).to.equal(true);
      }
      expect((await checkIntegrity(session)).damage).to.deep.equal([]);
      expect((await listSessions(root))[0].subject).to.equal('S-018');
    }));

  it('takes corrections that come at once, one after the other', () =>
    inFolder(async (root) => {
      const directory = await record(root);
      await Promise.all(
        Array.from({ length: 8 }, (_, i) => correctSession(directory, { note: `note ${i}` })),
      );
      const session = await openSession(directory);
      expect(session.corrections.map(({ note }) => note).sort()).to.deep.equal(
        Array.from({ length: 8 }, (_, i) => `note ${i}`),
      );
      expect(session.correctionsDamage).to.equal(null);
    }));

  it('refuses what is no correction, and a subject that is no code without repeating it', () =>
    inFolder(async (root) => {
      const directory = await record(root);
      for (const correction of [{}, { site: 'knee' as never }, { note: 'x'.repeat(301) }]) {
        expect(await rejection(correctSession(directory, correction))).to.be.instanceOf(ConfigurationError);
      }
      const named = await rejection(correctSession(directory, { subject: 'Jane Doe' }));
      expect(named).to.be.instanceOf(ConfigurationError);
      expect(named.message).not.to.include('Jane');
      expect((await openSession(directory)).corrections).to.deep.equal([]);
    }));

  it('shows as damage where a correction was changed, and adds nothing to that', () =>
    inFolder(async (root) => {
      const directory = await record(root);
      await correctSession(directory, { site: 'mitral' });
      await correctSession(directory, { site: 'tricuspid' });
      const path = join(directory, 'corrections.ndjson');
      const text = await readFile(path, 'utf8');
      for (const changed of [
        text.replace('mitral', 'aortic'),
        text.slice(0, -1),
        text.slice(text.indexOf('\n') + 1),
      ]) {
        await writeFile(path, changed);
        const session = await openSession(directory);
        expect((await checkIntegrity(session)).damage.map(({ file }) => file)).to.deep.equal([
          'corrections.ndjson',
        ]);
        expect(await rejection(correctSession(directory, { note: 'x' }))).to.be.instanceOf(SessionError);
        expect(await readFile(path, 'utf8')).to.equal(changed);
      }
    }));

  it('says so where the corrections are of another session', () =>
    inFolder(async (root) => {
      const one = await record(root);
      const other = await record(root, { startedAt: new Date(at.getTime() + 60_000), site: 'mitral' });
      await correctSession(one, { site: 'mitral' });
      await writeFile(join(other, 'corrections.ndjson'), await readFile(join(one, 'corrections.ndjson')));
      const session = await openSession(other);
      expect(session.named.site).to.equal('mitral');
      expect(session.corrections).to.deep.equal([]);
      expect(session.correctionsDamage).to.include('another session');
    }));

  it('follows no link, and says what is wrong with the disk', () =>
    inFolder(async (root) => {
      const directory = await record(root);
      const secret = join(root, 'secret.txt');
      await writeFile(secret, 'secret');
      await symlink(secret, join(directory, 'corrections.ndjson'));
      expect(await rejection(correctSession(directory, { note: 'x' }))).to.be.instanceOf(SessionError);
      expect(await readFile(secret, 'utf8')).to.equal('secret');
      if (process.getuid?.() === 0) return;
      const locked = await record(root, { startedAt: new Date(at.getTime() + 60_000) });
      await chmod(locked, 0o500);
      expect((await rejection(correctSession(locked, { note: 'x' }))).message).to.include(
        'permission was denied',
      );
      await chmod(locked, 0o700);
    }));
});

describe('corrected', () => {
  it('has the last word of each, and what was recorded where nobody said anything', () => {
    const site = fc.option(fc.constantFrom(...SITES));
    const subject = fc.option(fc.constantFrom('S-1', 'S-2'));
    const correction = fc.record(
      { site, subject, note: fc.option(fc.constantFrom('a', 'b')) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.record({ site, subject }), fc.array(correction), (recorded, corrections) => {
        const named = corrected(recorded, corrections);
        for (const key of ['site', 'subject', 'note'] as const) {
          const last = corrections.filter((said) => said[key] !== undefined).at(-1);
          const before = key === 'note' ? null : recorded[key];
          expect(named[key]).to.equal(last === undefined ? before : last[key]);
        }
      }),
    );
  });
});
