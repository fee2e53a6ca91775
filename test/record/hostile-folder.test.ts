import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { appendFile, cp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { SessionError } from '../../src/errors.js';
import type { SessionList } from '../../src/page/session-pages.js';
import { startPage } from '../../src/page/server/start-page.js';
import { checkIntegrity } from '../../src/record/check-integrity.js';
import { listSessions } from '../../src/record/list-sessions.js';
import { recoverSession } from '../../src/record/recover-session.js';
import { checksumText, type SessionResult } from '../../src/record/session-layout.js';
import { openSession } from '../../src/record/stored-session.js';
import { readReportedRecording } from '../../src/report/reported-recording.js';
import { FakeController } from '../support/fake-controller.js';
import { validContract } from '../support/model-contract.js';
import { ask } from '../support/page-client.js';
import { recordSession } from '../support/recorded-session.js';
import { inFolder } from '../support/sessions.js';

const FILES = ['session.json', 'result.json', 'result.json.sha256', 'events.ndjson', 'recording.wav'];

/** What somebody may put in place of a file. */
const TRICKS: Record<string, (path: string) => Promise<void>> = {
  'a pipe': (path) => Promise.resolve(void execFileSync('mkfifo', [path])),
  'a link to an endless device': (path) => symlink('/dev/zero', path),
  'a link to a file': (path) => symlink('/etc/hostname', path),
};

/** Every way to read a session; none may wait, and whatever is refused says why. */
const WAYS: Record<string, (directory: string) => Promise<unknown>> = {
  list: (directory) => listSessions(join(directory, '..')),
  integrity: async (directory) => checkIntegrity(await openSession(directory)),
  report: (directory) => readReportedRecording(directory),
  recover: (directory) => recoverSession(directory, { lubdubVersion: '0' }),
  samples: async (directory) => {
    for await (const value of (await openSession(directory)).sampled()) void value;
  },
};

describe('a session folder that somebody has tampered with', function () {
  for (const [trick, put] of Object.entries(TRICKS)) {
    for (const file of FILES) {
      it(`holds nobody up with ${trick} for ${file}`, () =>
        inFolder(async (root) => {
          const at = new Date('2026-01-31T10:00:00Z');
          const original = await recordSession({ wav: 'test/recordings/b0344.wav', root, startedAt: at });
          for (const [way, use] of Object.entries(WAYS)) {
            const copy = join(root, '..', `${basename(root)}-${way}`, basename(original));
            await cp(original, copy, { recursive: true });
            await rm(join(copy, file));
            await put(join(copy, file));
            const outcome = await use(copy).then(
              () => 'read',
              (error: { code?: string; message: string }) => error,
            );
            if (way === 'list') expect(outcome).to.equal('read');
            else expect(outcome, `${way}: ${JSON.stringify(outcome)}`).to.include({ code: 'LUBDUB_SESSION' });
            await rm(join(copy, '..'), { recursive: true });
          }
        }));
    }
  }

  const oversizes: Record<string, (path: string) => Promise<void>> = {
    // Sparse: takes no room.
    'is larger than any recording’s': (path) => truncate(path, 64 * 2 ** 30),
    'has more lines than any recording’s': (path) => appendFile(path, Buffer.alloc(4_000_001, '\n')),
  };
  for (const [what, enlarge] of Object.entries(oversizes)) {
    it(`is refused by all that read it where its stream of events ${what}`, () =>
      inFolder(async (root) => {
        const at = new Date('2026-01-31T10:00:00Z');
        const directory = await recordSession({ wav: 'test/recordings/b0344.wav', root, startedAt: at });
        await enlarge(join(directory, 'events.ndjson'));
        for (const [way, use] of Object.entries(WAYS)) {
          // One look at four million lines is enough: all begin with it.
          if (way === 'list' || (what.includes('lines') && way !== 'integrity')) continue;
          const outcome = await use(directory).then(
            () => 'read',
            (error: unknown) => error,
          );
          expect(outcome, way).to.be.instanceOf(SessionError);
          expect((outcome as Error).message).to.match(/events\.ndjson.*put the file that was recorded there/);
        }
        if (what.includes('lines')) return;
        const [listed] = await listSessions(root);
        expect(listed.state).to.equal('unreadable');
      }));
  }

  it('is listed by the page, which stays quick for all', () =>
    inFolder(async (root) => {
      for (let second = 0; second < 6; second++) {
        const at = new Date(Date.UTC(2026, 0, 31, 10, 0, second));
        const directory = await recordSession({ wav: 'test/recordings/b0344.wav', root, startedAt: at });
        if (second === 0) continue;
        const file = join(directory, FILES[second % 2]);
        await rm(file);
        await TRICKS['a pipe'](file);
      }
      const page = await startPage({
        controller: new FakeController(new Float64Array(10)),
        version: '0',
        rules: validContract().verdict,
        model: null,
        port: 0,
        sessionsDirectory: root,
      });
      try {
        const answers = await Promise.all(Array.from({ length: 12 }, () => ask(page.port, '/api/sessions')));
        for (const { status, body } of answers) {
          expect(status).to.equal(200);
          const { sessions } = JSON.parse(body.toString()) as SessionList;
          expect(sessions.map(({ state }) => state).sort()).to.deep.equal([
            'finished',
            'torn',
            'torn',
            'torn',
            'unreadable',
            'unreadable',
          ]);
        }
        for (const name of await readdir(root)) {
          for (const what of [
            '',
            '/look/trace?level=0&first=0&count=1',
            '/audio.wav',
            '/report/windows.csv',
          ]) {
            expect((await ask(page.port, `/api/sessions/${name}${what}`)).status).to.be.oneOf([200, 500]);
          }
        }
      } finally {
        await page.close();
      }
    }));

  it('has its cut pieces read in that folder and nowhere else', () =>
    inFolder(async (root) => {
      const at = new Date('2026-01-31T10:00:00Z');
      const directory = await recordSession({
        wav: 'test/recordings/b0344.wav',
        root,
        startedAt: at,
        isTorn: true,
      });
      await recoverSession(directory, { lubdubVersion: '0', force: true });
      const path = join(directory, 'result.json');
      const result = JSON.parse(await readFile(path, 'utf8')) as SessionResult;
      const cut = [{ file: '../../../../../../dev/zero', sha256: '0'.repeat(64) }];
      const text = JSON.stringify({ ...result, recovery: { ...result.recovery!, cut } });
      await writeFile(path, text);
      await writeFile(`${path}.sha256`, checksumText(text));
      const { damage } = await checkIntegrity(await openSession(directory));
      expect(damage.map(({ file }) => file)).to.include(cut[0].file);
    }));
});
