import { expect } from 'chai';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { openRecording } from '../../src/decode/file/recording-file.js';
import { parseRange } from '../../src/page/server/http-answers.js';
import type { SessionList, SessionPage } from '../../src/page/session-pages.js';
import { startPage, type RunningPage } from '../../src/page/server/start-page.js';
import { REPORT_FORMATS } from '../../src/report/report-formats.js';
import { FakeController } from '../support/fake-controller.js';
import { validContract } from '../support/model-contract.js';
import { ask } from '../support/page-client.js';
import { recordSession } from '../support/recorded-session.js';

const wav = 'test/recordings/b0344.wav';

describe('the stored sessions’ pages', () => {
  let parent: string;
  const controller = new FakeController(new Float64Array(1000));
  let page: RunningPage;
  let whole: string;
  let gapped: string;
  const gap = { atSample: 4000, lostSamples: 3000 };

  before(async () => {
    parent = await mkdtemp(join(tmpdir(), 'lubdub-page-'));
    const root = join(parent, 'sessions');
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 31, 10, minute));
    const session = async (options: Omit<Parameters<typeof recordSession>[0], 'wav' | 'root'>) =>
      basename(await recordSession({ wav, root, ...options }));
    await mkdir(root);
    whole = await session({ startedAt: at(0), subject: 'S-017', site: 'aortic' });
    gapped = await session({ startedAt: at(5), subject: 'S-017', site: 'mitral', verdict: 'abnormal', gap });
    await session({ startedAt: at(1), isTorn: true });
    await session({ startedAt: at(2), subject: 'S-018', site: '<script>' });
    await mkdir(join(root, '20260131T101500Z_empty'));
    await mkdir(join(root, 'not-a-session'));
    await writeFile(join(parent, 'secret.txt'), 'secret');
    await symlink(join(parent, 'secret.txt'), join(root, whole, 'link.txt'));
    await symlink(parent, join(root, '20260131T101600Z_link'));
    await writeFile(join(root, whole, '.hidden'), 'secret');
    page = await startPage({
      controller,
      version: '0.1.0',
      rules: validContract().verdict,
      model: null,
      port: 0,
      sessionsDirectory: root,
    });
  });

  after(async () => {
    await page.close();
    await rm(parent, { recursive: true, force: true });
  });

  const get = async (path: string, headers: Record<string, string> = {}) => ask(page.port, path, { headers });
  const json = async <T>(path: string) => JSON.parse((await get(path)).body.toString()) as T;

  it('lists sessions, the newest first, whole, torn and unreadable', async () => {
    const { sessions, examinations } = await json<SessionList>('/api/sessions');
    expect(
      sessions.map(({ state, subject, site, final }) => [state, subject, site, final?.verdict ?? null]),
    ).to.deep.equal([
      ['unreadable', null, null, null],
      ['finished', 'S-017', 'mitral', 'abnormal'],
      ['finished', 'S-018', null, 'normal'],
      ['torn', null, null, null],
      ['finished', 'S-017', 'aortic', 'normal'],
    ]);
    expect(sessions[4].startedAt).to.equal('2026-01-31T10:00:00.000Z');
    expect(sessions[4].final).to.deep.include({ heartRateBpm: 72, probability: 0.2 });
    expect(examinations.map(({ subject, verdict, sites }) => [subject, verdict, sites.length])).to.deep.equal(
      [
        ['S-018', 'normal', 1],
        ['S-017', 'abnormal', 2],
      ],
    );
  });

  it('shows one session with its windows, gaps and files', async () => {
    const session = await json<SessionPage>(`/api/sessions/${gapped}`);
    // The recording's 8 s and a gap of 1.5 s.
    expect(session.durationSeconds).to.equal(9.5);
    expect(session.gaps).to.deep.equal([
      { fromSeconds: 2, toSeconds: 3.5, lostSamples: 3000, cause: 'lost' },
    ]);
    expect(session.windows[0]).to.deep.include({ kind: 'window', index: 0, usable: true });
    expect(session.missing).to.deep.equal([]);
    expect(session.files.map(({ name }) => name)).to.include.members([
      'recording.wav',
      'events.ndjson',
      'result.json',
    ]);
  });

  it('says what a torn session lacks', async () => {
    const { sessions } = await json<SessionList>('/api/sessions');
    const torn = sessions.find(({ state }) => state === 'torn')!;
    expect((await json<SessionPage>(`/api/sessions/${torn.name}`)).missing).to.not.deep.equal([]);
  });

  it('makes reports of a session, to keep', async () => {
    const report = async (kind: string) => get(`/api/sessions/${gapped}/report/${kind}`);
    const html = await report('report.html');
    expect(html.headers['content-disposition']).to.equal(`attachment; filename="${gapped}_report.html"`);
    expect(html.headers['content-type']).to.equal('text/html; charset=utf-8');
    expect(html.headers['content-security-policy']).to.include('sandbox');
    expect(html.body.toString())
      .to.match(/^<!doctype html>/i)
      .and.include('S-017');
    const bundle = JSON.parse((await report('fhir.json')).body.toString()) as { resourceType: string };
    expect(bundle.resourceType).to.equal('Bundle');
    const rows = (await report('windows.csv')).body.toString().trim().split('\n');
    expect(rows).to.have.length(1 + (await json<SessionPage>(`/api/sessions/${gapped}`)).windows.length);
    expect((await report('other')).status).to.equal(404);
  });

  it('offers every form of a report that there is', async () => {
    const { reports } = await json<SessionPage>(`/api/sessions/${gapped}`);
    expect(reports.map(({ name }) => name)).to.deep.equal(
      Object.values(REPORT_FORMATS).map(({ file }) => file),
    );
    for (const { file, mediaType } of Object.values(REPORT_FORMATS)) {
      const { status, headers } = await get(`/api/sessions/${gapped}/report/${file}`);
      expect([status, headers['content-type']], file).to.deep.equal([200, mediaType]);
    }
  });

  it('calls a session that is being written neither whole nor torn', async () => {
    const { sessions } = await json<SessionList>('/api/sessions');
    const { name } = sessions.find(({ state }) => state === 'torn')!;
    const stateOf = async () =>
      (await json<SessionList>('/api/sessions')).sessions.find((session) => session.name === name)!.state;
    controller.change({ state: 'recording', session: name });
    expect(await stateOf()).to.equal('recording');
    controller.change({ state: 'stopped' });
    expect(await stateOf()).to.equal('torn');
  });

  it('gives no way out of the session folder', async () => {
    const names = [
      '..',
      '../secret.txt',
      '%2e%2e',
      '..%2fsecret.txt',
      '20260131T101600Z_link',
      'not-a-session',
      '%00',
      `${whole}%2f..`,
    ];
    for (const name of names) {
      for (const rest of [
        '',
        '/files/secret.txt',
        '/files/session.json',
        '/audio.wav',
        '/look/trace?level=0&first=0&count=1',
      ]) {
        const { status, body } = await get(`/api/sessions/${name}${rest}`);
        expect(status, name + rest).to.be.oneOf([400, 404]);
        expect(body.toString()).to.not.include('secret');
      }
    }
    for (const file of [
      'link.txt',
      '.hidden',
      '..',
      '%2e%2e%2fsecret.txt',
      '..%5csecret.txt',
      'missing.wav',
      '%00',
      'a/b',
    ]) {
      expect((await get(`/api/sessions/${whole}/files/${file}`)).status, file).to.equal(404);
    }
    expect((await json<SessionPage>(`/api/sessions/${whole}`)).files.map(({ name }) => name)).to.not.include(
      'link.txt',
    );
  });

  it('hands files out to keep, never to show', async () => {
    const { status, headers, body } = await get(`/api/sessions/${whole}/files/session.json`);
    expect(status).to.equal(200);
    expect(headers['content-disposition']).to.equal(`attachment; filename="${whole}_session.json"`);
    expect(headers['content-type']).to.equal('application/octet-stream');
    expect(headers['content-security-policy']).to.include('sandbox');
    expect(JSON.parse(body.toString())).to.include({ subject: 'S-017' });
  });

  it('plays the recording at a rate that browsers play, with its tones at their pitch', async () => {
    const { body, headers } = await get(`/api/sessions/${gapped}/audio.wav?gain=1`);
    expect(headers['content-type']).to.equal('audio/wav');
    expect(body.toString('latin1', 0, 4)).to.equal('RIFF');
    expect(body.readUInt32LE(24)).to.equal(8000);
    expect(body.readUInt32LE(40)).to.equal(body.length - 44);
    const recording = await openRecording(wav);
    const source: number[] = [];
    for await (const { samples } of recording.chunks()) source.push(...samples);
    await recording.close();
    expect(body.length - 44).to.equal(2 * 4 * (source.length + gap.lostSamples));
    // Every fourth sample is the recording's own, as far as a low-pass at 0.5 of its rate leaves it.
    let error = 0;
    let energy = 0;
    for (let i = 1000; i < 3900; i++) {
      const played = body.readInt16LE(44 + 2 * 4 * i) / 32768;
      error += (played - source[i]) ** 2;
      energy += source[i] ** 2;
    }
    expect(error / energy).to.be.below(1e-3);
    // Silence in the gap, but for the filter's reach.
    for (let i = 4100; i < 6900; i++) expect(body.readInt16LE(44 + 8 * i)).to.equal(0);
  });

  it('plays any part, equal to the same part of the whole', async () => {
    const path = `/api/sessions/${whole}/audio.wav?gain=3`;
    const all = (await get(path)).body;
    for (const [begin, end] of [
      [0, 10],
      [10, 100],
      [43, 46],
      [30_001, 99_998],
      [all.length - 5, all.length],
    ]) {
      const { status, headers, body } = await get(path, { range: `bytes=${begin}-${end - 1}` });
      expect(status).to.equal(206);
      expect(headers['content-range']).to.equal(`bytes ${begin}-${end - 1}/${all.length}`);
      expect(body.equals(all.subarray(begin, end)), `${begin}-${end}`).to.equal(true);
    }
    expect((await get(path, { range: `bytes=${all.length}-` })).status).to.equal(416);
  });

  it('reads ranges as RFC 9110 has them', () => {
    expect(parseRange(undefined, 100)).to.equal(null);
    expect(parseRange('bytes=0-', 100)).to.deep.equal({ begin: 0, end: 100 });
    expect(parseRange('bytes=10-19', 100)).to.deep.equal({ begin: 10, end: 20 });
    expect(parseRange('bytes=90-500', 100)).to.deep.equal({ begin: 90, end: 100 });
    expect(parseRange('bytes=-10', 100)).to.deep.equal({ begin: 90, end: 100 });
    expect(parseRange('bytes=-500', 100)).to.deep.equal({ begin: 0, end: 100 });
    expect(parseRange('bytes=100-', 100)).to.equal('unsatisfiable');
    expect(parseRange('bytes=-0', 100)).to.equal('unsatisfiable');
    for (const other of ['bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,5-6', 'items=0-1', 'bytes=a-b']) {
      expect(parseRange(other, 100), other).to.equal(null);
    }
  });
});
