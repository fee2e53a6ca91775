import { expect } from 'chai';
import { appendFile, mkdir, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionError } from '../../src/errors.js';
import { readWav } from '../../src/decode/file/wav-file.js';
import { checkIntegrity } from '../../src/record/check-integrity.js';
import { listSessions } from '../../src/record/list-sessions.js';
import { recoverSession } from '../../src/record/recover-session.js';
import { openSession } from '../../src/record/stored-session.js';
import { until } from '../support/until.js';
import { canonical, chunk, collect, gap, inFolder, newRecorder } from '../support/sessions.js';

const version = { lubdubVersion: 'test' };
const stream = [chunk(0, 101), gap(101, 10), chunk(111, 100)];

/** A session as a killed process leaves it, with a verdict on its way. */
async function tornSession(folder: string, bitsPerSample = 16): Promise<string> {
  const recorder = newRecorder(folder, { syncIntervalMs: 0, format: { sampleRateHz: 2000, bitsPerSample } });
  const directory = (await recorder.opened)!;
  const scale = 2 ** (bitsPerSample - 1);
  recorder.push(chunk(0, 101, scale));
  recorder.push(gap(101, 10));
  recorder.push(chunk(111, 100, scale));
  recorder.event({ kind: 'verdict', verdict: 'listening' });
  await until(() => recorder.counts.safeSamples === 201, 'all is safe');
  const copy = join(folder, '20260304T050608Z');
  await mkdir(copy);
  for (const name of await readdir(directory))
    await writeFile(join(copy, name), await readFile(join(directory, name)));
  await recorder.finish(null);
  await rm(directory, { recursive: true });
  return copy;
}

async function snapshot(directory: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of (await readdir(directory)).sort())
    files[name] = await readFile(join(directory, name), 'latin1');
  return files;
}

describe('recoverSession', () => {
  it('mends headers, cuts torn ends and keeps them, and marks the result as recovered and not final', () =>
    inFolder(async (folder) => {
      const directory = await tornSession(folder);
      await appendFile(join(directory, 'recording.wav'), Buffer.of(77));
      await appendFile(join(directory, 'events.ndjson'), '{"kind":"wind');
      const torn = await openSession(directory);
      expect(torn.missing).to.deep.equal([
        'the session was never finished: it has no result',
        '1 bytes behind the last whole sample',
        'the last event is torn: 13 bytes of it are there',
      ]);
      const { session, done, damage } = await recoverSession(directory, version);
      expect(damage).to.deep.equal([]);
      expect(done).to.deep.equal([
        '13 torn bytes at the end of events.ndjson are now in events.ndjson.cut-1',
        '1 torn bytes at the end of recording.wav are now in recording.wav.cut-1',
        'the header of recording.wav now says that it holds 201 samples',
        'result.json was written and says that the session was recovered',
      ]);
      expect(await readFile(join(directory, 'recording.wav.cut-1'))).to.deep.equal(Buffer.of(77));
      expect(await readFile(join(directory, 'events.ndjson.cut-1'), 'utf8')).to.equal('{"kind":"wind');
      expect(session.state).to.equal('recovered');
      expect(session.result!.final).to.equal(null);
      expect(session.result!.recovery!.lastVerdict).to.deep.equal({ kind: 'verdict', verdict: 'listening' });
      expect(session.missing).to.include('the last event is torn: 13 bytes of it are there');
      expect(canonical(await collect(session.sampled()))).to.deep.equal(canonical(stream));
      expect((await readWav(join(directory, 'recording.wav'))).notices).to.deep.equal([]);
      expect(await checkIntegrity(session)).to.deep.equal({ damage: [], vouchedSamples: 201 });
      await writeFile(join(directory, 'recording.wav.cut-1'), 'x');
      expect((await checkIntegrity(session)).damage.map(({ file }) => file)).to.deep.equal([
        'recording.wav.cut-1',
      ]);
    }));

  it('does the same again as nothing', () =>
    inFolder(async (folder) => {
      const directory = await tornSession(folder, 24);
      await appendFile(join(directory, 'recording.wav'), Buffer.of(0, 9));
      await recoverSession(directory, version);
      const before = await snapshot(directory);
      expect((await recoverSession(directory, version)).done).to.deep.equal([]);
      expect(await snapshot(directory)).to.deep.equal(before);
    }));

  it('goes on where an interrupted recovery ended', () =>
    inFolder(async (folder) => {
      const directory = await tornSession(folder, 24);
      await appendFile(join(directory, 'recording.wav'), Buffer.of(0, 9));
      await appendFile(join(directory, 'events.ndjson'), '\0\0\0');
      await recoverSession(directory, version);
      const whole = await snapshot(directory);
      await rm(join(directory, 'result.json.sha256'));
      expect((await recoverSession(directory, version)).done).to.deep.equal([
        'result.json.sha256 was written; the session had been finished but for it',
      ]);
      expect(await snapshot(directory)).to.deep.equal(whole);
      await rm(join(directory, 'result.json.sha256'));
      await rm(join(directory, 'result.json'));
      const { session } = await recoverSession(directory, version);
      expect(session.result!.recovery!.cut.map(({ file }) => file)).to.deep.equal([
        'events.ndjson.cut-1',
        'recording.wav.cut-1',
      ]);
      expect((await checkIntegrity(session)).damage).to.deep.equal([]);
    }));

  it('tells a pad byte from a torn one', () =>
    inFolder(async (folder) => {
      // 201 samples of 24 bits are odd: one byte 0 is their pad, any other byte is a torn sample's.
      const padded = await tornSession(folder, 24);
      await appendFile(join(padded, 'recording.wav'), Buffer.of(0));
      await recoverSession(padded, version);
      expect(await readdir(padded)).to.not.include('recording.wav.cut-1');
      const torn = join(folder, '20260304T050609Z');
      await mkdir(torn);
      for (const name of ['session.json', 'events.ndjson', 'recording.wav']) {
        await writeFile(join(torn, name), await readFile(join(padded, name)));
      }
      await truncate(join(torn, 'recording.wav'), 44 + 603);
      await appendFile(join(torn, 'recording.wav'), Buffer.of(5));
      await recoverSession(torn, version);
      expect(await readFile(join(torn, 'recording.wav.cut-1'))).to.deep.equal(Buffer.of(5));
    }));

  it('says what the events tell of and the samples lack', () =>
    inFolder(async (folder) => {
      const directory = await tornSession(folder);
      await truncate(join(directory, 'recording.wav'), 44 + 2 * 150);
      const { session, damage } = await recoverSession(directory, version);
      expect(session.storedSamples).to.equal(150);
      expect(session.missing.join('; ')).to.include('51 samples (0.025 s) at the end');
      expect(damage.map(({ message }) => message)).to.deep.equal(['201 samples were stored, 150 are there']);
      expect(canonical(await collect(session.sampled()))).to.deep.equal(
        canonical([chunk(0, 101), gap(101, 10), chunk(111, 49)]),
      );
    }));

  it('mends what was killed before the first sample', () =>
    inFolder(async (folder) => {
      const directory = await tornSession(folder);
      for (const size of [44, 30, 0, -1]) {
        for (const name of await readdir(directory)) {
          if (name.startsWith('result') || name.includes('cut')) await rm(join(directory, name));
        }
        await writeFile(join(directory, 'events.ndjson'), '');
        if (size >= 0) await truncate(join(directory, 'recording.wav'), size);
        else await rm(join(directory, 'recording.wav'));
        const { session } = await recoverSession(directory, version);
        expect(session.state).to.equal('recovered');
        expect(session.storedSamples).to.equal(0);
        expect(await collect(session.sampled())).to.deep.equal([]);
        expect((await checkIntegrity(session)).damage, `header of ${size} bytes`).to.deep.equal([]);
      }
    }));

  it('puts a result that cannot be read aside', () =>
    inFolder(async (folder) => {
      const directory = await tornSession(folder);
      await writeFile(join(directory, 'result.json'), '{"formatVersion":1,');
      expect((await openSession(directory)).missing).to.include(
        'result.json must be a result, got what is no JSON',
      );
      const { session } = await recoverSession(directory, version);
      expect(session.state).to.equal('recovered');
      expect(await readFile(join(directory, 'result.json.cut-1'), 'utf8')).to.equal('{"formatVersion":1,');
    }));

  it('keeps away from what is still being recorded', async function () {
    if (process.platform === 'win32') return this.skip();
    await inFolder(async (folder) => {
      const directory = await tornSession(folder);
      const path = join(directory, 'session.json');
      // The parent of this process lives as long as the test.
      const text = (await readFile(path, 'utf8')).replace(/"processId": \d+/, `"processId": ${process.ppid}`);
      await writeFile(path, text);
      let failure: unknown;
      await recoverSession(directory, version).catch((error: unknown) => (failure = error));
      expect(failure).to.be.instanceOf(SessionError);
      expect((failure as Error).message).to.match(
        /must not be recorded any more, but process \d+ wrote to it/,
      );
      const longAgo = new Date(Date.now() - 60_000);
      for (const name of ['events.ndjson', 'recording.wav'])
        await utimes(join(directory, name), longAgo, longAgo);
      expect((await recoverSession(directory, version)).session.state).to.equal('recovered');
    });
  });

  it('says that a folder is no session', () =>
    inFolder(async (folder) => {
      let message = '';
      await recoverSession(folder, version).catch((error: Error) => (message = error.message));
      expect(message).to.match(/is no session: it has no session\.json/);
      await writeFile(join(folder, 'session.json'), '{"formatVersion":2}');
      await recoverSession(folder, version).catch((error: Error) => (message = error.message));
      expect(message).to.match(/must describe a session, got formatVersion: .*; restore it from a copy/);
    }));
});

describe('listSessions', () => {
  it('names sessions in the order of their beginning, with their state, and passes over other folders', () =>
    inFolder(async (folder) => {
      await tornSession(folder);
      const later = newRecorder(folder, { startedAt: new Date('2026-03-05T00:00:00Z'), subject: 'A-1' });
      later.push(chunk(0, 2000));
      await later.finish({ kind: 'final', verdict: 'inconclusive' });
      await mkdir(join(folder, 'other'));
      await mkdir(join(folder, '20260306T000000Z'));
      const sessions = await listSessions(folder);
      expect(sessions.map(({ state }) => state)).to.deep.equal(['torn', 'finished', 'unreadable']);
      expect(sessions[1]).to.deep.include({
        subject: 'A-1',
        durationSeconds: 1,
        storedSamples: 2000,
        verdict: 'inconclusive',
        startedAt: '2026-03-05T00:00:00.000Z',
      });
      expect(sessions[2].message).to.match(/it has no session\.json/);
    }));
});
