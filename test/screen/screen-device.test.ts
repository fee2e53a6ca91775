import { expect } from 'chai';
import { Subject } from 'rxjs';
import type { SampleChunk, Sampled } from '../../src/decode/samples.js';
import { ConfigurationError, PortError } from '../../src/errors.js';
import { loadRecording } from '../../src/present/load-recording.js';
import { screenDevice, type ScreenDeviceOptions } from '../../src/screen/screen-device.js';
import type { Screener } from '../../src/screen/screener.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { foundDevice, quickScreener, ScriptedDevice } from '../support/scripted-device.js';
import { until } from '../support/until.js';
import type { FinalEvent } from '../../src/screen/result-events.js';

const RATE_HZ = 2000;

describe('screenDevice', () => {
  let screener: Screener;
  let heart: Float64Array;
  before(async () => {
    screener = await quickScreener();
    heart = (await loadRecording('test/recordings/e01341.wav')).samples;
  });

  class Run {
    readonly device = new ScriptedDevice();
    readonly events: ScreeningEvent[] = [];
    error: unknown;
    isComplete = false;
    readonly subscription;

    constructor(options: Partial<ScreenDeviceOptions> = {}, of = screener) {
      this.subscription = screenDevice({ open: this.device.open, ...options }, of).subscribe({
        next: (event) => this.events.push(event),
        error: (error: unknown) => (this.error = error),
        complete: () => (this.isComplete = true),
      });
    }

    async over(): Promise<void> {
      await until(() => this.isComplete || this.error !== undefined, 'the end');
    }

    get final(): FinalEvent {
      return this.events.find((event) => event.kind === 'final')!;
    }

    kinds(): string[] {
      return [...new Set(this.events.map(({ kind }) => kind))];
    }
  }

  const chunk = (fromSeconds: number, seconds: number): SampleChunk => ({
    kind: 'samples',
    firstSample: fromSeconds * RATE_HZ,
    samples: heart.slice(fromSeconds * RATE_HZ, (fromSeconds + seconds) * RATE_HZ),
  });

  it('fails, before anybody has prepared for it, for a device whose rate the model cannot take', () => {
    for (const sampleRateHz of [1, 999, 999_983, 100_000_007, 4_000_000_000]) {
      const met: unknown[] = [];
      const run = new Run({ watcher: { device: (device) => met.push(device) } });
      const startedAt = performance.now();
      run.device.say({ ...foundDevice, sampleRateHz });
      expect(run.error, String(sampleRateHz)).to.be.instanceOf(ConfigurationError);
      expect([met, run.events, run.device.closed]).to.deep.equal([[], [], 1]);
      expect(performance.now() - startedAt).to.be.below(1000);
    }
  });

  it('tells of the device, then of windows and verdicts, and at last of the result', async () => {
    const run = new Run();
    run.device.say(foundDevice, chunk(0, 4), chunk(4, 2));
    run.device.end();
    await run.over();
    expect(run.kinds()).to.have.members(['device', 'line', 'window', 'verdict', 'final']);
    expect(run.kinds()[0]).to.equal('device');
    expect(run.events.at(-1)).to.equal(run.final);
    expect(run.final).to.include({ file: '/dev/scripted', durationSeconds: 6, windows: 4, lostSamples: 0 });
  });

  it('calls the recording by its name, where it has one', async () => {
    const run = new Run({ name: 'a recording' });
    run.device.say(foundDevice, chunk(0, 3));
    run.device.end();
    await run.over();
    expect(run.final.file).to.equal('a recording');
  });

  it('gives the result on what came before a device is lost for good, then the error', async () => {
    const run = new Run();
    const lost = new PortError('gone', { code: 'LUBDUB_DEVICE_LOST' });
    run.device.say(foundDevice, chunk(0, 4));
    run.device.fail(lost);
    await run.over();
    expect(run.error).to.equal(lost);
    expect(run.events.at(-1)).to.equal(run.final);
    expect(run.final).to.include({ durationSeconds: 4, windows: 2 });
  });

  it('has no result where no device was found', async () => {
    const run = new Run();
    run.device.fail(new PortError('nobody', { code: 'LUBDUB_NO_DEVICE' }));
    await run.over();
    expect(run.error).to.have.property('code', 'LUBDUB_NO_DEVICE');
    expect(run.events).to.deep.equal([]);
  });

  it('ends without a word where the search is called off', async () => {
    const run = new Run();
    run.device.end();
    await run.over();
    expect(run.isComplete).to.equal(true);
    expect(run.events).to.deep.equal([]);
  });

  it('passes the request to stop on, and takes what the device still holds', async () => {
    const stop$ = new Subject<void>();
    const run = new Run({ stop$ });
    run.device.say(foundDevice, chunk(0, 3));
    stop$.next();
    expect(run.device.stops).to.equal(1);
    run.device.say(chunk(3, 1));
    run.device.end();
    await run.over();
    expect(run.final).to.include({ durationSeconds: 4, windows: 2 });
  });

  for (const seconds of [3.2505, 4]) {
    it(`takes ${seconds} s to the sample, stops the device once, and passes over what it sends until it has`, async () => {
      const watched: Sampled[] = [];
      const run = new Run({ seconds, watcher: { samples: (value) => watched.push(value) } });
      run.device.say(foundDevice, chunk(0, 3), chunk(3, 1), chunk(4, 1));
      run.device.end();
      await run.over();
      expect(run.device.stops).to.equal(1);
      expect(run.final.durationSeconds).to.equal(seconds);
      const last = watched.at(-1) as SampleChunk;
      expect(last.firstSample + last.samples.length).to.equal(seconds * RATE_HZ);
    });
  }

  it('cuts a gap that reaches beyond the seconds asked for', async () => {
    const run = new Run({ seconds: 4 });
    run.device.say(foundDevice, chunk(0, 3), {
      kind: 'gap',
      atSample: 3 * RATE_HZ,
      lostSamples: 100 * RATE_HZ,
      cause: 'reconnect',
    });
    run.device.end();
    await run.over();
    expect(run.final).to.include({ durationSeconds: 4, lostSamples: RATE_HZ });
  });

  it('ends the recording at a device that comes back with another format, and takes none of its samples', async () => {
    const run = new Run();
    run.device.say(
      foundDevice,
      chunk(0, 4),
      { ...foundDevice, occasion: 'returned', formatChanged: true, sampleRateHz: 4000 },
      chunk(4, 4),
    );
    expect(run.device.stops).to.equal(1);
    run.device.end();
    await run.over();
    const notice = run.events.find((event) => event.kind === 'notice');
    expect(notice?.message).to.match(/another format \(4000 Hz, 16 bit\); this recording ends here/);
    expect(run.final).to.include({ durationSeconds: 4, sampleRateHz: RATE_HZ });
  });

  it('shows its watcher the device, the samples as they came, and the signal at the model’s rate', () => {
    const seen: string[] = [];
    const run = new Run({
      watcher: {
        device: ({ occasion }) => seen.push(occasion),
        samples: ({ kind }) => seen.push(kind),
        conditioned: ({ samples }) => seen.push(`${samples.length > 0 ? 'conditioned' : 'nothing'}`),
      },
    });
    run.device.say(foundDevice, chunk(0, 1));
    expect(seen).to.deep.equal(['found', 'samples', 'conditioned']);
    run.subscription.unsubscribe();
  });

  it('closes the port when it is unsubscribed, in the midst of windows', async () => {
    let answer: (logit: number) => void = () => {};
    const slow = await quickScreener(() => new Promise((resolve) => (answer = resolve)));
    const run = new Run({}, slow);
    run.device.say(foundDevice, chunk(0, 4));
    run.subscription.unsubscribe();
    expect(run.device.closed).to.equal(1);
    answer(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(run.final).to.equal(undefined);
  });

  it('fails where the model does, and closes the port', async () => {
    const broken = await quickScreener(() => Promise.reject(new Error('no more')));
    const run = new Run({}, broken);
    run.device.say(foundDevice, chunk(0, 4));
    await run.over();
    expect(run.error).to.have.property('message', 'no more');
    expect(run.device.closed).to.equal(1);
  });

  it('opens the device anew for each subscriber', () => {
    const device = new ScriptedDevice();
    const run$ = screenDevice({ open: device.open }, screener);
    expect(device.opened).to.equal(0);
    run$.subscribe().unsubscribe();
    run$.subscribe().unsubscribe();
    expect(device).to.include({ opened: 2, closed: 2 });
  });
});
