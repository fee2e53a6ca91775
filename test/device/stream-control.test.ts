import { expect } from 'chai';
import type { Packet, SamplesPacket, StoppedPacket } from '../../src/decode/wire/packet.js';
import { StreamControl, type StreamControlOptions } from '../../src/device/stream-control.js';

function samples(firstSample: number, length = 40): SamplesPacket {
  return {
    type: 'samples',
    sequence: 0,
    firstSample: firstSample >>> 0,
    deviceMicros: 0,
    bitsPerSample: 16,
    samples: new Int32Array(length),
  };
}
const status: Packet = {
  type: 'status',
  overrunSamples: 0,
  clippedSamples: 0,
  batteryPercent: null,
  contact: null,
};
const stopped = (reason: StoppedPacket['reason'], sampleIndex = 0): StoppedPacket => ({
  type: 'stopped',
  reason,
  sampleIndex,
});

/** A control and a clock that moves in the steps in which a host looks. */
class Bench {
  readonly control: StreamControl;
  readonly sent: { atMs: number; packet: Packet }[] = [];
  nowMs = 1000;

  constructor(options: Partial<StreamControlOptions> = {}) {
    this.control = new StreamControl({ afresh: false, silenceTimeoutMs: 3000, ...options });
    this.look();
  }

  look(): void {
    for (const packet of this.control.due(this.nowMs)) this.sent.push({ atMs: this.nowMs - 1000, packet });
  }

  /** Lets time go by, with packets that arrive all the while. */
  pass(ms: number, every?: () => Packet): void {
    for (let left = ms; left > 0; left -= 50) {
      this.nowMs += 50;
      if (every !== undefined) this.control.receive(every(), this.nowMs);
      this.look();
    }
  }

  receive(packet: Packet): boolean {
    const passed = this.control.receive(packet, this.nowMs);
    this.look();
    return passed;
  }

  types(): string[] {
    return this.sent.splice(0).map(({ packet }) => packet.type);
  }
}

describe('StreamControl', () => {
  it('stops what an earlier host left streaming before it starts, and passes nothing of it on', () => {
    const bench = new Bench({ afresh: true });
    expect(bench.types()).to.deep.equal(['stop']);
    expect(bench.receive(samples(123_456))).to.equal(false);
    expect(bench.receive(stopped('request', 123_496))).to.equal(false);
    expect(bench.types()).to.deep.equal(['start']);
    expect(bench.receive(samples(0))).to.equal(true);
    expect(bench.control.outcome).to.equal(undefined);
  });

  it('starts a device that never answers STOP all the same', () => {
    const bench = new Bench({ afresh: true });
    bench.pass(2500);
    expect(bench.types().slice(0, 5)).to.deep.equal(['stop', 'stop', 'stop', 'stop', 'start']);
  });

  it('does not take the second answer to its own STOPs for the end of the new stream', () => {
    const bench = new Bench({ afresh: true });
    bench.pass(600);
    expect(bench.types()).to.deep.equal(['stop', 'stop']);
    bench.receive(stopped('end', 9000));
    expect(bench.types()).to.deep.equal(['start']);
    expect(bench.receive(stopped('end', 9000))).to.equal(false);
    expect(bench.control.outcome).to.equal(undefined);
    bench.receive(samples(0));
    bench.receive(stopped('end', 40));
    expect(bench.control.outcome).to.deep.equal({ kind: 'ended', reason: 'end' });
  });

  it('repeats START every 500 ms until samples come, and not after', () => {
    const bench = new Bench();
    bench.pass(1200);
    expect(bench.types()).to.deep.equal(['start', 'start', 'start']);
    bench.receive(samples(0));
    bench.pass(1400);
    expect(bench.types()).to.deep.equal([]);
  });

  it('ends with a device that ends before its first sample', () => {
    const bench = new Bench();
    bench.receive(stopped('end', 0));
    expect(bench.control.outcome).to.deep.equal({ kind: 'ended', reason: 'end' });
  });

  describe('when samples stop coming', () => {
    it('asks after half of the limit, and learns of an end whose STOPPED was lost', () => {
      const bench = new Bench();
      bench.receive(samples(0));
      bench.types();
      bench.pass(1450);
      expect(bench.types()).to.deep.equal([]);
      bench.pass(100);
      expect(bench.types()).to.deep.equal(['stop']);
      expect(bench.receive(stopped('end', 40))).to.equal(true);
      expect(bench.control.outcome).to.deep.equal({ kind: 'ended', reason: 'end' });
    });

    it('starts a device again that had been streaming, and gives it another chance', () => {
      const bench = new Bench();
      bench.receive(samples(0));
      bench.pass(1550);
      bench.receive(stopped('request', 80));
      expect(bench.types()).to.deep.equal(['start', 'stop', 'start']);
      bench.receive(samples(0));
      bench.pass(1000);
      expect(bench.control.outcome).to.equal(undefined);
    });

    it('gives a silent device up at the limit', () => {
      const bench = new Bench();
      bench.receive(samples(0));
      bench.pass(2950);
      expect(bench.control.outcome).to.equal(undefined);
      bench.pass(50);
      expect(bench.control.outcome).to.include({ kind: 'lost', reason: 'silent' });
    });

    it('gives up a device that sends STATUS and no samples', () => {
      const bench = new Bench();
      bench.receive(samples(0));
      bench.pass(3000, () => status);
      expect(bench.control.outcome).to.include({ kind: 'lost', reason: 'silent' });
    });

    it('tells a flood of garbage from silence', () => {
      const bench = new Bench();
      bench.receive(samples(0));
      for (let round = 0; round < 60; round++) {
        bench.control.noteGarbage(254);
        bench.pass(50);
      }
      expect(bench.control.outcome).to.include({ kind: 'lost', reason: 'garbage' });
    });

    it('does not blame the device for the time in which the computer was suspended', () => {
      const bench = new Bench();
      bench.receive(samples(0));
      bench.nowMs += 3_600_000;
      bench.look();
      bench.pass(1000);
      expect(bench.control.outcome).to.equal(undefined);
      bench.pass(2000);
      expect(bench.control.outcome).to.include({ reason: 'silent' });
    });
  });

  for (const reason of ['battery', 'fault'] as const) {
    it(`takes STOPPED with the reason ${reason} for a loss`, () => {
      const bench = new Bench();
      bench.receive(samples(0));
      expect(bench.receive(stopped(reason, 40))).to.equal(true);
      expect(bench.control.outcome).to.include({ kind: 'lost', reason });
    });
  }

  it('greets a device again that started anew, before it starts it', () => {
    const bench = new Bench();
    bench.receive(samples(0));
    bench.types();
    bench.control.deviceRestarted();
    bench.look();
    expect(bench.types()).to.deep.equal(['hello', 'start']);
  });

  it('greets a device that says it was not greeted', () => {
    const bench = new Bench();
    bench.types();
    bench.receive({ type: 'error', code: 2, text: 'say HELLO before START' });
    bench.pass(500);
    expect(bench.types()).to.deep.equal(['hello', 'start']);
  });

  describe('stop()', () => {
    it('ends with the device’s answer, and still passes on the samples before it', () => {
      const bench = new Bench();
      bench.receive(samples(0));
      bench.types();
      bench.control.stop();
      bench.look();
      expect(bench.types()).to.deep.equal(['stop']);
      expect(bench.receive(samples(40))).to.equal(true);
      expect(bench.receive(stopped('request', 80))).to.equal(true);
      expect(bench.control.outcome).to.deep.equal({ kind: 'ended', reason: 'request' });
    });

    it('ends without an answer after four attempts', () => {
      const bench = new Bench();
      bench.receive(samples(0));
      bench.types();
      bench.control.stop();
      bench.look();
      bench.pass(1950);
      expect(bench.control.outcome).to.equal(undefined);
      bench.pass(100);
      expect(bench.control.outcome).to.deep.equal({ kind: 'ended', reason: 'unanswered' });
      expect(bench.types()).to.deep.equal(['stop', 'stop', 'stop', 'stop']);
    });
  });

  describe('credit', () => {
    const limits = (bench: Bench): number[] =>
      bench.sent.splice(0).flatMap(({ packet }) => (packet.type === 'credit' ? [packet.sampleLimit] : []));

    it('comes before START, when half of it is used up, and every 500 ms', () => {
      const bench = new Bench({ availableSamples: () => 1000 });
      expect(bench.sent.map(({ packet }) => packet.type)).to.deep.equal(['credit', 'start']);
      expect(limits(bench)).to.deep.equal([1000]);
      bench.receive(samples(0, 499));
      expect(limits(bench)).to.deep.equal([]);
      bench.receive(samples(499, 1));
      expect(limits(bench)).to.deep.equal([1500]);
      bench.pass(500);
      expect(limits(bench)).to.deep.equal([1500]);
    });

    it('is not given while there is no room, and such a wait is no silence', () => {
      let available = 100;
      const bench = new Bench({ availableSamples: () => available });
      available = 0;
      bench.receive(samples(0, 100));
      bench.pass(10_000, () => status);
      expect(new Set(limits(bench))).to.deep.equal(new Set([100]));
      expect(bench.control.outcome).to.equal(undefined);
      available = 500;
      bench.look();
      expect(limits(bench)).to.deep.equal([600]);
      bench.pass(1000);
      expect(bench.control.outcome, 'time to answer').to.equal(undefined);
    });

    it('notices a device without credit that is silent altogether', () => {
      const bench = new Bench({ availableSamples: () => 0 });
      bench.receive(samples(0, 40));
      bench.pass(3000);
      expect(bench.control.outcome).to.include({ reason: 'silent' });
    });

    it('goes on where the device shows itself after a loss, and wraps with the index', () => {
      const nextSample = 2 ** 32 - 10;
      const bench = new Bench({ availableSamples: () => 100, nextSample });
      expect(bench.types()).to.deep.equal(['start']);
      bench.receive(samples(nextSample, 60));
      expect(limits(bench)).to.deep.equal([150]);
    });

    it('comes after HELLO where the device has started anew, as HELLO cancels what crossed the restart', () => {
      const bench = new Bench({ availableSamples: () => 1000 });
      bench.receive(samples(0, 40));
      bench.types();
      bench.control.deviceRestarted();
      bench.look();
      expect(bench.types()).to.deep.equal(['hello', 'credit', 'start']);
    });

    it('is not given in the old numbering to a device that begins at 0 after a loss', () => {
      const bench = new Bench({ availableSamples: () => 100, nextSample: 40_000_000 });
      bench.receive(samples(0, 40));
      expect(limits(bench)).to.deep.equal([140]);
    });

    it('grows until it reaches a device that counted on beyond what arrived', () => {
      const bench = new Bench({ availableSamples: () => 1000, nextSample: 5000 });
      bench.pass(1600, () => status);
      expect(limits(bench)).to.deep.equal([6000, 7000, 8000]);
      bench.receive(samples(7960, 40));
      bench.pass(500);
      expect(limits(bench)).to.deep.equal([9000, 9000]);
      expect(bench.control.outcome).to.equal(undefined);
    });

    it('is not moved back by a duplicate or a late packet', () => {
      const bench = new Bench({ availableSamples: () => 1000 });
      bench.receive(samples(0, 600));
      expect(limits(bench)).to.deep.equal([1000, 1600]);
      bench.receive(samples(0, 100));
      bench.pass(500);
      expect(limits(bench)).to.deep.equal([1600]);
    });
  });
});
