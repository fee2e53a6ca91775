import { expect } from 'chai';
import { NEVER, Subject, throwError } from 'rxjs';
import { AsciiWire } from '../../src/decode/wire/ascii-wire.js';
import { S16leWire } from '../../src/decode/wire/s16le-wire.js';
import { PLAIN_WIRE_NAMES } from '../../src/decode/wire/wires.js';
import {
  openPlainWire,
  type PlainWireEvent,
  type PlainWireOptions,
} from '../../src/device/open-plain-wire.js';
import { PlainTimeAxis } from '../../src/device/plain-time-axis.js';
import { ConfigurationError, PortError } from '../../src/errors.js';
import { PseudoTerminal } from '../../src/simulate/pseudo-terminal.js';
import { needPseudoTerminals } from '../support/pseudo-terminals.js';
import { until } from '../support/until.js';
import { PluggedIn, rampRecording } from '../support/simulated-devices.js';

const rate = 2000;
const toPlace = (sample: number): number => Math.round(sample * 32768) + 30_000;

describe('PlainTimeAxis', () => {
  const bytesOf = (...integers: number[]): Buffer => Buffer.from(new Int16Array(integers).buffer);

  it('makes an absence a gap as long as the host waited, and goes on behind it', () => {
    const axis = new PlainTimeAxis(new S16leWire(), 1000);
    axis.open();
    expect(axis.push(bytesOf(1, 2, 3), 5000)).to.have.length(1);
    axis.open();
    const [gap, chunk] = axis.push(bytesOf(4, 5), 5500);
    expect(gap).to.deep.equal({ kind: 'gap', atSample: 3, lostSamples: 498, cause: 'reconnect' });
    expect(chunk).to.deep.include({ kind: 'samples', firstSample: 501 });
    expect(axis.push(bytesOf(6), 5501)[0]).to.deep.include({ firstSample: 503 });
  });

  it('counts half a sample at the end of a connection as lost, and begins at a whole one', () => {
    const axis = new PlainTimeAxis(new S16leWire(), 1000);
    axis.open();
    axis.push(Uint8Array.of(1, 0, 2), 0);
    expect(axis.finish()).to.deep.equal([{ kind: 'gap', atSample: 1, lostSamples: 1, cause: 'lost' }]);
    axis.open();
    const [gap, chunk] = axis.push(bytesOf(7), 1);
    expect(gap).to.deep.include({ atSample: 2, lostSamples: 0, cause: 'reconnect' });
    expect(chunk).to.deep.equal({ kind: 'samples', firstSample: 2, samples: Float64Array.of(7 / 32768) });
  });

  it('makes no gap where no sample ever came', () => {
    const axis = new PlainTimeAxis(new AsciiWire(), 1000);
    axis.open();
    axis.open();
    expect(axis.push(Buffer.from('\n5\n'), 9000)).to.have.length(1);
  });
});

describe('openPlainWire', () => {
  const cleanUps: (() => void)[] = [];
  afterEach(() => cleanUps.splice(0).forEach((cleanUp) => cleanUp()));

  function listen(options: Partial<PlainWireOptions> & { port: string }): {
    events: PlainWireEvent[];
    places: () => number[];
    state: { error?: unknown; complete?: boolean };
  } {
    const events: PlainWireEvent[] = [];
    const state: { error?: unknown; complete?: boolean } = {};
    const subscription = openPlainWire({
      wire: 's16le',
      sampleRateHz: rate,
      reconnect: { firstDelayMs: 20, longestDelayMs: 50, giveUpAfterMs: 0 },
      ...options,
    }).subscribe({
      next: (event) => events.push(event),
      error: (error: unknown) => (state.error = error),
      complete: () => (state.complete = true),
    });
    cleanUps.push(() => subscription.unsubscribe());
    const places = (): number[] =>
      events.flatMap((event) => (event.kind === 'samples' ? [...event.samples].map(toPlace) : []));
    return { events, places, state };
  }

  describe('over a pseudo-terminal', () => {
    before(needPseudoTerminals);
    function plugIn(options: ConstructorParameters<typeof PluggedIn>[0]): PluggedIn {
      const device = new PluggedIn(options);
      cleanUps.push(() => device.unplug());
      return device;
    }

    for (const wire of PLAIN_WIRE_NAMES) {
      it(`takes every sample of ${wire}, until the board hangs up`, async () => {
        const device = plugIn({ recording: rampRecording(5), wire, speed: 'max' });
        const { places, state, events } = listen({ port: device.path, wire, isUnpaced: true });
        await until(() => state.error !== undefined, 'the end');
        expect(places()).to.deep.equal([...Array(5 * rate).keys()]);
        expect(events[0]).to.deep.include({
          kind: 'device',
          path: device.path,
          info: null,
          serialNumber: null,
        });
        expect(events.at(-2)).to.deep.include({ kind: 'connection', state: 'lost', reason: 'unplugged' });
        expect(events.at(-1)).to.deep.include({ kind: 'line' });
        expect(state.error).to.be.instanceOf(PortError).and.have.property('code', 'LUBDUB_DEVICE_LOST');
      });
    }

    it('goes on where the board is plugged in again, with a gap as long as it was away', async () => {
      const device = plugIn({
        recording: rampRecording(3),
        wire: 's16le',
        link: `/tmp/lubdub-test-${process.pid}`,
        faults: { faults: [{ kind: 'unplug', atSeconds: 0.3, forSeconds: 0.4 }] },
      });
      const stop$ = new Subject<void>();
      const { places, state, events } = listen({
        port: device.path,
        stop$,
        reconnect: { firstDelayMs: 20, longestDelayMs: 50 },
      });
      await until(() => places().length > 0.5 * rate, 'samples again');
      stop$.next();
      expect(state.complete).to.equal(true);
      expect(events.at(-1)).to.deep.equal({ kind: 'ended', reason: 'request' });
      const devices = events.flatMap((event) => (event.kind === 'device' ? [event.occasion] : []));
      expect(devices).to.deep.equal(['found', 'returned']);
      const gap = events.find((event) => event.kind === 'gap')!;
      expect(gap).to.deep.include({ kind: 'gap', atSample: 0.3 * rate, cause: 'reconnect' });
      // The board tells nothing, and when a busy host heard of it is chance: the length is for PlainTimeAxis, above.
      if (gap.kind === 'gap') expect(gap.lostSamples).to.be.above(0);
    });

    it('notices a board that falls silent', async () => {
      const terminal = new PseudoTerminal({});
      cleanUps.push(() => terminal.close());
      const { state } = listen({ port: terminal.path, silenceTimeoutMs: 200 });
      await until(() => state.error !== undefined, 'the watchdog');
      expect(state.error).to.deep.include({ code: 'LUBDUB_DEVICE_LOST', reason: 'silent' });
    });
  });

  it('gives the port’s own error where it cannot be opened', async () => {
    const { state } = listen({ port: '/dev/lubdub-not-there' });
    await until(() => state.error !== undefined, 'the error');
    expect(state.error).to.include({ code: 'LUBDUB_PORT', reason: 'missing' });
  });

  it('ends when it is stopped before the port is open', () => {
    const stop$ = new Subject<void>();
    const { events, state } = listen({ port: 'x', stop$, openPort: () => NEVER });
    stop$.next();
    expect(events).to.deep.equal([{ kind: 'ended', reason: 'unanswered' }]);
    expect(state.complete).to.equal(true);
  });

  it('hands on what is no fault of the line', async () => {
    const { state } = listen({ port: 'x', openPort: () => throwError(() => new TypeError('a bug')) });
    await until(() => state.error !== undefined, 'the error');
    expect(state.error).to.be.instanceOf(TypeError);
  });

  it('refuses wrong options at the call', () => {
    const good = { port: 'x', wire: 'ascii', sampleRateHz: 2000 } as const;
    expect(() => openPlainWire({ ...good, port: 'auto' })).to.throw(
      ConfigurationError,
      /name its port, got "auto"/,
    );
    expect(() => openPlainWire({ ...good, sampleRateHz: 0 })).to.throw(/sampleRateHz must be .*got 0/);
    expect(() => openPlainWire({ ...good, fullScale: -1 })).to.throw(/fullScale/);
    expect(() => openPlainWire({ ...good, silenceTimeoutMs: 0 })).to.throw(/silenceTimeoutMs/);
  });
});
