import { readdir } from 'node:fs/promises';
import { expect } from 'chai';
import { Subject } from 'rxjs';
import { Bedside, type BedsideOptions } from '../../src/bedside/bedside.js';
import type { PreviewWindow } from '../../src/bedside/bedside-status.js';
import type { TraceChunk } from '../../src/bedside/screening-controller.js';
import { PortError } from '../../src/errors.js';
import { loadRecording } from '../../src/present/load-recording.js';
import type { Screener } from '../../src/screen/screener.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { until } from '../support/until.js';
import { foundDevice, quickScreener, ScriptedDevice } from '../support/scripted-device.js';
import { inFolder } from '../support/sessions.js';

const nobody = { subject: null, site: null };

describe('Bedside, while nothing is recorded', () => {
  let screener: Screener;
  let heart: Float64Array;
  let scored = 0;
  before(async () => {
    screener = await quickScreener(() => Promise.resolve(++scored));
    heart = (await loadRecording('test/recordings/e01341.wav')).samples;
  });
  beforeEach(() => (scored = 0));

  class Watched {
    readonly recorded = new ScriptedDevice();
    readonly previewed = new ScriptedDevice();
    readonly portsChanged$ = new Subject<void>();
    readonly events: ScreeningEvent[] = [];
    readonly states: string[] = [];
    readonly windows: PreviewWindow[] = [];
    readonly traces: TraceChunk[] = [];
    readonly bedside: Bedside;

    constructor(options: Partial<BedsideOptions> = {}) {
      this.bedside = new Bedside({
        open: this.recorded.open,
        preview: {
          open: (stop$) => this.previewed.open(stop$, undefined as never),
          portsChanged$: this.portsChanged$,
          retryMs: 1,
        },
        screener,
        configuration: {},
        naming: nobody,
        ...options,
      });
      this.bedside.events$.subscribe((event) => this.events.push(event));
      this.bedside.preview$.subscribe((window) => this.windows.push(window));
      this.bedside.trace$.subscribe((chunk) => this.traces.push(chunk));
      this.bedside.status$.subscribe(({ state, preview }) => {
        const words = `${state}${(preview ?? null) === null ? '' : `, ${preview}`}`;
        if (this.states.at(-1) !== words) this.states.push(words);
      });
    }

    hear(device: ScriptedDevice, seconds: number): void {
      device.say(foundDevice, { kind: 'samples', firstSample: 0, samples: heart.slice(0, 2000 * seconds) });
    }

    get kinds(): Set<string> {
      return new Set(this.events.map(({ kind }) => kind));
    }
  }

  it('shows the trace and the signal of a stethoscope, and judges and stores nothing', () =>
    inFolder(async (outDirectory) => {
      const run = new Watched({ outDirectory });
      run.bedside.listenIn();
      expect(run.states.at(-1)).to.equal('idle, searching');
      run.hear(run.previewed, 6);
      expect(run.states.at(-1)).to.equal('idle, listening');
      await until(() => run.windows.length === 4, 'the windows of six seconds');
      expect(run.windows.at(-1)).to.have.all.keys('quality', 'usable', 'reasons', 'heartRateBpm');
      expect(run.windows.at(-1)!.usable).to.equal(true);
      expect(run.traces.reduce((sum, { samples }) => sum + samples.length, 0)).to.be.above(5900);
      run.previewed.end();
      await until(() => run.previewed.opened === 2, 'it to be opened again');
      expect([...run.kinds]).to.deep.equal(['device']);
      expect(scored).to.equal(0);
      expect(await readdir(outDirectory)).to.deep.equal([]);
      await run.bedside.close();
      expect(run.previewed.closed).to.equal(2);
    }));

  it('lets go of it before a recording takes the stethoscope, and takes it again afterwards', async () => {
    const run = new Watched();
    run.bedside.listenIn();
    run.hear(run.previewed, 1);
    await run.bedside.start(nobody);
    expect([run.previewed.closed, run.recorded.opened]).to.deep.equal([1, 1]);
    expect(run.states.at(-1)).to.equal('connecting');
    run.hear(run.recorded, 6);
    run.recorded.end();
    await until(() => run.previewed.opened === 2, 'the next preview');
    expect(run.kinds).to.include('final');
    expect(run.states.at(-1)).to.equal('stopped, searching');
    run.hear(run.previewed, 1);
    expect(run.states.at(-1)).to.equal('stopped, listening');
    await run.bedside.close();
  });

  it('does not begin while a recording is under way, nor before it is asked for', async () => {
    const run = new Watched();
    await run.bedside.start(nobody);
    run.bedside.listenIn();
    expect(run.previewed.opened).to.equal(0);
    await run.bedside.discard();
    expect(run.previewed.opened).to.equal(1);
    await run.bedside.close();
    const silent = new Watched();
    await silent.bedside.start(nobody);
    await silent.bedside.discard();
    expect(silent.previewed.opened).to.equal(0);
  });

  it('looks for it again when it is lost, and when something else than the line fails', async () => {
    const run = new Watched();
    run.bedside.listenIn();
    run.hear(run.previewed, 1);
    run.previewed.fail(new PortError('gone', { code: 'LUBDUB_DEVICE_LOST' }));
    expect(run.states.at(-1)).to.equal('idle, searching');
    await until(() => run.previewed.opened === 2, 'the next look');
    run.previewed.fail(new Error('something odd'));
    expect(run.events.at(-1)).to.include({ kind: 'notice', message: 'something odd' });
    await run.bedside.close();
  });

  it('leaves a simulator for what is plugged in, and no stethoscope', async () => {
    const run = new Watched();
    run.bedside.listenIn();
    run.hear(run.previewed, 1);
    run.portsChanged$.next();
    expect(run.previewed.closed).to.equal(0);
    run.previewed.say({ ...foundDevice, simulated: true });
    run.portsChanged$.next();
    await until(() => run.previewed.opened === 2, 'another look');
    expect(run.previewed.closed).to.equal(1);
    await run.bedside.close();
    expect(run.portsChanged$.observed).to.equal(false);
  });

  it('says once that a simulator was taken that nobody asked for', async () => {
    const run = new Watched({ simulatedNotice: 'SIMULATED' });
    run.bedside.listenIn();
    const notices = () => run.events.filter(({ kind }) => kind === 'notice').length;
    run.previewed.say(foundDevice);
    expect(notices()).to.equal(0);
    run.previewed.say({ ...foundDevice, simulated: true });
    await run.bedside.start(nobody);
    run.recorded.say({ ...foundDevice, simulated: true });
    expect(notices()).to.equal(1);
    expect(run.events.at(-1)).to.include({ kind: 'device', simulated: true });
    await run.bedside.close();
  });
});
