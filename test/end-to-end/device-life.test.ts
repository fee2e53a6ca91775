import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSerialPort } from '../../src/acquire/serial-port.js';
import { loadRecording } from '../../src/present/load-recording.js';
import type { ScreeningEvent } from '../../src/screen/screening-events.js';
import { eventSentence } from '../../src/present/sentences.js';
import { PseudoTerminal } from '../../src/simulate/pseudo-terminal.js';
import type { SimulateOptions } from '../../src/simulate/simulate.js';
import type { SimulatedRecording } from '../../src/simulate/simulated-recording.js';
import { needPseudoTerminals, until } from '../support/pseudo-terminals.js';
import { RogueDevice } from '../support/rogue-device.js';
import { finalOf, runLubdub, RunningLubdub, type Finished } from '../support/run-lubdub.js';
import { PluggedIn } from '../support/simulated-devices.js';

const FILE = 'test/recordings/e01341.wav';
const RATE_HZ = 2000;

type Of<Kind extends ScreeningEvent['kind']> = Extract<ScreeningEvent, { kind: Kind }>;
const of = <Kind extends ScreeningEvent['kind']>({ events }: Finished, kind: Kind): Of<Kind>[] =>
  events.filter((event): event is Of<Kind> => event.kind === kind);

/** In a word each: how the device came and went, and how it ended. */
function storyOf({ events, exitCode }: Finished): string[] {
  const told = events.flatMap((event) => {
    switch (event.kind) {
      case 'device':
        return [`device ${event.occasion}`];
      case 'connection':
        return event.state === 'lost' ? [`lost ${event.reason}`] : [];
      case 'gap':
        return [`gap ${event.cause}`];
      case 'final':
        return ['final'];
      case 'error':
        return [`error ${event.code}`];
      default:
        return [];
    }
  });
  return [...told, `exit ${exitCode}`];
}

/** `lubdub live` as a user starts it, over real pseudo-terminals, while a device is plugged in and pulled out. */
describe('lubdub live, through the life of a device', function () {
  this.timeout(60_000);
  before(needPseudoTerminals);

  let heart: SimulatedRecording;
  let directory = '';
  let link = '';
  const cleanUps: (() => void)[] = [];

  before(async () => {
    const { samples, ...format } = await loadRecording(FILE);
    heart = { ...format, samples: samples.subarray(0, 7 * RATE_HZ) };
  });
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lubdub-life-'));
    link = join(directory, 'stethoscope');
  });
  afterEach(() => {
    cleanUps.splice(0).forEach((cleanUp) => cleanUp());
    rmSync(directory, { recursive: true });
  });

  const heard = (seconds: number): SimulatedRecording => ({
    ...heart,
    samples: heart.samples.subarray(0, seconds * RATE_HZ),
  });
  function plugIn(options: Partial<SimulateOptions> = {}): PluggedIn {
    const device = new PluggedIn({ link, recording: heart, ...options });
    cleanUps.push(() => device.unplug());
    return device;
  }
  function start(...words: string[]): RunningLubdub {
    const lubdub = new RunningLubdub(['live', '--port', link, '--json', '--no-page', ...words]);
    cleanUps.push(() => lubdub.kill('SIGKILL'));
    return lubdub;
  }
  /** Waits for an end that is foreseen: everything has a line for the person, and nothing is a fault of our own. */
  async function endOf(lubdub: RunningLubdub): Promise<Finished> {
    const finished = await lubdub.finished;
    for (const event of finished.events) {
      if (event.kind === 'status') continue;
      if (event.kind === 'search' && event.ports.length === 1 && event.chosen !== null) continue;
      expect(eventSentence(event), JSON.stringify(event)).to.be.a('string').and.not.equal('');
    }
    expect(finished.exitCode, finished.stderr).to.be.oneOf([0, 3]);
    return finished;
  }

  it('makes one recording of a device that is unplugged and comes back, with a gap as long as it was away', async () => {
    const device = plugIn({ faults: { faults: [{ kind: 'unplug', atSeconds: 3.5, forSeconds: 0.5 }] } });
    const run = await endOf(start());
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost unplugged',
      'device returned',
      'gap reconnect',
      'final',
      'exit 0',
    ]);
    const [gap] = of(run, 'gap');
    expect(gap.atSample).to.equal(3.5 * RATE_HZ);
    const [, again] = device.events.filter((event) => event.kind === 'started');
    // The host can only go by its clock; what it does not know is how long the last packet was under way.
    expect(gap.lostSamples).to.be.closeTo(again.atSample - gap.atSample, 0.25 * RATE_HZ);
    const received = (7 * RATE_HZ - again.atSample + gap.atSample) / RATE_HZ;
    const final = finalOf(run);
    expect(final.lostSamples).to.equal(gap.lostSamples);
    expect(final.durationSeconds).to.be.closeTo(received + gap.lostSamples / RATE_HZ, 1e-9);
    const [from, to] = [gap.atSample / RATE_HZ, (gap.atSample + gap.lostSamples) / RATE_HZ];
    for (const { startSeconds, endSeconds } of of(run, 'window')) {
      expect(endSeconds <= from || startSeconds >= to, `${startSeconds}–${endSeconds}`).to.equal(true);
    }
  });

  it('refuses another device in its place and waits for the right one', async () => {
    const right = plugIn({ serialNumber: 'A-1' });
    const lubdub = start();
    await lubdub.until('window');
    right.unplug();
    const other = plugIn({ serialNumber: 'B-2' });
    await until(() => other.count('host') > 1, 'the other device to be asked', 15_000);
    other.unplug();
    plugIn({ serialNumber: 'A-1', recording: heard(1) });
    const run = await endOf(lubdub);
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost unplugged',
      'device returned',
      'gap reconnect',
      'final',
      'exit 0',
    ]);
    const refusals = of(run, 'search').flatMap(({ ports }) =>
      ports.filter(({ outcome }) => outcome === 'other-device'),
    );
    expect(refusals[0]).to.deep.include({ path: link, serialNumber: 'B-2' });
    expect(refusals[0].message).to.match(/B-2 answers, but A-1 is waited for/);
    expect(other.count('started')).to.equal(0);
  });

  it('gives up on a device that does not return, after the result on what came before', async () => {
    plugIn({ faults: { faults: [{ kind: 'unplug', atSeconds: 3.2 }] } });
    const run = await endOf(start('--give-up-after', '0.5'));
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost unplugged',
      'final',
      'error LUBDUB_DEVICE_LOST',
      'exit 3',
    ]);
    expect(finalOf(run)).to.include({ durationSeconds: 3.2, lostSamples: 0, windows: 1 });
    expect(of(run, 'error')[0].message).to.match(/SIM-0001.*did not come back.*no such port/);
  });

  it('notices a device that falls silent without closing, and sees to the sample how much is missing', async () => {
    plugIn({ faults: { faults: [{ kind: 'stall', atSeconds: 1, forSeconds: 4 }] } });
    const run = await endOf(start());
    expect(storyOf(run).slice(0, 3)).to.deep.equal(['device found', 'lost silent', 'device returned']);
    // The device counted on, so its index tells how much is missing, together with what it sent before it was greeted.
    const lost = of(run, 'gap').reduce((sum, { lostSamples }) => sum + lostSamples, 0);
    expect(lost).to.be.within(4 * RATE_HZ, 5.5 * RATE_HZ);
    expect(finalOf(run)).to.include({ durationSeconds: 7, lostSamples: lost });
  });

  it('goes on with a device that starts anew while its port stays open', async () => {
    plugIn({ recording: heard(3), faults: { faults: [{ kind: 'restart', atSeconds: 1.5 }] } });
    const run = await endOf(start());
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'device restarted',
      'gap restart',
      'final',
      'exit 0',
    ]);
    expect(of(run, 'line')[0]).to.include({ restarts: 1 });
  });

  it('ends the recording where the device comes back with another rate', async () => {
    const device = plugIn();
    const lubdub = start();
    await lubdub.until('window');
    device.unplug();
    plugIn({ recording: { ...heart, sampleRateHz: 4000 } });
    const run = await endOf(lubdub);
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost unplugged',
      'device returned',
      'final',
      'exit 0',
    ]);
    expect(of(run, 'notice')[0].message).to.match(/4000 Hz.*this recording ends here, start a new one/);
    expect(finalOf(run)).to.include({ sampleRateHz: RATE_HZ, lostSamples: 0 });
    expect(finalOf(run).durationSeconds).to.be.below(7);
  });

  it('takes a device whose battery was empty when it comes back', async () => {
    plugIn({ recording: heard(2), faults: { faults: [{ kind: 'stop', atSeconds: 1, reason: 'battery' }] } });
    const run = await endOf(start());
    expect(storyOf(run).slice(0, 3)).to.deep.equal(['device found', 'lost battery', 'device returned']);
    expect(storyOf(run).slice(-2)).to.deep.equal(['final', 'exit 0']);
  });

  it('leaves a device that floods garbage, and takes it again when it has come to its senses', async () => {
    const rogue = new RogueDevice(link);
    cleanUps.push(() => rogue.unplug());
    const lubdub = start();
    await lubdub.until('connection');
    rogue.unplug();
    plugIn({ serialNumber: 'ROGUE', recording: heard(0.5) });
    const run = await endOf(lubdub);
    expect(storyOf(run)).to.deep.equal([
      'device found',
      'lost garbage',
      'device returned',
      'gap reconnect',
      'final',
      'exit 0',
    ]);
    expect(of(run, 'line')[0].corruptBytes).to.be.above(10_000);
  });

  for (const sampleRateHz of [999, 999_983]) {
    it(`refuses a device that says it takes ${sampleRateHz} samples a second, and begins no session`, async () => {
      const rogue = new RogueDevice(link, { sampleRateHz });
      cleanUps.push(() => rogue.unplug());
      const out = join(directory, 'sessions');
      const run = await endOf(start('--out', out));
      expect(storyOf(run)).to.deep.equal(['error LUBDUB_PROTOCOL', 'exit 3']);
      expect(of(run, 'error')[0].message).to.include(`1000..192000 Hz, got ${sampleRateHz}`);
      expect(existsSync(out) ? readdirSync(out) : []).to.deep.equal([]);
    });
  }

  it('tells what is wrong where the recording cannot begin', async () => {
    const text = new PseudoTerminal({
      onOpen: () =>
        void setInterval(() => text.write(Buffer.from('$GPGGA,123519,4807.038,N\r\n')), 20).unref(),
    });
    const silent = new PseudoTerminal({});
    cleanUps.push(
      () => text.close(),
      () => silent.close(),
    );
    const newer = plugIn({ link: join(directory, 'newer'), protocolCurrent: 9, protocolMin: 9 });
    const older = plugIn({ link: join(directory, 'older'), protocolCurrent: 0, protocolMin: 0 });
    const held = plugIn({ link: join(directory, 'held') });
    const holder = openSerialPort({ path: held.path }).subscribe();
    cleanUps.push(() => holder.unsubscribe());
    await until(() => held.hostIsThere, 'the port to be held');
    const missing = join(directory, 'nothing');
    const cases = [
      [text.path, 'LUBDUB_NO_DEVICE', 'no-stethoscope', /bytes came/],
      [silent.path, 'LUBDUB_NO_DEVICE', 'silent', /nothing came/],
      [newer.path, 'LUBDUB_PROTOCOL', 'refused', /version/],
      [older.path, 'LUBDUB_PROTOCOL', 'refused', /version/],
      [held.path, 'LUBDUB_PORT', 'busy', /another program has it open.*fuser/],
      [missing, 'LUBDUB_PORT', 'missing', /no such port.*lubdub ports/],
    ] as const;
    await Promise.all(
      cases.map(async ([port, code, outcome, message]) => {
        const run = await endOf(new RunningLubdub(['live', '--port', port, '--json', '--no-page']));
        expect(storyOf(run), port).to.deep.equal([`error ${code}`, 'exit 3']);
        expect(of(run, 'error')[0].message).to.match(message);
        const [search] = of(run, 'search');
        expect(search.chosen).to.equal(null);
        expect(search.ports.map((tried) => [tried.path, tried.outcome])).to.deep.equal([[port, outcome]]);
      }),
    );
  });

  it('screens from a newer device that still speaks this version', async () => {
    plugIn({ recording: heard(0.5), protocolCurrent: 9, protocolMin: 1 });
    expect(storyOf(await endOf(start()))).to.deep.equal(['device found', 'final', 'exit 0']);
  });

  it('names group and udev rule where it has no permission', async function () {
    const device = plugIn();
    chmodSync(device.events.find((event) => event.kind === 'device')!.pseudoTerminal, 0);
    chmodSync(directory, 0o755);
    const lubdub = new RunningLubdub(['live', '--port', link, '--json', '--no-page'], {}, asNobody());
    const { events, exitCode, stderr } = await lubdub.finished;
    if (process.getuid?.() === 0 && events.length === 0) {
      console.warn(
        `SKIPPED: root may open anything, and another user cannot run this program here: ${stderr}`,
      );
      this.skip();
    }
    expect(exitCode, stderr).to.equal(3);
    const error = events.find((event) => event.kind === 'error');
    expect(error).to.include({ code: 'LUBDUB_PORT' });
    if (process.platform === 'linux')
      expect(error!.message).to.match(/usermod -aG \w+ .*60-lubdub-stethoscope\.rules/);
  });

  it('of two devices takes one and names the other, or takes the one that is asked for', async () => {
    // Simulated devices are found by links that are named by their process.
    const announced = join(directory, 'lubdub');
    mkdirSync(announced, { mode: 0o700 });
    plugIn({ link: join(announced, `simulator-${process.pid}`), serialNumber: 'A-1', recording: heard(0.5) });
    plugIn({
      link: join(announced, `simulator-${process.ppid}`),
      serialNumber: 'B-2',
      recording: heard(0.5),
    });
    const ask = (...words: string[]) =>
      endOf(
        new RunningLubdub(['live', '--port', 'auto', '--json', '--no-page', ...words], {
          XDG_RUNTIME_DIR: directory,
        }),
      );
    const either = await ask();
    expect(storyOf(either)).to.deep.equal(['device found', 'final', 'exit 0']);
    const told = of(either, 'search').at(-1)!.ports;
    expect(told.map(({ outcome }) => outcome).sort()).to.deep.equal(['chosen', 'not-chosen']);
    expect(told.find(({ outcome }) => outcome === 'not-chosen')!.message).to.match(
      /answered too; name its port/,
    );
    const [{ serialNumber: taken }] = of(either, 'device');
    const wanted = taken === 'A-1' ? 'B-2' : 'A-1';
    const run = await ask('--serial', wanted);
    expect(of(run, 'device').map(({ serialNumber }) => serialNumber)).to.deep.equal([wanted]);
    const nobody = await ask('--serial', 'C-3');
    expect(storyOf(nobody)).to.deep.equal(['error LUBDUB_NO_DEVICE', 'exit 3']);
  });

  for (const wire of ['ascii', 's16le'] as const) {
    it(`gives the windows of classify over the plain wire ${wire}`, async () => {
      plugIn({ wire, recording: await loadRecording(FILE), speed: 'max' });
      const [plain, classified] = await Promise.all([
        endOf(start('--wire', wire, '--rate', String(RATE_HZ), '--give-up-after', '0')),
        runLubdub(['classify', '--json', FILE]),
      ]);
      // Nothing on such a wire says that the board has no more: it looks like a loss.
      expect(storyOf(plain)).to.deep.equal([
        'device found',
        'lost unplugged',
        'final',
        'error LUBDUB_DEVICE_LOST',
        'exit 3',
      ]);
      expect(of(plain, 'window')).to.deep.equal(of(classified, 'window')).and.have.length.above(10);
      expect({ ...finalOf(plain), file: FILE }).to.deep.equal(finalOf(classified));
    });
  }

  it('ends on time, to the sample, whatever the packets', async () => {
    plugIn();
    const run = await endOf(start('--seconds', '1.0125'));
    expect(finalOf(run)).to.include({ durationSeconds: 1.0125, lostSamples: 0 });
  });
});

const asNobody = () => (process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {});
