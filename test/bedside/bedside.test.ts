import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { ConfigurationError, PortError } from '../../src/errors.js';
import { Bedside, type BedsideOptions, type RecordingEnd } from '../../src/bedside/bedside.js';
import { loadRecording } from '../../src/present/load-recording.js';
import type { Screener } from '../../src/screen/screener.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { openSession } from '../../src/record/stored-session.js';
import { FaultyDisk } from '../support/disks.js';
import { until } from '../support/until.js';
import { foundDevice, quickScreener, ScriptedDevice } from '../support/scripted-device.js';
import { inFolder } from '../support/sessions.js';

const nobody = { subject: null, site: null };

describe('Bedside', () => {
  let screener: Screener;
  let heart: Float64Array;
  before(async () => {
    screener = await quickScreener();
    heart = (await loadRecording('test/recordings/e01341.wav')).samples;
  });

  class Watched {
    readonly device = new ScriptedDevice();
    readonly events: ScreeningEvent[] = [];
    readonly states: string[] = [];
    readonly ends: RecordingEnd[] = [];
    readonly bedside: Bedside;

    constructor(options: Partial<BedsideOptions> = {}) {
      this.bedside = new Bedside({
        open: this.device.open,
        screener,
        configuration: { test: true },
        naming: nobody,
        ...options,
      });
      this.bedside.events$.subscribe((event) => this.events.push(event));
      this.bedside.status$.subscribe(({ state }) => {
        if (this.states.at(-1) !== state) this.states.push(state);
      });
      this.bedside.ended$.subscribe((end) => this.ends.push(end));
    }

    async record(seconds: number, naming = nobody): Promise<RecordingEnd> {
      const before = this.ends.length;
      await this.bedside.start(naming);
      this.device.say(foundDevice, {
        kind: 'samples',
        firstSample: 0,
        samples: heart.slice(0, 2000 * seconds),
      });
      this.device.end();
      await until(() => this.ends.length > before, 'the end of the recording');
      return this.ends[before];
    }
  }

  const refusal = (promise: Promise<void>): Promise<unknown> =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it('makes one recording after the other, each with a result and a session of its own', () =>
    inFolder(async (outDirectory) => {
      const run = new Watched({ outDirectory });
      await run.record(4);
      const { final } = await run.record(5, { ...nobody, subject: 'S-2' } as never);
      expect(run.states).to.deep.equal([
        'idle',
        ...['connecting', 'recording', 'stopped'],
        ...['connecting', 'recording', 'stopped'],
      ]);
      const folders = (await readdir(outDirectory)).sort();
      expect(folders.length).to.equal(2);
      const session = await openSession(
        join(
          outDirectory,
          folders.find((name) => name.includes('S-2'))!,
        ),
      );
      // The folders that a recording came from are nobody's business.
      expect(session.result?.final).to.deep.equal({ ...final, file: 'scripted' });
      expect(session.storedSamples).to.equal(10_000);
      expect(session.description.configuration).to.include({ test: true });
    }));

  it('hands out the result once it is on disk, so that whoever sees it may open the session', () =>
    inFolder(async (outDirectory) => {
      const run = new Watched({ outDirectory });
      let onDisk: boolean | undefined;
      run.bedside.events$.subscribe((event) => {
        if (event.kind !== 'final') return;
        const begun = run.events.find((one) => one.kind === 'recording')!;
        onDisk = existsSync(join(begun.directory!, 'result.json'));
      });
      await run.record(3);
      expect(onDisk).to.equal(true);
      expect(run.events.at(-1)?.kind).to.equal('final');
    }));

  it('stores every event that it hands out, and nothing that is of a person', () =>
    inFolder(async (outDirectory) => {
      const run = new Watched({ outDirectory });
      await run.record(6);
      const [folder] = await readdir(outDirectory);
      const text = await readFile(join(outDirectory, folder, 'events.ndjson'), 'utf8');
      const stored = text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { kind: string });
      const handedOut = run.events
        .filter(({ kind }) => kind !== 'recording')
        .map((event) => ('file' in event ? { ...event, file: 'scripted' } : event));
      expect(stored.filter(({ kind }) => kind !== 'recorder' && kind !== 'recording')).to.deep.equal(
        JSON.parse(JSON.stringify(handedOut)),
      );
    }));

  it('screens on where the disk does not take it, and says so', () =>
    inFolder(async (outDirectory) => {
      const disk = new FaultyDisk();
      disk.fault = 'EROFS';
      const run = new Watched({ outDirectory, storage: { fileSystem: disk } });
      const { final, error } = await run.record(5);
      expect(error).to.equal(undefined);
      expect(final).to.include({ durationSeconds: 5, windows: 3 });
      const states = run.events.flatMap((event) => (event.kind === 'recording' ? [event.state] : []));
      expect(states).to.include('stopped');
      expect(run.events.at(-1)?.kind).to.equal('final');
    }));

  it('gives the result on what came before the device was lost, and says why it ended', () =>
    inFolder(async (outDirectory) => {
      const run = new Watched({ outDirectory });
      await run.bedside.start(nobody);
      run.device.say(foundDevice, { kind: 'samples', firstSample: 0, samples: heart.slice(0, 8000) });
      run.device.fail(new PortError('gone', { code: 'LUBDUB_DEVICE_LOST' }));
      await until(() => run.ends.length > 0, 'the end');
      expect(run.ends[0].error).to.have.property('code', 'LUBDUB_DEVICE_LOST');
      expect(run.ends[0].final).to.include({ durationSeconds: 4 });
      const [folder] = await readdir(outDirectory);
      expect((await openSession(join(outDirectory, folder))).state).to.equal('finished');
    }));

  it('makes no session where no device was found', () =>
    inFolder(async (outDirectory) => {
      const run = new Watched({ outDirectory });
      await run.bedside.start(nobody);
      run.device.fail(new PortError('nobody', { code: 'LUBDUB_NO_DEVICE' }));
      await until(() => run.ends.length > 0, 'the end');
      expect(run.ends[0].final).to.equal(null);
      expect(await readdir(outDirectory)).to.deep.equal([]);
      expect(run.states.at(-1)).to.equal('stopped');
    }));

  it('refuses what cannot be now, in a sentence', async () => {
    const run = new Watched();
    expect(await refusal(run.bedside.stop())).to.be.instanceOf(ConfigurationError);
    await run.bedside.start(nobody);
    expect(await refusal(run.bedside.start(nobody))).to.match(/a recording is under way/);
    run.device.say(foundDevice);
    expect(await refusal(run.bedside.name(nobody))).to.match(/fixed once it has begun/);
    await run.bedside.close();
    expect(run.device.closed).to.equal(1);
  });

  it('lets subject and spot be named until the device answers', () =>
    inFolder(async (outDirectory) => {
      const run = new Watched({ outDirectory });
      await run.bedside.start(nobody);
      await run.bedside.name({ subject: 'S-9', site: 'apex' } as never);
      run.device.say(foundDevice, { kind: 'samples', firstSample: 0, samples: heart.slice(0, 6000) });
      run.device.end();
      await until(() => run.ends.length > 0, 'the end');
      const [folder] = await readdir(outDirectory);
      expect(folder).to.include('S-9');
      const { description } = await openSession(join(outDirectory, folder));
      expect(description).to.deep.include({ subject: 'S-9' });
      expect(description.configuration).to.include({ site: 'apex' });
    }));

  it('takes a discarded recording off the disk, under way or just ended', () =>
    inFolder(async (outDirectory) => {
      const run = new Watched({ outDirectory });
      await run.record(3);
      await run.bedside.discard();
      expect(await readdir(outDirectory)).to.deep.equal([]);

      await run.bedside.start(nobody);
      run.device.say(foundDevice, { kind: 'samples', firstSample: 0, samples: heart.slice(0, 6000) });
      await until(
        () => run.events.filter(({ kind }) => kind === 'recording').length > 1,
        'the second session',
      );
      await run.bedside.discard();
      expect(await readdir(outDirectory)).to.deep.equal([]);
      expect(run.states.at(-1)).to.equal('idle');
      expect(run.device.closed).to.equal(2);
      await run.record(3);
      expect((await readdir(outDirectory)).length).to.equal(1);
    }));

  it('leaves nothing of a recording that is discarded while its end is being stored', () =>
    inFolder(async (outDirectory) => {
      const run = new Watched({ outDirectory });
      await run.bedside.start(nobody);
      run.device.say(foundDevice, { kind: 'samples', firstSample: 0, samples: heart.slice(0, 6000) });
      await until(() => run.events.some(({ kind }) => kind === 'recording'), 'the session');
      run.device.fail(new PortError('gone', { code: 'LUBDUB_DEVICE_LOST' }));
      await run.bedside.discard();
      expect(await readdir(outDirectory)).to.deep.equal([]);
      expect(run.states.at(-1)).to.equal('idle');
    }));

  it('leaves nothing of a recording that is discarded before its folder stands', () =>
    inFolder(async (outDirectory) => {
      const run = new Watched({ outDirectory });
      await run.bedside.start(nobody);
      run.device.say(foundDevice, { kind: 'samples', firstSample: 0, samples: heart.slice(0, 6000) });
      await run.bedside.discard();
      expect(await readdir(outDirectory)).to.deep.equal([]);
    }));
});
