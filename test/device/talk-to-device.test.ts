import { expect } from 'chai';
import { NEVER, Observable, of, Subject, throwError } from 'rxjs';
import type { PortEvent } from '../../src/acquire/serial-port.js';
import { PacketDecoder } from '../../src/decode/wire/packet-decoder.js';
import { encodePacket, type Packet } from '../../src/decode/wire/packet.js';
import { talkToDevice, type TalkEvent } from '../../src/device/talk-to-device.js';
import type { ReadEvent } from '../../src/device/stethoscope-event.js';
import { PortError } from '../../src/errors.js';
import { SimulatedStethoscope } from '../../src/simulate/simulated-stethoscope.js';
import { until } from '../support/until.js';
import { rampRecording } from '../support/simulated-devices.js';

const { info } = new SimulatedStethoscope({ recording: rampRecording(1) });

/** A port without hardware: what is written is noted, what arrives is said by the test. */
class FakePort {
  readonly written: string[] = [];
  private readonly events = new Subject<PortEvent>();
  private readonly decoder = new PacketDecoder();
  isSubscribed = false;

  readonly open = (path: string): Observable<PortEvent> =>
    new Observable((subscriber) => {
      this.isSubscribed = true;
      const subscription = this.events.subscribe(subscriber);
      subscriber.next({
        kind: 'open',
        path,
        write: (bytes) => {
          for (const decoded of this.decoder.push(bytes)) {
            this.written.push(decoded.kind === 'packet' ? decoded.packet.type : decoded.kind);
          }
        },
      });
      return () => {
        this.isSubscribed = false;
        subscription.unsubscribe();
      };
    });

  say(...packets: Packet[]): void {
    this.events.next({ kind: 'bytes', bytes: Buffer.concat(packets.map(encodePacket)) });
  }

  fail(error: unknown): void {
    this.events.error(error);
  }
}

const samples: Packet = {
  type: 'samples',
  sequence: 0,
  firstSample: 0,
  deviceMicros: 0,
  bitsPerSample: 16,
  samples: new Int32Array(10),
};

describe('talkToDevice', () => {
  let port: FakePort;
  let events: (Exclude<TalkEvent, ReadEvent> | ReadEvent['events'][number])[];
  let state: { error?: unknown; complete?: boolean };
  let begin$: Subject<void>;
  let stop$: Subject<void>;
  beforeEach(() => {
    port = new FakePort();
    events = [];
    state = {};
    begin$ = new Subject();
    stop$ = new Subject();
  });

  function talk(
    openPort: (path: string) => Observable<PortEvent> = port.open,
    onEvent: (event: TalkEvent) => void = () => undefined,
  ) {
    return talkToDevice({
      path: '/dev/fake',
      openPort,
      handshakeTimeoutMs: 100,
      streamOptions: () => ({ afresh: false, silenceTimeoutMs: 400 }),
      begin$,
      stop$,
      roomAgain$: NEVER,
    }).subscribe({
      next: (event) => {
        onEvent(event);
        events.push(...(event.kind === 'read' ? event.events : [event]));
      },
      error: (error: unknown) => (state.error = error),
      complete: () => (state.complete = true),
    });
  }
  /** A talk that streams. */
  function stream() {
    const subscription = talk();
    port.say(info);
    begin$.next();
    port.say(samples);
    return subscription;
  }

  it('hands on what one read brought as one event, the greeting by itself', () => {
    const reads: TalkEvent[] = [];
    const subscription = talk(port.open, (event) => reads.push(event));
    port.say(info);
    begin$.next();
    port.say(samples, { ...samples, sequence: 1, firstSample: 10 });
    port.say({ ...samples, sequence: 2, firstSample: 20 });
    const found = reads.map((event) => (event.kind === 'read' ? event.events.length : event.kind));
    expect(found).to.deep.equal(['greeted', 1, 2, 1]);
    subscription.unsubscribe();
  });

  it('completes with the stream, and closes the port', () => {
    stream();
    port.say({ type: 'stopped', reason: 'end', sampleIndex: 10 });
    expect(events.map((event) => event.kind)).to.deep.equal([
      'greeted',
      'packet',
      'packet',
      'packet',
      'ended',
    ]);
    expect(state).to.deep.equal({ complete: true });
    expect(port.isSubscribed).to.equal(false);
    expect(port.written, 'nothing after the end').to.deep.equal(['hello', 'start']);
  });

  it('waits to be told to begin', () => {
    const subscription = talk();
    port.say(info, samples);
    expect(port.written).to.deep.equal(['hello']);
    expect(events.map((event) => event.kind)).to.deep.equal(['greeted', 'packet']);
    subscription.unsubscribe();
  });

  it('asks the device to stop when it is unsubscribed in the middle, and closes the port', () => {
    stream().unsubscribe();
    expect(port.written).to.deep.equal(['hello', 'start', 'stop']);
    expect(port.isSubscribed).to.equal(false);
  });

  it('says nothing more to a device that it never started', () => {
    const subscription = talk();
    port.say(info);
    subscription.unsubscribe();
    expect(port.written).to.deep.equal(['hello']);
  });

  it('leaves a device streaming that it lost, so that the index tells what was missed', async () => {
    stream();
    await until(() => state.error !== undefined, 'the watchdog');
    expect(state.error).to.include({ reason: 'silent', code: 'LUBDUB_DEVICE_LOST' });
    // The one STOP is the question at half of the limit.
    expect(port.written).to.deep.equal(['hello', 'start', 'stop']);
    expect(port.isSubscribed).to.equal(false);
  });

  it('tells a line that hangs up before the greeting from one that hangs up after it', () => {
    talk();
    port.fail(new PortError('gone', { code: 'LUBDUB_DEVICE_LOST' }));
    expect(state.error).to.include({ code: 'LUBDUB_NO_DEVICE', outcome: 'hung-up' });
    port = new FakePort();
    stream();
    port.fail(new PortError('gone', { code: 'LUBDUB_DEVICE_LOST' }));
    expect(state.error).to.include({ code: 'LUBDUB_DEVICE_LOST', reason: 'unplugged' });
  });

  it('gives up a port that never opens, or that cannot be opened', async () => {
    talk(() => NEVER);
    await until(() => state.error !== undefined, 'the time limit');
    expect(state.error).to.include({ outcome: 'silent' });
    const failure = new PortError('busy');
    talk(() => throwError(() => failure));
    expect(state.error).to.include({ outcome: 'hung-up' });
  });

  it('asks at stop$, and ends with the answer', () => {
    stream();
    stop$.next();
    port.say(samples, { type: 'stopped', reason: 'request', sampleIndex: 20 });
    expect(events.at(-1)).to.deep.equal({ kind: 'ended', reason: 'request' });
    expect(port.written).to.deep.equal(['hello', 'start', 'stop']);
  });

  it('begins anew for each subscriber', () => {
    stream().unsubscribe();
    port = new FakePort();
    const subscription = talk();
    expect(port.written).to.deep.equal(['hello']);
    subscription.unsubscribe();
  });

  it('survives a port that opens at once and says nothing more', () => {
    const subscription = talk((path) => of({ kind: 'open', path, write: () => undefined }));
    expect(state).to.deep.equal({});
    subscription.unsubscribe();
  });
});
