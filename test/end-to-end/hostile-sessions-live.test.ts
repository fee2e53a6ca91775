import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionList } from '../../src/page/session-pages.js';
import { openSession } from '../../src/record/stored-session.js';
import { ask } from '../support/page-client.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { recordSession } from '../support/recorded-session.js';
import { finalOf, RunningLubdub } from '../support/run-lubdub.js';
import { inFolder } from '../support/sessions.js';

describe('pipes in the session folder while a recording runs', function () {
  before(needPseudoTerminals);

  it('cost it no sample however often the list is visited, and Ctrl-C ends it', () =>
    inFolder(async (root) => {
      for (let second = 0; second < 8; second++) {
        const at = new Date(Date.UTC(2026, 0, 31, 10, 0, second));
        const directory = await recordSession({ wav: 'test/recordings/b0344.wav', root, startedAt: at });
        // Each stands where something else is read: the list, the page of a session, its sound, the marks.
        const name = ['session.json', 'result.json', 'events.ndjson', 'recording.wav'][second % 4];
        await rm(join(directory, name));
        execFileSync('mkfifo', [join(directory, name)]);
      }
      const planted = await readdir(root);
      const words = ['replay', 'test/recordings/a0050.wav', '--json', '--page-port', '0', '--out', root];
      const run = new RunningLubdub(words);
      const [, port] = await run.untilText(/http:\/\/127\.0\.0\.1:(\d+)/);
      await run.until('device');
      let isOver = false;
      let visits = 0;
      const visit = async () => {
        while (!isOver) {
          const { body } = await ask(Number(port), '/api/sessions');
          expect((JSON.parse(body.toString()) as SessionList).sessions.length).to.be.at.least(8);
          for (const name of planted) {
            for (const what of [
              '',
              '/look/trace?level=0&first=0&count=1',
              '/audio.wav',
              '/report/windows.csv',
            ]) {
              await ask(Number(port), `/api/sessions/${name}${what}`);
            }
          }
          visits++;
        }
      };
      const visitors = Promise.all([visit(), visit()]);
      await run.until('verdict');
      await run.until('window');
      expect(visits).to.be.above(0);
      isOver = true;
      await visitors;
      run.kill('SIGINT');
      const finished = await run.finished;
      expect(finished.exitCode, finished.stderr).to.equal(0);
      const final = finalOf(finished);
      expect(final).to.include({ lostSamples: 0, droppedWindows: 0 });
      expect(finished.events.filter(({ kind }) => kind === 'gap')).to.deep.equal([]);
      const [own] = (await readdir(root)).filter((name) => !planted.includes(name));
      const session = await openSession(join(root, own));
      expect(session.missing).to.deep.equal([]);
      expect(session.durationSeconds).to.equal(final.durationSeconds);
    }));
});
