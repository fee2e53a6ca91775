import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Subject } from 'rxjs';
import { ConfigurationError, PortError } from '../../src/errors.js';
import { openStethoscope } from '../../src/device/open-stethoscope.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { until } from '../support/until.js';
import { RogueDevice } from '../support/rogue-device.js';
import { Listener, PluggedIn, rampRecording } from '../support/simulated-devices.js';

const rate = 2000;
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);

describe('openStethoscope', () => {
  before(needPseudoTerminals);
  const cleanUps: (() => void)[] = [];
  afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

  let directory = '';
  let link = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lubdub-device-'));
    link = join(directory, 'stethoscope');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function plugIn(options: ConstructorParameters<typeof PluggedIn>[0] = {}): PluggedIn {
    const device = new PluggedIn({ link, ...options });
    cleanUps.push(() => device.unplug());
    return device;
  }
  function listen(options: Partial<ConstructorParameters<typeof Listener>[0]> = {}): Listener {
    const listener = new Listener({ port: link, ...options });
    cleanUps.push(() => listener.leave());
    return listener;
  }
  const credit = { availableSamples: () => 4000 };

  it('streams a recording to its end in real time, with the device first', async () => {
    plugIn({ recording: rampRecording(0.5) });
    const listener = listen();
    await listener.over();
    expect(listener.error).to.equal(undefined);
    expect(listener.events.map((event) => event.kind).slice(0, 3)).to.deep.equal([
      'search',
      'device',
      'packet',
    ]);
    expect(listener.of('packet')[0].packet.type).to.equal('info');
    expect(listener.of('device')[0]).to.include({
      path: link,
      occasion: 'found',
      formatChanged: false,
      firmware: 'lubdub simulator',
      serialNumber: 'SIM-0001',
      sampleRateHz: rate,
      bitsPerSample: 16,
      fullScale: 32768,
      protocolVersion: 1,
      waitsForCredit: false,
    });
    expect(listener.places).to.deep.equal(range(0, 0.5 * rate));
    expect(listener.story).to.deep.equal(['device found', 'ended end']);
  });

  it('with credit loses nothing of a megabyte at full speed, and never gets more than it can take', async () => {
    const seconds = 300;
    plugIn({ recording: rampRecording(seconds), speed: 'max' });
    let processed = 0;
    const roomAgain$ = new Subject<void>();
    const listener: Listener = listen({
      credit: { availableSamples: () => 3000 - (received() - processed), roomAgain$ },
    });
    let counted = 0;
    let receivedSamples = 0;
    function received(): number {
      const { events } = listener;
      for (; counted < events.length; counted++) {
        const event = events[counted];
        if (event.kind === 'packet' && event.packet.type === 'samples')
          receivedSamples += event.packet.samples.length;
      }
      return receivedSamples;
    }
    let most = 0;
    // The work is done in gulps that do not fit the packets.
    const timer = setInterval(() => {
      most = Math.max(most, received() - processed);
      processed = Math.min(received(), processed + 2777);
      roomAgain$.next();
    }, 1);
    cleanUps.push(() => clearInterval(timer));
    await listener.over(30_000);
    expect(listener.error).to.equal(undefined);
    const { places } = listener;
    expect(places).to.have.length(seconds * rate);
    expect(places.findIndex((place, index) => place !== index % 60_000)).to.equal(-1);
    expect(most).to.be.at.most(3000);
    expect(listener.of('corrupt')).to.deep.equal([]);
  });

  it('asks the device to stop when it is told to, and still gets what the device holds', async () => {
    const device = plugIn();
    const stop$ = new Subject<void>();
    const listener = listen({ stop$ });
    await until(() => listener.samples.length > 5, 'samples');
    stop$.next();
    await listener.over();
    expect(listener.story).to.deep.equal(['device found', 'ended request']);
    const stopped = listener.of('packet').at(-1)!.packet;
    expect(stopped).to.include({ type: 'stopped', reason: 'request', sampleIndex: listener.places.length });
    await until(() => !device.hostIsThere, 'the port to be closed');
  });

  it('stops the device and closes the port when it is unsubscribed', async () => {
    const device = plugIn();
    const listener = listen();
    await until(() => listener.samples.length > 0, 'samples');
    listener.leave();
    await until(
      () => device.count('stopped') === 1 && !device.hostIsThere,
      'STOP, and the port to be closed',
    );
  });

  it('begins a recording anew that a killed program left streaming, without any of its remains', async () => {
    const device = plugIn();
    const killed = listen();
    await until(() => killed.samples.length > 0, 'samples');
    killed.kill();
    await until(() => !device.hostIsThere, 'the port to be closed');
    expect(device.count('stopped'), 'nobody said STOP').to.equal(0);
    const listener = listen();
    await until(() => listener.places.length > 200, 'samples');
    expect(listener.places.slice(0, 200)).to.deep.equal(range(0, 200));
  });

  describe('reconnects', () => {
    it('to a device that was unplugged and comes back, which starts anew', async () => {
      const device = plugIn({
        recording: rampRecording(2),
        faults: { faults: [{ kind: 'unplug', atSeconds: 0.5, forSeconds: 0.5 }] },
      });
      const listener = listen();
      await listener.over();
      expect(listener.story).to.deep.equal([
        'device found',
        'lost unplugged',
        'device returned',
        'ended end',
      ]);
      const { places } = listener;
      expect(places.slice(0, rate / 2), 'nothing before the loss is missing').to.deep.equal(
        range(0, rate / 2),
      );
      const resumed = places[rate / 2];
      expect(resumed).to.be.within(rate, 2 * rate - 1);
      expect(places.slice(rate / 2)).to.deep.equal(range(resumed, 2 * rate));
      expect(device.count('device')).to.equal(2);
      const retries = listener.of('connection').filter((event) => event.state === 'retrying');
      expect(retries[0]).to.include({ attempt: 1, inMs: 20, message: null });
      expect(retries[1].message, 'why the first attempt failed').to.match(/there is no such port/);
    });

    it('again and again, at full speed, and the same samples are lost in every run', async () => {
      const faults = {
        faults: [
          { kind: 'delay', atSeconds: [4.99], packets: 20 },
          { kind: 'unplug', atSeconds: 5, forSeconds: 0.2 },
          { kind: 'restart', atSeconds: 9 },
          { kind: 'unplug', atSeconds: 12, forSeconds: 0.3 },
          { kind: 'stall', atSeconds: 15, forSeconds: 0.1 },
        ] as const,
      };
      const run = async (): Promise<number[]> => {
        const device = plugIn({ recording: rampRecording(20), speed: 'max', faults });
        const listener = listen({ credit });
        await listener.over();
        device.unplug();
        expect(listener.error).to.equal(undefined);
        expect(listener.story).to.deep.equal([
          'device found',
          'lost unplugged',
          'device returned',
          'device restarted',
          'lost unplugged',
          'device returned',
          'ended end',
        ]);
        return listener.places;
      };
      const lost = [
        ...range(4.98 * rate, 5.2 * rate),
        ...range(12 * rate, 12.3 * rate),
        ...range(15 * rate, 15.1 * rate),
      ];
      const expected = range(0, 20 * rate).filter((place) => !lost.includes(place));
      expect(await run()).to.deep.equal(expected);
      expect(await run()).to.deep.equal(expected);
    });

    it('to no other device, and to the right one when that comes back', async () => {
      const first = plugIn({ serialNumber: 'A1' });
      const listener = listen();
      await until(() => listener.samples.length > 0, 'samples');
      first.unplug();
      const other = plugIn({ serialNumber: 'B2' });
      await until(
        () => listener.of('search').some((event) => event.ports[0].outcome === 'other-device'),
        'the other device to be noticed',
      );
      await until(() => !other.hostIsThere, 'the other device to be left alone');
      expect(other.count('started')).to.equal(0);
      other.unplug();
      const count = listener.samples.length;
      plugIn({ serialNumber: 'A1' });
      await until(() => listener.samples.length > count, 'samples again');
      expect(listener.story).to.deep.equal(['device found', 'lost unplugged', 'device returned']);
      expect(listener.of('device')[1].serialNumber).to.equal('A1');
    });

    it('to a device that moved to another port, when all ports may be asked', async () => {
      const first = plugIn({ serialNumber: 'A1' });
      let paths = [link];
      const describePort = (path: string) => ({
        path,
        device: path,
        manufacturer: null,
        vendorId: null,
        productId: null,
        usbSerialNumber: null,
      });
      const listener = listen({ port: 'auto', listPorts: () => Promise.resolve(paths.map(describePort)) });
      await until(() => listener.samples.length > 0, 'samples');
      first.unplug();
      const moved = plugIn({ serialNumber: 'A1', link: `${link}-2` });
      const another = plugIn({ serialNumber: 'B2' });
      paths = [link, moved.path];
      await until(() => listener.story.includes('device returned'), 'its return');
      expect(listener.of('device')[1].path).to.equal(moved.path);
      expect(another.count('started')).to.equal(0);
    });

    it('and says when the device comes back with another rate', async () => {
      const first = plugIn();
      const listener = listen();
      await until(() => listener.samples.length > 0, 'samples');
      first.unplug();
      plugIn({ recording: rampRecording(0.2, 4000) });
      await listener.over();
      const [found, returned] = listener.of('device');
      expect(found).to.include({ formatChanged: false, sampleRateHz: rate });
      expect(returned).to.include({ occasion: 'returned', formatChanged: true, sampleRateHz: 4000 });
    });

    it('to a device that stops sending without closing, and sees how much is missing', async () => {
      plugIn({
        recording: rampRecording(3),
        faults: { faults: [{ kind: 'stall', atSeconds: 0.3, forSeconds: 1.2 }] },
      });
      const listener = listen({ silenceTimeoutMs: 600 });
      await listener.over();
      expect(listener.story).to.deep.equal(['device found', 'lost silent', 'device returned', 'ended end']);
      const { samples } = listener;
      const at = samples.findIndex((packet) => packet.firstSample > 0.3 * rate);
      expect(samples[at - 1].firstSample + samples[at - 1].samples.length).to.equal(0.3 * rate);
      // The device counted on, so the index alone tells how much is missing.
      expect(samples[at].firstSample).to.be.at.least(1.5 * rate);
      expect(samples[at].samples[0] + 30_000).to.equal(samples[at].firstSample);
    });

    it('to a device that floods garbage', async () => {
      const device = new RogueDevice(link);
      cleanUps.push(() => device.unplug());
      const listener = listen({ silenceTimeoutMs: 400, handshakeTimeoutMs: 300 });
      await until(() => listener.story.includes('lost garbage'), 'the loss');
      expect(listener.of('corrupt').length).to.be.greaterThan(10);
      await until(
        () => listener.of('search').some((event) => event.ports[0].outcome === 'no-stethoscope'),
        'an attempt in vain',
      );
      device.unplug();
      plugIn({ serialNumber: 'ROGUE', recording: rampRecording(0.1) });
      await listener.over();
      expect(listener.story).to.deep.equal(['device found', 'lost garbage', 'device returned', 'ended end']);
    });

    it('to a device whose battery was empty', async () => {
      plugIn({
        recording: rampRecording(1),
        faults: { faults: [{ kind: 'stop', atSeconds: 0.3, reason: 'battery' }] },
      });
      const listener = listen();
      await listener.over();
      expect(listener.story).to.deep.equal(['device found', 'lost battery', 'device returned', 'ended end']);
    });

    it('and gives up in the end, with the reason', async () => {
      const device = plugIn();
      const listener = listen({ reconnect: { firstDelayMs: 20, longestDelayMs: 50, giveUpAfterMs: 200 } });
      await until(() => listener.samples.length > 0, 'samples');
      device.unplug();
      await listener.over();
      expect(listener.error).to.be.instanceOf(PortError).and.have.property('code', 'LUBDUB_DEVICE_LOST');
      expect((listener.error as Error).message).to.match(
        /stethoscope SIM-0001.*did not come back.*no such port/,
      );
    });

    it('not where that is not wanted', async () => {
      const device = plugIn();
      const listener = listen({ reconnect: { giveUpAfterMs: 0 } });
      await until(() => listener.samples.length > 0, 'samples');
      device.unplug();
      await listener.over();
      expect(listener.story).to.deep.equal(['device found', 'lost unplugged']);
      expect(listener.error).to.have.property('code', 'LUBDUB_DEVICE_LOST');
    });

    it('no more once it is told to stop', async () => {
      const device = plugIn();
      const stop$ = new Subject<void>();
      const listener = listen({ stop$ });
      await until(() => listener.samples.length > 0, 'samples');
      device.unplug();
      await until(() => listener.story.includes('lost unplugged'), 'the loss');
      stop$.next();
      await listener.over();
      expect(listener.story.at(-1)).to.equal('ended unanswered');
    });
  });

  it('learns of an end whose STOPPED was lost on the wire, instead of playing it all again', async () => {
    const fault = { kind: 'drop', probability: 0.5, of: 'all', fromSeconds: 0.49 } as const;
    // With this seed the STOPPED at the end is lost and the next one, the answer to the host's question, is not.
    const device = plugIn({ recording: rampRecording(0.5), faults: { seed: 1, faults: [fault] } });
    const listener = listen({ silenceTimeoutMs: 800 });
    await listener.over();
    expect(device.events.find((event) => event.kind === 'wire')).to.include({ dropped: 1 });
    expect(device.count('started')).to.equal(1);
    expect(listener.story).to.deep.equal(['device found', 'ended end']);
    expect(listener.places).to.deep.equal(range(0, 0.5 * rate));
  });

  it('keeps each subscriber’s own state, and opens the port anew for the next one', async () => {
    plugIn({ recording: rampRecording(0.2) });
    const stethoscope$ = openStethoscope({ port: link, listPorts: () => Promise.resolve([]) });
    for (let round = 0; round < 2; round++) {
      const occasions: string[] = [];
      await stethoscope$.forEach((event) => {
        if (event.kind === 'device') occasions.push(event.occasion);
      });
      expect(occasions).to.deep.equal(['found']);
    }
  });

  it('refuses wrong options at the call', () => {
    expect(() => openStethoscope({ port: '' })).to.throw(ConfigurationError, /port must be "auto" or/);
    expect(() => openStethoscope({ port: 'auto', handshakeTimeoutMs: 0 })).to.throw(
      /handshakeTimeoutMs.*got 0/,
    );
    expect(() => openStethoscope({ port: 'auto', silenceTimeoutMs: NaN })).to.throw(/silenceTimeoutMs/);
    expect(() => openStethoscope({ port: 'auto', reconnect: { firstDelayMs: -1 } })).to.throw(/firstDelayMs/);
  });
});
