import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { SessionList, SessionPage } from '../../src/page/session-pages.js';
import { startPage, type RunningPage } from '../../src/page/server/start-page.js';
import { FakeController } from '../support/fake-controller.js';
import { validContract } from '../support/model-contract.js';
import { ask, PageClient } from '../support/page-client.js';
import { recordSession } from '../support/recorded-session.js';

const wav = 'test/recordings/b0344.wav';

describe('the page’s corrections', function () {
  let parent: string;
  let root: string;
  let controller: FakeController;
  let page: RunningPage;
  let client: PageClient;
  let id = 0;

  const session = async (minutesAgo: number, change: Partial<Parameters<typeof recordSession>[0]> = {}) =>
    basename(
      await recordSession({
        wav,
        root,
        startedAt: new Date(Date.now() - 60_000 * minutesAgo),
        subject: 'S-017',
        site: 'aortic',
        ...change,
      }),
    );
  const json = async <T>(path: string) => JSON.parse((await ask(page.port, path)).body.toString()) as T;
  /** @returns why it was refused, `null` where it was done */
  const send = async (command: object) => {
    client.send({ id: ++id, ...command });
    const reply = await client.reply(id);
    return (reply as { message: string | null }).message;
  };

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'lubdub-corrections-'));
    root = join(parent, 'sessions');
    await mkdir(root);
    controller = new FakeController(new Float64Array(1000));
    page = await startPage({
      controller,
      version: '0.1.0',
      rules: validContract().verdict,
      model: null,
      port: 0,
      sessionsDirectory: root,
    });
    client = await PageClient.opened(page.port);
  });

  afterEach(async () => {
    await page.close();
    await rm(parent, { recursive: true, force: true });
  });

  it('stand in list, session, examination and joint report, beside what was recorded', async () => {
    const first = await session(5);
    const second = await session(3);
    await json('/api/sessions');
    expect(await send({ command: 'correct', session: second, site: 'mitral', note: 'arm moved' })).to.equal(
      null,
    );
    const { sessions, examinations } = await json<SessionList>('/api/sessions');
    expect(sessions[0]).to.deep.include({ name: second, site: 'mitral', note: 'arm moved' });
    expect(sessions[0].recorded).to.deep.equal({ site: 'aortic', subject: 'S-017' });
    expect(examinations[0].sites.map(({ site }) => site)).to.deep.equal(['aortic', 'mitral']);
    const shown = await json<SessionPage>(`/api/sessions/${second}`);
    expect(shown.corrections).to.have.length(1);
    expect(shown.missing).to.deep.equal([]);
    const query = `session=${first}&session=${second}&timeZone=Asia/Kathmandu`;
    const report = await ask(page.port, `/api/examinations/report/report.html?${query}`);
    const html = report.body.toString().replace(/\s+/g, ' ');
    expect(html)
      .to.include('Joint result of 2 recordings')
      .and.include('UTC+5:45')
      .and.include('Mitral area (apex) (corrected)')
      .and.match(/Site corrected by hand on .*: recorded as Aortic area, is Mitral area/)
      .and.include('Note: arm moved');
    const csv = (await ask(page.port, `/api/examinations/report/windows.csv?${query}`)).body.toString();
    expect(csv.trim().split('\r\n').at(-1)).to.match(/,S-017,mitral,.*,S-017,aortic,arm moved$/);
    // Whose heart it was may have been wrong, too.
    expect(await send({ command: 'correct', session: second, subject: 'S-018' })).to.equal(null);
    const after = await json<SessionList>('/api/sessions');
    expect(after.examinations.map(({ subject }) => subject).sort()).to.deep.equal(['S-017', 'S-018']);
  });

  it('change the examination that is shown live, and what it says of the last recording', async () => {
    const name = await session(0);
    await controller.start({ site: 'aortic', subject: 'S-017' });
    controller.change({ session: name });
    await controller.stop();
    await client.until(() => client.view?.final);
    expect(await send({ command: 'correct', session: name, site: 'tricuspid' })).to.equal(null);
    const view = await client.until(() => client.view?.recorded?.site === 'tricuspid' && client.view);
    expect(view.examination?.sites.map(({ site }) => site)).to.deep.equal(['tricuspid']);
    expect(await send({ command: 'delete', session: name })).to.equal(null);
    await client.until(() => client.view?.status.state === 'idle');
    expect(client.view?.examination).to.equal(null);
    expect(client.view?.recorded).to.equal(null);
    expect(await readdir(root)).to.deep.equal([]);
  });

  it('touch neither a recording under way nor anything outside', async () => {
    const running = await session(0, { isTorn: true });
    await controller.start({ site: 'aortic', subject: 'S-017' });
    controller.change({ session: running });
    const outside = join(parent, 'elsewhere');
    await mkdir(outside);
    const other = basename(
      await recordSession({ wav, root: outside, startedAt: new Date(), subject: 'S-2' }),
    );
    await symlink(join(outside, other), join(root, other));
    for (const command of ['correct', 'delete'] as const) {
      const what = command === 'correct' ? { site: 'mitral' } : {};
      expect(await send({ command, session: running, ...what }), command).to.include('being recorded');
      expect(await send({ command, session: other, ...what }), command).to.include('no session of that name');
      // Also while its name has not reached the page yet.
      controller.change({ session: null });
      expect(await send({ command, session: running, ...what }), command).to.include(
        'end the recording first',
      );
      controller.change({ session: running });
    }
    expect((await readdir(root)).sort()).to.deep.equal([running, other].sort());
    expect(await readdir(join(outside, other)))
      .to.include('recording.wav')
      .and.not.include('corrections.ndjson');
    for (const name of [`../elsewhere/${other}`, '..', '', `${running}/`]) {
      const stranger = await PageClient.opened(page.port);
      stranger.send({ id: 1, command: 'delete', session: name });
      expect(await stranger.until(() => stranger.closeCode), name).to.equal(1008);
    }
    expect((await readdir(root)).sort()).to.deep.equal([running, other].sort());
  });

  it('show a report in a frame of the page and nowhere else, and let nothing in it run', async () => {
    const name = await session(1);
    const path = `/api/examinations/report/report.html?session=${name}&show=1`;
    const { headers, status } = await ask(page.port, path);
    expect(status).to.equal(200);
    const policy = String(headers['content-security-policy']);
    expect(policy).to.include("default-src 'none'").and.include("frame-ancestors 'self'");
    expect(policy)
      .to.match(/sandbox allow-same-origin allow-modals$/)
      .and.not.include('allow-scripts');
    expect(headers['content-disposition']).to.equal(undefined);
    const refused = async (query: string, kind = 'report.html') =>
      (await ask(page.port, `/api/examinations/report/${kind}?${query}`)).status;
    expect(await refused(`session=${name}&show=1`, 'fhir.json')).to.equal(404);
    expect(await refused('')).to.equal(400);
    expect(await refused(`session=${name}&timeZone=Nowhere`)).to.equal(400);
    expect(await refused('session=20260101T000000Z')).to.equal(404);
    expect(await refused(Array.from({ length: 13 }, () => `session=${name}`).join('&'))).to.equal(400);
  });

  it('have heart sounds and a spectrogram beside them, with what is missing as missing', async () => {
    const gapped = await session(1, { gap: { atSample: 4000, lostSamples: 3000 } });
    const sounds = await json<{ sound: string; timeSeconds: number }[]>(`/api/sessions/${gapped}/sounds`);
    expect(sounds.length).to.be.above(8);
    const { body } = await ask(page.port, `/api/sessions/${gapped}/look/bands?level=1&first=0&count=1`);
    for (let column = 0; column < 110; column++) {
      const levels = body.subarray(column * 48, (column + 1) * 48);
      const seconds = 0.08 * column;
      const isMissing = levels.every((level) => level === 0);
      // Lost from 2 s to 3.5 s; a spectrum needs 64 ms to each side.
      if (seconds > 2 && seconds < 3.42) expect(isMissing, `${seconds} s`).to.equal(true);
      if ((seconds > 0.1 && seconds < 1.85) || seconds > 3.6)
        expect(isMissing, `${seconds} s`).to.equal(false);
    }
  });
});
