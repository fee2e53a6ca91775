import { expect } from 'chai';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Conditioner, ConditioningTables } from '../../src/condition/conditioner.js';
import { openRecording } from '../../src/decode/file/recording-file.js';
import type { LookBackNews, LookBackReach } from '../../src/page/look-back-messages.js';
import { LookBackRoutes } from '../../src/page/server/look-back/look-back-routes.js';
import { startPage, type RunningPage } from '../../src/page/server/start-page.js';
import { FakeController } from '../support/fake-controller.js';
import { validContract } from '../support/model-contract.js';
import { ask } from '../support/page-client.js';
import { recordSession } from '../support/recorded-session.js';

const WAV = 'test/recordings/b0344.wav';
const BINS = 1024;
const NAMING = { site: null, subject: null };

const floats = (body: Buffer) => new Float32Array(Uint8Array.from(body).buffer);

/** The recording as the model hears it, made in one go; 13 samples of delay are those of the decimation from 2,000 Hz. */
async function heard(wav: string, gap?: { atSample: number; lostSamples: number }): Promise<number[]> {
  const recording = await openRecording(wav);
  const source: number[] = [];
  for await (const { samples } of recording.chunks()) source.push(...samples);
  await recording.close();
  const tables = new ConditioningTables({
    bandPass: { order: 4, lowHz: 25, highHz: 400, sampleRateHz: 2000 },
    decimate: {
      inputRateHz: 2000,
      outputRateHz: 1000,
      antiAlias: { passHz: 400, stopHz: 600, stopbandDb: 80 },
    },
  });
  const stretch = (samples: number[]) => [
    ...new Conditioner(tables).execute(Float64Array.from(samples)).subarray(13),
    ...new Array<number>(13).fill(NaN),
  ];
  if (gap === undefined) return stretch(source);
  return [
    ...stretch(source.slice(0, gap.atSample)),
    ...new Array<number>(gap.lostSamples / 2).fill(NaN),
    ...stretch(source.slice(gap.atSample)),
  ];
}

describe('what a page can look back at', () => {
  let root: string;
  let session: string;
  let controller: FakeController;
  let page: RunningPage;
  const gap = { atSample: 8000, lostSamples: 3000 };

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'lubdub-look-back-'));
    session = basename(await recordSession({ wav: WAV, root, startedAt: new Date(0), gap }));
  });
  after(() => rm(root, { recursive: true, force: true }));

  beforeEach(async () => {
    controller = await FakeController.playing(WAV);
    page = await serve();
  });
  afterEach(() => page.close());

  const serve = (options: Partial<Parameters<typeof startPage>[0]> = {}) =>
    startPage({
      controller,
      version: '',
      rules: validContract().verdict,
      model: null,
      port: 0,
      sessionsDirectory: root,
      ...options,
    });
  const get = (path: string, headers: Record<string, string> = {}) => ask(page.port, path, { headers });
  const news = async (recording: number, from: number, to: number) => {
    const { body } = await get(`/api/live/${recording}?from=${from}&to=${to}`);
    return JSON.parse(body.toString()) as LookBackNews;
  };

  it('is the recording under way, its trace and what was found in it', async () => {
    const sent: number[] = [];
    controller.trace$.subscribe(({ samples }) => sent.push(...samples));
    await controller.start(NAMING);
    controller.play(3);
    controller.lose(0.5);
    controller.play(2);
    controller.window(0);
    controller.marks$.next([{ timeSeconds: 1.25, sound: 'S1' }]);
    const contact = (atSample: number, touches: boolean) =>
      controller.events$.next({
        kind: 'status',
        batteryPercent: null,
        contact: touches,
        atSample,
        overrunSamples: 0,
        clippedSamples: 0,
      });
    contact(4000, false);
    contact(5000, true);

    const { headers, body } = await get('/api/live/1/trace?level=0&first=0&count=6');
    expect(headers['x-until']).to.equal('5.5');
    const tile = floats(body);
    const shown = Array.from({ length: 5500 }, (_, i) => tile[2 * i]);
    const whole = [...sent.slice(0, 3000), ...new Array<number>(500).fill(NaN), ...sent.slice(3000)];
    expect(shown).to.deep.equal([...Float32Array.from(whole)]);
    expect(tile[2 * 5500]).to.be.NaN;

    const told = await news(1, 0, 5.5);
    expect(told.endSeconds).to.be.closeTo(5.5, 1e-9);
    expect(told.marks).to.deep.equal([{ timeSeconds: 1.25, sound: 'S1' }]);
    expect(told.windows).to.deep.equal([{ startSeconds: 0, endSeconds: 3, usable: true, probability: 0.2 }]);
    expect(told.gaps).to.deep.equal([{ fromSeconds: 3, toSeconds: 3.5, lostSamples: 1000, cause: 'lost' }]);
    expect(told.noContact).to.deep.equal([{ fromSeconds: 2, toSeconds: 2.5 }]);
    const bands = await get('/api/live/1/bands?level=0&first=0&count=1');
    expect(bands.body).to.have.length(256 * 48);
    expect(bands.body.some((level) => level > 100)).to.equal(true);
  });

  it('outlives the recording until another one begins, or it is discarded', async () => {
    await controller.start(NAMING);
    controller.play(2);
    await controller.stop();
    controller.change({ preview: 'listening' });
    controller.play(1);
    expect((await news(1, 0, 2)).endSeconds).to.be.closeTo(2, 1e-9);
    expect((await get('/api/live/2?from=0&to=1')).status).to.equal(200);
    controller.change({ preview: null });
    await controller.start(NAMING);
    expect((await get('/api/live/1?from=0&to=1')).status).to.equal(404);
    expect((await get('/api/live/2?from=0&to=1')).status).to.equal(404);
    controller.play(1);
    await controller.stop();
    await controller.discard();
    expect((await get('/api/live/3?from=0&to=1')).status).to.equal(404);
  });

  it('is kept in bounded memory; what is older comes from the session that is written, where one is', async () => {
    await controller.start(NAMING);
    controller.play(560);
    const old = await get('/api/live/1/trace?level=0&first=0&count=1');
    expect(floats(old.body).every(Number.isNaN)).to.equal(true);
    const without = await news(1, 0, 1);
    expect(without.isStored).to.equal(false);
    expect(without.keptFromSeconds.trace[0]).to.be.within(30, 40);
    expect(without.keptFromSeconds.trace[2]).to.equal(0);
    const outline = floats((await get('/api/live/1/trace?level=2&first=0&count=1')).body);
    expect(outline.some(Number.isNaN)).to.equal(false);

    controller.change({ session });
    const stored = await news(1, 0, 1);
    expect(stored.isStored).to.equal(true);
    expect(stored.keptFromSeconds.trace.slice(0, 4)).to.deep.equal([0, 0, 0, 0]);
    const tile = floats((await get('/api/live/1/trace?level=0&first=1&count=1')).body);
    const expected = (await heard(WAV, gap)).slice(BINS, 2 * BINS);
    expected.forEach((value, i) => expect(tile[2 * i]).to.be.closeTo(value, 1e-6));
  });

  it('is a stored session in the same tiles: what is coarse, read at once, agrees with what is fine, read anywhere', async () => {
    const reach = JSON.parse((await get(`/api/sessions/${session}/look`)).body.toString()) as LookBackReach;
    expect(reach.sampleRateHz).to.equal(1000);
    const all = await heard(WAV, gap);
    expect(reach.endSeconds).to.be.closeTo(all.length / 1000, 1e-9);
    for (const level of [0, 1, 2, 4, 7]) {
      const length = 4 ** level;
      const count = Math.min(8, Math.ceil(all.length / length / BINS));
      const { body } = await get(`/api/sessions/${session}/look/trace?level=${level}&first=0&count=${count}`);
      const tiles = floats(body);
      expect(tiles).to.have.length(2 * BINS * count);
      for (let bin = 0; bin < BINS * count; bin++) {
        const inside = all.slice(bin * length, (bin + 1) * length).filter((value) => !Number.isNaN(value));
        if (inside.length === 0) expect(tiles[2 * bin], `${level} ${bin}`).to.be.NaN;
        else {
          expect(tiles[2 * bin], `${level} ${bin}`).to.be.closeTo(Math.min(...inside), 2e-4);
          expect(tiles[2 * bin + 1], `${level} ${bin}`).to.be.closeTo(Math.max(...inside), 2e-4);
        }
      }
    }
    // The spectrogram read in one go and read around one tile are the same.
    const whole = await get(`/api/sessions/${session}/look/bands?level=1&first=0&count=1`);
    const parts = await get(`/api/sessions/${session}/look/bands?level=0&first=0&count=4`);
    for (let column = 0; column < 200; column++) {
      for (let row = 0; row < 48; row++) {
        const fine = [0, 1, 2, 3].map((i) => parts.body[(4 * column + i) * 48 + row]);
        expect(whole.body[column * 48 + row], `${column} ${row}`).to.be.closeTo(Math.max(...fine), 3);
      }
    }
  });

  it('costs the screening nothing that grows: too many questions a second are refused', async () => {
    let nowMs = 0;
    const routes = new LookBackRoutes({ of: () => ({ news: () => ({}) }) as never }, () => nowMs);
    const granted = async (questions: number) => {
      let count = 0;
      for (let i = 0; i < questions; i++) {
        const response = new ServerResponse(new IncomingMessage(new Socket()));
        await routes.answerLive(response, new URLSearchParams('from=0&to=1'), ['1']).then(
          () => count++,
          (error: unknown) => expect(error).to.include({ status: 503 }),
        );
      }
      return count;
    };
    expect(await granted(200)).to.equal(120);
    nowMs += 500;
    expect(await granted(200)).to.equal(30);
    nowMs += 3600_000;
    expect(await granted(200)).to.equal(120);
  });

  it('says so to a page that asks too often, and answers the others that came with it', async () => {
    await controller.start(NAMING);
    controller.play(1);
    const beganAt = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => get('/api/live/1/trace?level=0&first=0&count=1')),
    );
    const seconds = (performance.now() - beganAt) / 1000;
    const count = (code: number) => answers.filter(({ status }) => status === code).length;
    expect(count(200) + count(503)).to.equal(200);
    expect(count(200)).to.be.within(120, 121 + 60 * seconds);
  });

  it('refuses what is no part of a recording', async () => {
    await controller.start(NAMING);
    controller.play(1);
    for (const query of [
      'level=8&first=0&count=1',
      'level=0&first=-1&count=1',
      'level=0&first=0&count=9',
      'level=0.5&first=0&count=1',
      'first=0&count=1',
    ]) {
      expect((await get(`/api/live/1/trace?${query}`)).status, query).to.equal(400);
    }
    expect((await get('/api/live/1')).status).to.equal(400);
    for (const path of [
      '/api/live',
      '/api/live/x',
      '/api/live/1/sounds?level=0&first=0&count=1',
      '/api/live/9/trace',
    ]) {
      expect((await get(path)).status, path).to.equal(404);
    }
    expect((await get(`/api/sessions/none/look`)).status).to.equal(404);
  });

  it('is for who has the token alone', async () => {
    await page.close();
    page = await serve({ token: 'a-token-of-enough-letters' });
    await controller.start(NAMING);
    controller.play(1);
    expect((await get('/api/live/1?from=0&to=1')).status).to.equal(401);
    expect((await get(`/api/sessions/${session}/look`)).status).to.equal(401);
    const authorization = 'Bearer a-token-of-enough-letters';
    expect((await get('/api/live/1?from=0&to=1', { authorization })).status).to.equal(200);
  });
});
