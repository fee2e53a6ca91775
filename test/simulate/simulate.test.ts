import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { listSimulatedPorts } from '../../src/acquire/simulated-ports.js';
import { ConfigurationError } from '../../src/errors.js';
import type { Fault } from '../../src/simulate/fault.js';
import { simulate } from '../../src/simulate/simulate.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { until } from '../support/until.js';
import { Listener, PluggedIn, rampRecording } from '../support/simulated-devices.js';

const rate = 2000;

describe('simulate', () => {
  before(needPseudoTerminals);
  const cleanUps: (() => void)[] = [];
  afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));
  function plugIn(options: ConstructorParameters<typeof PluggedIn>[0]): PluggedIn {
    const device = new PluggedIn(options);
    cleanUps.push(() => device.unplug());
    return device;
  }
  function listen(port: string, options: Partial<ConstructorParameters<typeof Listener>[0]> = {}): Listener {
    const listener = new Listener({ port, ...options });
    cleanUps.push(() => listener.leave());
    return listener;
  }

  it('keeps to the sample clock: what arrives is as old as a packet is long, and no older', async function () {
    const device = plugIn({ recording: rampRecording(3) });
    const listener = listen(device.path);
    await listener.over();
    // How late each packet came, less the earliest: start and way are the same for all.
    const lateMs = listener
      .of('packet')
      .flatMap(({ packet, receivedAtMs }) =>
        packet.type === 'samples'
          ? [receivedAtMs - ((packet.firstSample + packet.samples.length) / rate) * 1000]
          : [],
      );
    const earliest = Math.min(...lateMs);
    const sorted = lateMs.map((late) => late - earliest).sort((one, other) => one - other);
    const median = sorted[sorted.length >> 1];
    // The earliest of a second: what a busy machine adds is never less than nothing.
    const drift = Math.min(...lateMs.slice(-50)) - Math.min(...lateMs.slice(0, 50));
    console.log(
      `      late: median ${median.toFixed(1)} ms, most ${sorted.at(-1)!.toFixed(1)} ms; ` +
        `error of the sample clock after 3 s: ${drift.toFixed(1)} ms`,
    );
    // Loose, for a busy machine: timers that add up 1 ms a packet would be 100 ms late in the last second.
    expect(Math.abs(drift)).to.be.below(50);
  });

  it('serves one host after the other, each from the beginning', async () => {
    const device = plugIn({ recording: rampRecording(0.2) });
    for (let round = 0; round < 3; round++) {
      const listener = listen(device.path);
      await listener.over();
      expect(listener.places).to.deep.equal([...Array(0.2 * rate).keys()]);
      await until(() => !device.hostIsThere, 'the host to leave');
    }
    expect(device.events.map((event) => event.kind).slice(0, 7)).to.deep.equal([
      'device',
      'host',
      'started',
      'stopped',
      'wire',
      'host',
      'host',
    ]);
  });

  it('plays in a loop until the host has enough', async () => {
    const device = plugIn({ recording: rampRecording(0.05), loop: true, speed: 'max' });
    const listener = listen(device.path, { credit: { availableSamples: () => 2000 } });
    await until(() => listener.places.length > 10 * rate, 'many rounds');
    expect(listener.places.slice(0, 5000)).to.deep.equal(
      Array.from({ length: 5000 }, (_, index) => index % 100),
    );
  });

  const faults: Fault[] = [
    { kind: 'drop', probability: 0.02 },
    { kind: 'duplicate', probability: 0.02 },
    { kind: 'corrupt', probability: 0.02, bytes: 2 },
    { kind: 'delay', probability: 0.02, packets: 2 },
    { kind: 'garbage', atSeconds: 3, bytes: 3000 },
    { kind: 'overrun', atSeconds: 5, samples: 123 },
    { kind: 'hold', atSeconds: 7, forSeconds: 0.5 },
  ];

  it('gives a host the same stream for the same seed, byte for byte, and another for another', async () => {
    const hear = async (seeds: {
      plan?: number;
      seed?: number;
    }): Promise<{ said: string; wire: unknown }> => {
      const { plan, seed } = seeds;
      const device = plugIn({
        recording: rampRecording(20),
        speed: 'max',
        faults: { faults, ...(plan === undefined ? {} : { seed: plan }) },
        ...(seed === undefined ? {} : { seed }),
      });
      // Room for all of it at once, so that no STATUS for lack of credit comes in between.
      const listener = listen(device.path, { credit: { availableSamples: () => 50_000 } });
      await listener.over();
      expect(listener.error).to.equal(undefined);
      const said = listener.events.flatMap((event) => {
        if (event.kind === 'corrupt') return [`corrupt ${event.byteCount} ${event.reason}`];
        if (event.kind !== 'packet') return [];
        const { packet } = event;
        return [
          packet.type === 'samples' ? `${packet.sequence} ${packet.firstSample}` : JSON.stringify(packet),
        ];
      });
      return { said: said.join('\n'), wire: device.events.findLast((event) => event.kind === 'wire') };
    };
    const [first, other] = [await hear({ seed: 1 }), await hear({ seed: 2 })];
    expect(await hear({ seed: 1 })).to.deep.equal(first);
    expect(other.said).to.not.equal(first.said);
    // The plan's own seed counts where no other is given.
    expect(await hear({ plan: 1 })).to.deep.equal(first);
    expect(await hear({ plan: 1, seed: 2 })).to.deep.equal(other);
    for (const count of ['dropped', 'duplicated', 'corrupted', 'delayed'] as const) {
      expect(first.wire).to.have.property(count).that.is.greaterThan(0);
    }
  });

  it('tells every fault of the device when it happens', async () => {
    const fault = { kind: 'overrun', atSeconds: 0.1, samples: 50 } as const;
    const device = plugIn({ recording: rampRecording(0.3), faults: { faults: [fault] } });
    await listen(device.path).over();
    expect(device.events.find((event) => event.kind === 'fault')).to.deep.equal({
      kind: 'fault',
      fault,
      atSample: 200,
    });
  });

  it('is over when it is unplugged for good', async () => {
    const device$ = simulate({
      recording: rampRecording(1),
      announce: false,
      faults: { faults: [{ kind: 'unplug', atSeconds: 0.1 }] },
    });
    let complete = false;
    const events: string[] = [];
    device$.subscribe({
      next: (event) => {
        events.push(event.kind);
        if (event.kind === 'device') listen(event.path, { reconnect: { giveUpAfterMs: 0 } });
      },
      complete: () => (complete = true),
    });
    await until(() => complete, 'completion');
    expect(events.slice(-2)).to.deep.equal(['fault', 'unplugged']);
  });

  describe('leaves a name', () => {
    let directory = '';
    beforeEach(() => (directory = realpathSync(mkdtempSync(join(tmpdir(), 'lubdub-simulate-')))));
    afterEach(() => rmSync(directory, { recursive: true }));

    it('where it is told to, and removes it', () => {
      const link = join(directory, 'stethoscope');
      const device = plugIn({ link });
      expect(device.path).to.equal(link);
      expect(realpathSync(link)).to.match(/^\/dev\//);
      device.unplug();
      expect(existsSync(link)).to.equal(false);
    });

    it('never over a file', () => {
      const link = join(directory, 'recording.wav');
      writeFileSync(link, 'precious');
      expect(() => plugIn({ link })).to.throw(ConfigurationError, /which is a file/);
    });

    it('where --port auto looks, as long as it runs', async () => {
      const before = process.env['XDG_RUNTIME_DIR'];
      process.env['XDG_RUNTIME_DIR'] = directory;
      try {
        const device = plugIn({ announce: true });
        expect(listSimulatedPorts()).to.have.length(1);
        const listener = listen('auto', { listSimulatedPorts });
        await until(() => listener.samples.length > 0, 'samples');
        listener.leave();
        device.unplug();
        expect(listSimulatedPorts()).to.deep.equal([]);
      } finally {
        if (before === undefined) delete process.env['XDG_RUNTIME_DIR'];
        else process.env['XDG_RUNTIME_DIR'] = before;
      }
    });
  });

  it('refuses wrong options at the call', () => {
    const recording = rampRecording(1);
    expect(() => simulate({ recording, speed: 0 })).to.throw(ConfigurationError, /speed must be .*got 0/);
    expect(() => simulate({ recording, seed: 1.5 })).to.throw(ConfigurationError, /seed must be .*got 1\.5/);
    expect(() => simulate({ recording: { ...recording, samples: new Float64Array(0) } })).to.throw(
      /at least one/,
    );
    expect(() => simulate({ recording: { ...recording, sampleRateHz: 0.5 } })).to.throw(/sampleRateHz/);
  });
});
