import { expect } from 'chai';
import { ModelError, RecordingError } from '../../src/errors.js';
import { screenedFile, type FileScreening, type ScreenedFile } from '../../src/screen/file-screening.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { SharedFileScreening, type ScreenHere } from '../../src/screen/shared-file-screening.js';

const noticeOf = (file: string, message: string): ScreeningEvent => ({ kind: 'notice', file, message });
const whoScreened = ({ events: [event] }: ScreenedFile) =>
  event.kind === 'notice' ? event.message : event.kind;

const here: ScreenHere = (path, _options, emit) => {
  if (path === 'unreadable') return Promise.reject(new RecordingError('unreadable: is empty'));
  if (path === 'trap') return Promise.reject(new ModelError('trapped', { code: 'LUBDUB_RUNTIME' }));
  emit(noticeOf(path, 'here'));
  return Promise.resolve();
};

/** Helpers that answer when they are told to. */
class Helping implements FileScreening {
  constructor(readonly ready: Promise<unknown> = Promise.resolve()) {}

  readonly held: (() => void)[] = [];
  most = 0;
  isClosed = false;

  screen(path: string): Promise<ScreenedFile> {
    return new Promise((resolve) => {
      this.held.push(() => resolve(screenedFile([noticeOf(path, 'helper')])));
      this.most = Math.max(this.most, this.held.length);
    });
  }

  async answerAll(): Promise<void> {
    for (let rounds = 0; rounds < 100; rounds++) {
      this.held.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `file ${i}`);

describe('SharedFileScreening', () => {
  it('screens alone in this thread, one that cannot be read included, and goes on after a trap', async () => {
    const alone = new SharedFileScreening(here);
    const answers = await Promise.all(['a', 'unreadable', 'trap', 'b'].map((path) => alone.screen(path)));
    expect(answers.map(whoScreened)).to.deep.equal(['here', 'error', 'error', 'here']);
    expect(answers[1].events[0]).to.include({ code: 'LUBDUB_RECORDING', file: 'unreadable' });
    expect(answers[2].events[0]).to.include({ code: 'LUBDUB_RUNTIME', file: 'trap' });
    await alone.close();
  });

  it('shares the files with its helpers, and never gives them more than they hold', async () => {
    const helpers = new Helping();
    const shared = new SharedFileScreening(here, { threads: 2, pool: helpers });
    const all = Promise.all(names(30).map((path) => shared.screen(path)));
    await helpers.answerAll();
    const answers = await all;
    expect(answers.map(({ events: [event] }) => (event as { file: string }).file)).to.deep.equal(names(30));
    expect(new Set(answers.map(whoScreened))).to.deep.equal(new Set(['here', 'helper']));
    expect(helpers.most).to.equal(4);
    await shared.close();
    expect(helpers.isClosed).to.equal(true);
  });

  it('begins before its helpers have started, and does without them where they cannot', async () => {
    let fail: (error: Error) => void = () => undefined;
    const never = new Promise((_resolve, reject) => (fail = reject));
    const shared = new SharedFileScreening(here, { threads: 1, pool: new Helping(never) });
    expect(whoScreened(await shared.screen('a'))).to.equal('here');
    const trapped = shared.screen('trap');
    fail(new Error('no memory for a thread'));
    expect(whoScreened(await trapped)).to.equal('error');
    expect(whoScreened(await shared.screen('b'))).to.equal('here');
    await shared.close();
  });

  it('leaves a file that spoils this thread to the helpers, and all that follow', async () => {
    const helpers = new Helping();
    const shared = new SharedFileScreening(here, { threads: 1, pool: helpers });
    // They have not started yet, so that this thread takes it.
    const first = shared.screen('trap');
    await helpers.answerAll();
    expect(whoScreened(await first)).to.equal('helper');
    const rest = Promise.all(names(5).map((path) => shared.screen(path)));
    await helpers.answerAll();
    expect((await rest).map(whoScreened)).to.deep.equal(Array(5).fill('helper'));
    await shared.close();
  });
});
