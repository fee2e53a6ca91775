import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readWav } from '../../src/decode/file/wav-file.js';
import { checkIntegrity } from '../../src/record/check-integrity.js';
import { recoverSession } from '../../src/record/recover-session.js';
import type { RecordingTrouble } from '../../src/record/session-recorder.js';
import { checkSessionRoot } from '../../src/record/session-root.js';
import { openSession } from '../../src/record/stored-session.js';
import { FaultyDisk } from '../support/disks.js';
import { until } from '../support/until.js';
import { canonical, chunk, collect, gap, inFolder, newRecorder } from '../support/sessions.js';

const version = { lubdubVersion: 'test' };

function recordOn(folder: string, disk: FaultyDisk, changes = {}) {
  const troubles: RecordingTrouble[] = [];
  const recorder = newRecorder(folder, {
    fileSystem: disk,
    syncIntervalMs: 10,
    onTrouble: (trouble) => troubles.push(trouble),
    ...changes,
  });
  return { recorder, troubles };
}

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'no error',
    (error: Error) => error.message,
  );
}

describe('recording on a disk that fails', () => {
  it('says once that the disk is full, keeps whole what is there, and counts the rest', () =>
    inFolder(async (folder) => {
      for (const capacity of [1501, 2000, 2345, 5001]) {
        const disk = new FaultyDisk();
        const { recorder, troubles } = recordOn(folder, disk);
        const directory = (await recorder.opened)!;
        disk.capacity = capacity;
        for (let i = 0; i < 60; i++) {
          recorder.push(chunk(i * 100, 100));
          recorder.event({ kind: 'window', index: i });
          if (i % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        }
        const outcome = await recorder.finish({ verdict: 'normal' });
        expect(troubles.map(({ state }) => state)).to.deep.equal(['stopped']);
        expect(troubles[0].message).to.match(
          /stopped: no space is left \(ENOSPC\); free some\. The screening goes on/,
        );
        expect(troubles[0].code).to.equal('LUBDUB_SESSION');
        expect(outcome.state).to.equal('unfinished');
        expect(outcome.storedSamples + outcome.notStored.samples).to.equal(6000);

        const torn = await openSession(directory);
        expect(torn.storedSamples).to.equal(outcome.storedSamples);
        expect(torn.files.tornBytes + torn.survey.tornBytes).to.equal(0);
        expect((await checkIntegrity(torn)).damage).to.deep.equal([]);
        const { session } = await recoverSession(directory, version);
        const expected = outcome.storedSamples === 0 ? [] : canonical([chunk(0, outcome.storedSamples)]);
        expect(canonical(await collect(session.sampled()))).to.deep.equal(expected);
      }
    }));

  it('leaves whole lines when the disk is full in the middle of one', () =>
    inFolder(async (folder) => {
      for (const capacity of [100, 150, 201]) {
        const disk = new FaultyDisk();
        // A checkpoint among the events would take the space of some of them.
        const { recorder, troubles } = recordOn(folder, disk, { syncIntervalMs: 1e9 });
        const directory = (await recorder.opened)!;
        disk.capacity = capacity;
        for (let i = 0; i < 50; i++) recorder.event({ kind: 'window', index: i });
        await until(() => troubles.length > 0, 'the trouble is told');
        disk.capacity = Infinity;
        const outcome = await recorder.finish(null);
        const session = await openSession(directory);
        expect(session.state).to.equal('stopped');
        expect(session.survey.tornBytes).to.equal(0);
        expect((await checkIntegrity(session)).damage).to.deep.equal([]);
        const kept = (await collect(session.events())).length;
        expect(kept).to.equal(Math.floor(capacity / 28));
        // Those that were being written are counted as not stored, though some of them are there.
        expect(outcome.notStored.events).to.be.within(50 - kept, 50);
      }
    }));

  it('finishes as stopped when there is space again for the result', () =>
    inFolder(async (folder) => {
      const disk = new FaultyDisk();
      const { recorder, troubles } = recordOn(folder, disk);
      recorder.push(chunk(0, 400));
      const directory = (await recorder.opened)!;
      await until(() => recorder.counts.safeSamples === 400, 'the samples are stored');
      disk.capacity = 101;
      recorder.push(chunk(400, 400));
      recorder.push(gap(800, 20));
      await until(() => troubles.length > 0, 'the trouble is told');
      recorder.push(chunk(820, 400));
      disk.capacity = Infinity;
      const outcome = await recorder.finish({ verdict: 'normal' });
      expect(outcome.state).to.equal('stopped');
      expect(outcome.message).to.match(/no space is left/);
      expect(outcome.storedSamples + outcome.notStored.samples).to.equal(1200);
      const session = await openSession(directory);
      expect(session.state).to.equal('stopped');
      expect(session.result!.final).to.deep.equal({ verdict: 'normal' });
      expect(session.result!.stoppedBecause).to.match(/ENOSPC/);
      expect(session.missing.join()).to.match(/storing stopped: \d+ samples and \d+ events/);
      expect((await checkIntegrity(session)).damage).to.deep.equal([]);
      const wav = await readWav(join(directory, 'recording.wav'));
      expect(wav.notices).to.deep.equal([]);
      expect([...wav.samples]).to.deep.equal([...chunk(0, outcome.storedSamples).samples]);
    }));

  for (const [code, remedy] of [
    ['EROFS', /the disk is read-only \(EROFS\); switch its write protection off/],
    ['EIO', /the disk failed \(EIO\); check it/],
    ['ENODEV', /the folder is gone \(ENODEV\); plug the disk in again/],
  ] as const) {
    it(`goes on without the disk after ${code}`, () =>
      inFolder(async (folder) => {
        const disk = new FaultyDisk();
        const { recorder, troubles } = recordOn(folder, disk);
        recorder.push(chunk(0, 500));
        const directory = (await recorder.opened)!;
        await until(() => recorder.counts.safeSamples === 500, 'the samples are stored');
        disk.fault = code;
        for (let i = 5; i < 25; i++) recorder.push(chunk(i * 100, 100));
        const outcome = await recorder.finish(null);
        expect(outcome).to.deep.include({ state: 'unfinished', storedSamples: 500 });
        expect(outcome.notStored.samples).to.equal(2000);
        expect(troubles).to.have.length(1);
        expect(troubles[0].message).to.match(remedy);
        expect((await openSession(directory)).storedSamples).to.equal(500);
      }));
  }

  it('notices that its folder was deleted, though no write fails', () =>
    inFolder(async (folder) => {
      const { recorder, troubles } = recordOn(folder, new FaultyDisk());
      recorder.push(chunk(0, 100));
      const directory = (await recorder.opened)!;
      await rm(directory, { recursive: true });
      await until(() => {
        recorder.push(chunk(100, 100));
        return troubles.length > 0;
      }, 'the trouble is told');
      expect(troubles[0].message).to.match(/the folder is gone/);
      expect((await recorder.finish(null)).state).to.equal('unfinished');
    }));

  it('screens on when not even the folder can be made', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      const { recorder, troubles } = recordOn(join(folder, 'file'), new FaultyDisk());
      recorder.push(chunk(0, 100));
      expect(await recorder.opened).to.equal(null);
      expect(await recorder.finish(null)).to.deep.include({
        directory: null,
        state: 'unfinished',
        storedSamples: 0,
      });
      expect(recorder.counts.notStored.samples).to.equal(100);
      expect(troubles.map(({ state }) => state)).to.deep.equal(['stopped']);
    }));

  it('takes disks that take a few bytes at a time', () =>
    inFolder(async (folder) => {
      const disk = new FaultyDisk();
      disk.mostBytesAtOnce = 7;
      const { recorder } = recordOn(folder, disk);
      const stream = [chunk(0, 50), gap(50, 1), chunk(51, 51)];
      for (const value of stream) recorder.push(value);
      const outcome = await recorder.finish(null);
      expect(outcome.state).to.equal('finished');
      const session = await openSession(outcome.directory!);
      expect(canonical(await collect(session.sampled()))).to.deep.equal(canonical(stream));
      expect((await checkIntegrity(session)).damage).to.deep.equal([]);
    }));

  it('warns when the disk will not last an hour', () =>
    inFolder(async (folder) => {
      const disk = new FaultyDisk();
      disk.free = 2_000_000;
      const { recorder, troubles } = recordOn(folder, disk);
      await recorder.opened;
      await until(() => troubles.length > 0, 'the trouble is told');
      expect(troubles[0]).to.deep.include({ kind: 'recording', state: 'low-space' });
      expect(troubles[0].message).to.match(/room for about 5 minutes of recording \(1\.9 MiB\)/);
      expect((await recorder.finish(null)).state).to.equal('finished');
    }));
});

describe('recording on a disk that stalls', () => {
  it('holds no more than it may, and says just what is missing and where', () =>
    inFolder(async (folder) => {
      const disk = new FaultyDisk();
      const { recorder, troubles } = recordOn(folder, disk, { maxQueuedBytes: 10_000 });
      const directory = (await recorder.opened)!;
      disk.stall();
      let most = 0;
      for (let i = 0; i < 100; i++) {
        recorder.push(chunk(i * 100, 100));
        if (i === 80) recorder.push(gap(8100, 0, 'restart'));
        if (i % 10 === 0) recorder.event({ kind: 'window', index: i });
        most = Math.max(most, recorder.counts.queuedBytes);
      }
      expect(most).to.be.at.most(10_000);
      expect(troubles.map(({ state }) => state)).to.deep.equal([]);
      await Promise.resolve();
      expect(troubles.map(({ state }) => state)).to.deep.equal(['behind']);
      disk.resume();
      await recorder.room();
      await until(() => recorder.counts.queuedBytes === 0, 'the queue is empty');
      recorder.push(chunk(10_000, 100));
      const outcome = await recorder.finish({ verdict: 'normal' });
      expect(outcome.state).to.equal('finished');
      const missing = outcome.notStored.samples;
      expect(missing).to.be.within(4900, 5300);

      const session = await openSession(directory);
      expect(session.storedSamples).to.equal(10_100 - missing);
      const from = 10_000 - missing;
      expect(session.notStored).to.have.length(1);
      expect(session.notStored[0]).to.deep.include({
        atSample: from,
        lostSamples: missing,
        arrivedSamples: missing,
      });
      expect(session.missing.join()).to.include(
        `${missing} samples and ${outcome.notStored.events} events from`,
      );
      expect(canonical(await collect(session.sampled()))).to.deep.equal(
        canonical([chunk(0, from), gap(from, missing), chunk(10_000, 100)]),
      );
      const events = await collect(session.events());
      expect(events.length + outcome.notStored.events).to.equal(10);
    }));

  it('says what is missing also when the recording ends within the stall', () =>
    inFolder(async (folder) => {
      const disk = new FaultyDisk();
      const { recorder } = recordOn(folder, disk, { maxQueuedBytes: 1000 });
      await recorder.opened;
      disk.stall();
      for (let i = 0; i < 100; i++) recorder.push(chunk(i * 10, 10));
      const finished = recorder.finish(null);
      disk.resume();
      const outcome = await finished;
      const session = await openSession(outcome.directory!);
      expect(session.durationSeconds).to.equal(1000 / 2000);
      expect(session.storedSamples + outcome.notStored.samples).to.equal(1000);
      expect(session.notStored[0].arrivedSamples).to.equal(outcome.notStored.samples);
    }));

  it('does not wait for ever for the end', () =>
    inFolder(async (folder) => {
      const disk = new FaultyDisk();
      const { recorder } = recordOn(folder, disk);
      const directory = (await recorder.opened)!;
      disk.stall();
      recorder.push(chunk(0, 10));
      const outcome = await recorder.finish(null, 50);
      expect(outcome.state).to.equal('unfinished');
      expect(outcome.message).to.match(/within 50 ms/);
      disk.resume();
      await until(() => recorder.counts.storedSamples === 10, 'the disk has come back');
      await until(() => existsSync(join(directory, 'result.json.sha256')), 'the end is written');
      expect((await openSession(directory)).state).to.equal('finished');
    }));
});

describe('recording on a real disk that is full', () => {
  it('keeps what is there', async function () {
    const folder = await mkdtemp(join(tmpdir(), 'lubdub-full-'));
    try {
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
      } catch {
        console.warn('SKIPPED: a small disk to fill (tmpfs) needs Linux and the right to mount');
        return this.skip();
      }
      try {
        expect((await statfs(folder)).bavail).to.be.greaterThan(0);
        expect(await messageOf(checkSessionRoot(folder))).to.match(
          /16\.0 MiB of free space to begin, got 1\.0 MiB/,
        );
        const troubles: RecordingTrouble[] = [];
        const recorder = newRecorder(folder, {
          format: { sampleRateHz: 48000, bitsPerSample: 24 },
          onTrouble: (trouble) => troubles.push(trouble),
        });
        const directory = (await recorder.opened)!;
        let pushed = 0;
        while (!troubles.some(({ state }) => state === 'stopped') && pushed < 1_000_000) {
          recorder.push(chunk(pushed, 4800, 2 ** 23));
          pushed += 4800;
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        const outcome = await recorder.finish({ verdict: 'normal' });
        expect(troubles.map(({ state }) => state)).to.deep.equal(['low-space', 'stopped']);
        expect(outcome.storedSamples + outcome.notStored.samples).to.equal(pushed);
        expect(outcome.storedSamples).to.be.greaterThan(300_000);
        const session = await openSession(directory);
        expect((await checkIntegrity(session)).damage).to.deep.equal([]);
        const stored = await collect(session.sampled(10_000));
        expect(canonical(stored)).to.deep.equal(canonical([chunk(0, session.storedSamples, 2 ** 23)]));
        expect(await readdir(folder)).to.have.length(1);
      } finally {
        execFileSync('umount', [folder]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says at the start that a folder is read-only', async function () {
    const folder = await mkdtemp(join(tmpdir(), 'lubdub-read-only-'));
    try {
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m,ro', 'tmpfs', folder], { stdio: 'ignore' });
      } catch {
        console.warn('SKIPPED: a read-only disk (tmpfs) needs Linux and the right to mount');
        return this.skip();
      }
      try {
        const message = await messageOf(checkSessionRoot(folder));
        expect(message).to.match(/cannot be kept in .*: the disk is read-only \(EROFS\).*--out/);
        expect(await messageOf(checkSessionRoot(join(folder, 'new')))).to.match(/EROFS/);
      } finally {
        execFileSync('umount', [folder]);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
