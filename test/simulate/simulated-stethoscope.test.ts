import { expect } from 'chai';
import { PacketDecoder } from '../../src/decode/wire/packet-decoder.js';
import { encodePacket, type Packet, type SamplesPacket } from '../../src/decode/wire/packet.js';
import {
  SimulatedStethoscope,
  type SimulatedStethoscopeOptions,
} from '../../src/simulate/simulated-stethoscope.js';

const rate = 2000;
const hello: Packet = { type: 'hello', protocolCurrent: 1, protocolMin: 1 };

/** Every sample tells its place in the recording. */
function ramp(length: number): Float64Array {
  return Float64Array.from({ length }, (_, index) => ((index % 60_000) - 30_000) / 32768);
}
const placeOf = (integer: number): number => integer + 30_000;

/** The device and a host on a wire of its own, in a time of their own. */
class Bench {
  readonly device: SimulatedStethoscope;
  private readonly decoder = new PacketDecoder();
  nowMs = 10_000;

  constructor(options: Partial<SimulatedStethoscopeOptions> = {}) {
    const recording = { sampleRateHz: rate, bitsPerSample: 16, samples: ramp(10 * rate) };
    this.device = new SimulatedStethoscope({ recording, ...options });
    this.device.hostArrived(this.nowMs);
  }

  say(...packets: Packet[]): Packet[] {
    for (const packet of packets) this.device.receive(encodePacket(packet), this.nowMs);
    return this.hear();
  }

  hear(): Packet[] {
    const packets: Packet[] = [];
    for (let sent = this.device.next(this.nowMs); sent !== undefined; sent = this.device.next(this.nowMs)) {
      for (const decoded of this.decoder.push(sent.bytes)) {
        if (decoded.kind !== 'packet') throw new Error(decoded.reason);
        packets.push(decoded.packet);
      }
    }
    return packets;
  }

  /** What comes in so many milliseconds, asked for in steps of any length. */
  pass(ms: number, stepMs = 5): Packet[] {
    const packets: Packet[] = [];
    const endMs = this.nowMs + ms;
    while (this.nowMs < endMs) {
      this.nowMs = Math.min(endMs, this.nowMs + stepMs);
      packets.push(...this.hear());
    }
    return packets;
  }
}

const samplesIn = (packets: Packet[]): SamplesPacket[] =>
  packets.filter((packet): packet is SamplesPacket => packet.type === 'samples');
const typesOf = (packets: Packet[]): string[] => packets.map((packet) => packet.type);
const valuesIn = (packets: Packet[]): number[] => samplesIn(packets).flatMap((packet) => [...packet.samples]);

describe('SimulatedStethoscope', () => {
  describe('answers as the protocol says', () => {
    it('HELLO with INFO in every state', () => {
      const bench = new Bench();
      expect(bench.say(hello)).to.deep.equal([bench.device.info]);
      expect(typesOf(bench.say(hello, { type: 'start' }))).to.deep.equal(['info']);
      expect(typesOf(bench.say(hello))).to.deep.equal(['info']);
      expect(samplesIn(bench.pass(100)), 'it streams on').to.have.length(5);
    });

    it('START before HELLO with an error', () => {
      expect(new Bench().say({ type: 'start' })).to.deep.equal([
        { type: 'error', code: 2, text: 'say HELLO before START' },
      ]);
    });

    it('HELLO of a host that is too old with INFO, and START with an error', () => {
      const bench = new Bench({ protocolCurrent: 3, protocolMin: 2 });
      expect(typesOf(bench.say(hello))).to.deep.equal(['info']);
      expect(bench.say({ type: 'start' })[0]).to.include({ type: 'error', code: 1 });
    });

    it('HELLO without a version in common by stopping', () => {
      const bench = new Bench();
      bench.say(hello, { type: 'start' });
      const answer = bench.say({ type: 'hello', protocolCurrent: 9, protocolMin: 9 });
      expect(typesOf(answer)).to.deep.equal(['info', 'stopped']);
      expect(bench.pass(100)).to.deep.equal([]);
    });

    it('STOP with STOPPED always: first power-up’s, then the last one again', () => {
      const bench = new Bench();
      expect(bench.say({ type: 'stop' })).to.deep.equal([
        { type: 'stopped', reason: 'request', sampleIndex: 0 },
      ]);
      bench.say(hello, { type: 'start' });
      bench.pass(110);
      const rest = bench.say({ type: 'stop' });
      expect(typesOf(rest), 'what has been taken is sent first').to.deep.equal(['samples', 'stopped']);
      expect(rest[1]).to.include({ reason: 'request', sampleIndex: 220 });
      expect(bench.say({ type: 'stop' })).to.deep.equal([rest[1]]);
    });

    it('START while it streams with nothing', () => {
      const bench = new Bench();
      bench.say(hello, { type: 'start' });
      const first = samplesIn(bench.pass(100));
      expect(bench.say({ type: 'start' })).to.deep.equal([]);
      const second = samplesIn(bench.pass(100));
      expect(second[0].firstSample).to.equal(first.length * 40);
    });

    it('what it does not know with nothing', () => {
      const bench = new Bench();
      expect(bench.say({ type: 'unknown', typeByte: 0x55, payload: Uint8Array.of(1) })).to.deep.equal([]);
      bench.device.receive(Uint8Array.from([1, 2, 3, 0, 255, 0]), bench.nowMs);
      expect(bench.hear()).to.deep.equal([]);
    });
  });

  it('streams the whole recording, sample for sample, and says how it ended', () => {
    const bench = new Bench();
    bench.say(hello, { type: 'start' });
    const packets = bench.pass(10_000);
    expect(valuesIn(packets).map(placeOf)).to.deep.equal([...Array(10 * rate).keys()]);
    samplesIn(packets).forEach((packet, index) => {
      expect(packet).to.include({ sequence: index, firstSample: 40 * index, deviceMicros: 20_000 * index });
    });
    expect(packets.at(-1)).to.deep.equal({ type: 'stopped', reason: 'end', sampleIndex: 10 * rate });
    expect(typesOf(packets).filter((type) => type === 'status')).to.have.length(9);
  });

  it('keeps to its sample clock, however late it is asked', () => {
    const bench = new Bench();
    bench.say(hello, { type: 'start' });
    let heard = 0;
    for (const stepMs of [1, 7, 13, 333, 1, 2000, 19, 20, 21]) {
      heard += valuesIn(bench.pass(stepMs, stepMs)).length;
      const taken = ((bench.nowMs - 10_000) / 1000) * rate;
      expect(taken - heard, `after ${stepMs} ms`).to.be.within(0, 39);
    }
    expect(bench.device.dueMs(bench.nowMs)).to.equal(10_000 + ((heard + 40) / rate) * 1000);
  });

  it('sends the same bytes however it is asked', () => {
    const listen = (stepMs: number): Packet[] => {
      const bench = new Bench({ faults: [{ kind: 'overrun', atSeconds: 1.234, samples: 77 }] });
      bench.say(hello, { type: 'start' });
      return bench.pass(10_100, stepMs);
    };
    expect(listen(1)).to.deep.equal(listen(777));
  });

  it('runs at a multiple of real time', () => {
    const bench = new Bench({ speed: 4 });
    bench.say(hello, { type: 'start' });
    expect(valuesIn(bench.pass(1000))).to.have.length(4 * rate);
  });

  it('plays again and again, and again from the beginning after STOP', () => {
    const recording = { sampleRateHz: rate, bitsPerSample: 16, samples: ramp(100) };
    const bench = new Bench({ recording, loop: true });
    bench.say(hello, { type: 'start' });
    const values = valuesIn(bench.pass(1000)).map(placeOf);
    expect(values).to.deep.equal(Array.from({ length: rate }, (_, index) => index % 100));
    bench.pass(30);
    bench.say({ type: 'stop' });
    bench.say({ type: 'start' });
    expect(valuesIn(bench.pass(20)).map(placeOf)[0]).to.equal(0);
  });

  it('sends 24 bit for sources of more than 16, and keeps their precision', () => {
    const samples = Float64Array.from([0.5, -1, 1, 1 / 8388608, -0.25]);
    const bench = new Bench({ recording: { sampleRateHz: rate, bitsPerSample: 24, samples } });
    expect(bench.say(hello)[0]).to.include({ bitsPerSample: 24, fullScale: 8388608 });
    bench.say({ type: 'start' });
    const packets = bench.pass(50);
    expect(valuesIn(packets)).to.deep.equal([4194304, -8388608, 8388607, 1, -2097152]);
  });

  it('counts samples at either end of the range as clipped', () => {
    const samples = new Float64Array(2 * rate).fill(1, 100, 103).fill(-1, 200, 202);
    const bench = new Bench({ recording: { sampleRateHz: rate, bitsPerSample: 16, samples } });
    bench.say(hello, { type: 'start' });
    const status = bench.pass(1100).find((packet) => packet.type === 'status');
    expect(status).to.include({ clippedSamples: 5, overrunSamples: 0, contact: true, batteryPercent: 100 });
  });

  describe('with credit', () => {
    const credit = (sampleLimit: number): Packet => ({ type: 'credit', sampleLimit });

    it('keeps real time for a host that gives none', () => {
      const bench = new Bench({ speed: 'max' });
      bench.say(hello, { type: 'start' });
      expect(valuesIn(bench.pass(1000))).to.have.length(rate);
    });

    it('sends at once what it may, and no sample more', () => {
      const bench = new Bench({ speed: 'max' });
      bench.say(hello, credit(1010));
      expect(valuesIn(bench.say({ type: 'start' }))).to.have.length(1000);
      bench.say(credit(500));
      expect(valuesIn(bench.pass(1100)), 'a late CREDIT takes nothing back').to.have.length(10);
      expect(valuesIn(bench.say(credit(20_000)))).to.have.length(18_990);
    });

    it('sends STATUS once a second while it waits, and what it may of a packet', () => {
      const bench = new Bench({ speed: 'max' });
      bench.say(hello, credit(50), { type: 'start' });
      const packets = bench.pass(3100);
      expect(valuesIn(packets)).to.have.length(10);
      expect(typesOf(packets)).to.deep.equal(['samples', 'status', 'status']);
    });

    it('says so in its flags, and takes no CREDIT otherwise', () => {
      expect(new Bench({ speed: 'max' }).device.info.compatibleFlags & 1).to.equal(1);
      const bench = new Bench();
      expect(bench.device.info.compatibleFlags & 1).to.equal(0);
      bench.say(hello, credit(20_000), { type: 'start' });
      expect(valuesIn(bench.pass(100))).to.have.length(200);
    });

    it('forgets credit that came before HELLO: it crossed a restart on the wire', () => {
      const bench = new Bench({ speed: 'max' });
      const heard = bench.say(credit(1_000_000), hello, credit(400), { type: 'start' });
      expect(valuesIn([...heard, ...bench.pass(500)])).to.have.length(400);
    });

    it('forgets its credit with STOPPED', () => {
      const bench = new Bench({ speed: 'max' });
      bench.say(hello, credit(400), { type: 'start' });
      bench.say({ type: 'stop' });
      bench.say(credit(100));
      expect(valuesIn(bench.say({ type: 'start' }))).to.have.length(80);
    });
  });

  describe('suffers', () => {
    it('an overrun: index and STATUS tell it, the sequence does not', () => {
      const bench = new Bench({ faults: [{ kind: 'overrun', atSeconds: 0.5, samples: 300 }] });
      bench.say(hello, { type: 'start' });
      const packets = bench.pass(1000);
      const after = samplesIn(packets).find((packet) => packet.firstSample >= 1000)!;
      expect(after).to.include({ firstSample: 1300, sequence: 25, deviceMicros: 650_000 });
      expect(placeOf(after.samples[0])).to.equal(1300);
      expect(packets.find((packet) => packet.type === 'status')).to.include({ overrunSamples: 300 });
    });

    it('a stall: nothing comes, nothing is answered, and the heart beats on', () => {
      const bench = new Bench({ faults: [{ kind: 'stall', atSeconds: 1, forSeconds: 2 }] });
      bench.say(hello, { type: 'start' });
      expect(valuesIn(bench.pass(1000))).to.have.length(rate);
      bench.pass(100);
      expect(bench.say(hello, { type: 'stop' })).to.deep.equal([]);
      expect(bench.device.isPlugged).to.equal(true);
      expect(bench.pass(1890)).to.deep.equal([]);
      const back = samplesIn(bench.pass(100));
      expect(back[0].firstSample).to.equal(3 * rate);
      expect(placeOf(back[0].samples[0])).to.equal(3 * rate);
    });

    it('being unplugged: it starts anew, and the recording has gone on', () => {
      const bench = new Bench({ faults: [{ kind: 'unplug', atSeconds: 1, forSeconds: 2 }] });
      bench.say(hello, { type: 'start' });
      bench.pass(1010);
      expect(bench.device.isPlugged).to.equal(false);
      expect(bench.device.isOver).to.equal(false);
      bench.pass(1995);
      expect(bench.device.isPlugged).to.equal(true);
      expect(bench.say({ type: 'start' })[0]).to.include({ type: 'error', code: 2 });
      bench.say(hello, { type: 'start' });
      const first = samplesIn(bench.pass(30))[0];
      expect(first).to.include({ firstSample: 0, sequence: 0 });
      expect(placeOf(first.samples[0])).to.equal(Math.floor((3005 / 1000) * rate));
    });

    it('being unplugged for good', () => {
      const bench = new Bench({ faults: [{ kind: 'unplug', atSeconds: 1 }] });
      bench.say(hello, { type: 'start' });
      bench.pass(5000);
      expect(bench.device).to.include({ isPlugged: false, isOver: true });
    });

    it('being unplugged with a battery of its own: it counts on', () => {
      const bench = new Bench({
        faults: [{ kind: 'unplug', atSeconds: 1, forSeconds: 1, keepsCounting: true }],
      });
      bench.say(hello, { type: 'start' });
      bench.pass(2500);
      bench.device.hostArrived(bench.nowMs);
      bench.say(hello, { type: 'start' });
      const first = samplesIn(bench.pass(40))[0];
      expect(first.firstSample).to.be.within(2 * rate, 2.5 * rate);
    });

    it('a restart: INFO unasked, and nothing before it is greeted again', () => {
      const bench = new Bench({ faults: [{ kind: 'restart', atSeconds: 1 }] });
      bench.say(hello, { type: 'start' });
      const packets = bench.pass(1500);
      expect(packets.at(-1)).to.deep.equal(bench.device.info);
      expect(valuesIn(packets)).to.have.length(rate);
      bench.say(hello, { type: 'start' });
      const first = samplesIn(bench.pass(30))[0];
      expect(first).to.include({ firstSample: 0, sequence: 0 });
      expect(placeOf(first.samples[0])).to.equal(1.5 * rate);
    });

    it('an empty battery: it stops by itself, and the host may start it again', () => {
      const bench = new Bench({ faults: [{ kind: 'stop', atSeconds: 1, reason: 'battery' }] });
      bench.say(hello, { type: 'start' });
      expect(bench.pass(1100).at(-1)).to.include({ type: 'stopped', reason: 'battery', sampleIndex: rate });
      bench.say({ type: 'start' });
      expect(placeOf(valuesIn(bench.pass(30))[0])).to.equal(1.1 * rate);
    });

    it('a change of contact or battery, and says so at once', () => {
      const bench = new Bench({
        faults: [
          { kind: 'contact', atSeconds: 0.2, value: false },
          { kind: 'battery', atSeconds: 0.4, percent: 7 },
        ],
      });
      bench.say(hello, { type: 'start' });
      const statuses = bench.pass(500).filter((packet) => packet.type === 'status');
      expect(statuses.map(({ contact, batteryPercent }) => [contact, batteryPercent])).to.deep.equal([
        [false, 100],
        [false, 7],
      ]);
    });

    it('drift of the whole device: more samples by the host’s clock, as many by its own', () => {
      const bench = new Bench({ faults: [{ kind: 'drift', ppm: 10_000 }], loop: true });
      bench.say(hello, { type: 'start' });
      const packets = samplesIn(bench.pass(10_000));
      expect(packets.length * 40).to.be.closeTo(10 * rate * 1.01, 40);
      expect(packets.at(-1)!.deviceMicros).to.equal((packets.length - 1) * 20_000);
    });

    it('drift of the sample clock alone: its microseconds tell', () => {
      const bench = new Bench({ faults: [{ kind: 'drift', ppm: 10_000, of: 'samples' }], loop: true });
      bench.say(hello, { type: 'start' });
      const packets = samplesIn(bench.pass(10_000));
      expect(packets.length * 40).to.be.closeTo(10 * rate * 1.01, 40);
      const last = packets.at(-1)!;
      expect(last.deviceMicros).to.be.closeTo((last.firstSample / (rate * 1.01)) * 1e6, 1);
    });

    it('the same faults in every run of the recording', () => {
      const bench = new Bench({ faults: [{ kind: 'overrun', atSeconds: 0.5, samples: 100 }] });
      const run = (): number => {
        bench.say(hello, { type: 'start' });
        const count = valuesIn(bench.pass(1000)).length;
        bench.say({ type: 'stop' });
        return count;
      };
      expect([run(), run()]).to.deep.equal([1900, 1900]);
    });
  });

  it('drops what nobody reads once its buffer is full, and counts it', () => {
    const recording = { sampleRateHz: rate, bitsPerSample: 16, samples: ramp(100 * rate) };
    const bench = new Bench({ recording });
    bench.say(hello, { type: 'start' });
    bench.pass(1000);
    bench.nowMs += 30_000;
    const packets = bench.hear();
    const sent = valuesIn(packets).length;
    const status = packets.find((packet) => packet.type === 'status');
    expect(status?.overrunSamples).to.equal(30 * rate - sent);
    expect(sent).to.equal(5 * rate);
  });

  it('drops what was due while the port was closed, and counts it', () => {
    const bench = new Bench();
    bench.say(hello, { type: 'start' });
    bench.pass(1000);
    bench.nowMs += 2000;
    bench.device.hostArrived(bench.nowMs);
    const packets = bench.pass(100);
    expect(samplesIn(packets)[0].firstSample).to.equal(3 * rate);
    expect(packets[0]).to.include({ type: 'status', overrunSamples: 2 * rate });
  });
});
