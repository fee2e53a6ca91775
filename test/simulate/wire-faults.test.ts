import { expect } from 'chai';
import type { WireFault } from '../../src/simulate/fault.js';
import { WireFaults, type Sent } from '../../src/simulate/wire-faults.js';

const rate = 2000;
const packetSamples = 40;

/** A packet whose bytes tell its number. */
function packet(number: number): Sent {
  const bytes = Uint8Array.from({ length: 20 }, (_, index) => (index === 0 ? number : 100 + index));
  return { bytes, type: 'samples', position: number * packetSamples, sampleCount: packetSamples };
}
const stopped: Sent = { bytes: Uint8Array.of(255), type: 'stopped', position: 4000, sampleCount: 0 };

function carryAll(faults: WireFault[], seed = 1, count = 100): { arrived: Uint8Array[][]; wire: WireFaults } {
  const wire = new WireFaults(faults, seed, rate);
  const arrived = Array.from({ length: count }, (_, number) => wire.carry(packet(number)));
  arrived.push(wire.carry(stopped));
  return { arrived, wire };
}
const firstBytes = (arrived: Uint8Array[][]): number[] => arrived.flat().map((bytes) => bytes[0]);

describe('WireFaults', () => {
  it('is a plain wire without faults', () => {
    expect(firstBytes(carryAll([]).arrived)).to.deep.equal([...Array(100).keys(), 255]);
  });

  it('drops the packets that hold the given moments', () => {
    const { arrived, wire } = carryAll([{ kind: 'drop', atSeconds: [0, 0.5, 1.999] }]);
    const missing = [...Array(100).keys()].filter((number) => !firstBytes(arrived).includes(number));
    expect(missing).to.deep.equal([0, 25, 99]);
    expect(wire.counters.dropped).to.equal(3);
  });

  it('strikes as often as the probability says, inside its time alone', () => {
    const faults: WireFault[] = [{ kind: 'drop', probability: 0.3, fromSeconds: 1, toSeconds: 150 }];
    const wire = new WireFaults(faults, 5, rate);
    let dropped = 0;
    for (let number = 0; number < 10_000; number++) {
      const sent = { ...packet(0), position: number * packetSamples };
      const struck = wire.carry(sent).length === 0;
      if (struck) {
        dropped += 1;
        expect(sent.position / rate)
          .to.be.at.least(1)
          .and.below(150);
      }
    }
    // 7450 packets; 6 standard deviations of the binomial are 237.
    expect(dropped).to.be.closeTo(7450 * 0.3, 237);
  });

  it('sends duplicates right after the packet', () => {
    const { arrived } = carryAll([{ kind: 'duplicate', atSeconds: [0.1] }]);
    expect(firstBytes(arrived).slice(4, 8)).to.deep.equal([4, 5, 5, 6]);
  });

  it('changes as many bytes as it says, at most, and none of the caller’s', () => {
    const sent = packet(5);
    const before = sent.bytes.slice();
    const wire = new WireFaults([{ kind: 'corrupt', atSeconds: [0.1], bytes: 3 }], 1, rate);
    const [damaged] = wire.carry(sent);
    const changed = [...damaged].filter((byte, index) => byte !== before[index]).length;
    expect(changed).to.be.within(1, 3);
    expect(sent.bytes).to.deep.equal(before);
  });

  it('delays a packet by a number of later ones, and loses it not even at the end', () => {
    expect(
      firstBytes(carryAll([{ kind: 'delay', atSeconds: [0.1], packets: 2 }]).arrived).slice(4, 10),
    ).to.deep.equal([4, 6, 7, 5, 8, 9]);
    const atEnd = firstBytes(carryAll([{ kind: 'delay', atSeconds: [1.99], packets: 9 }]).arrived);
    expect(atEnd.slice(-2)).to.deep.equal([99, 255]);
  });

  it('holds all packets of a while back and then sends them in order', () => {
    const { arrived } = carryAll([{ kind: 'hold', atSeconds: 0.2, forSeconds: 0.1 }]);
    expect(arrived.slice(9, 17).map((pieces) => pieces.length)).to.deep.equal([1, 0, 0, 0, 0, 0, 6, 1]);
    expect(firstBytes(arrived)).to.deep.equal([...Array(100).keys(), 255]);
  });

  it('lets nothing under way when the stream ends while it holds', () => {
    const { arrived } = carryAll([{ kind: 'hold', atSeconds: 1.9, forSeconds: 10 }]);
    expect(firstBytes(arrived)).to.deep.equal([...Array(100).keys(), 255]);
  });

  it('puts garbage between two packets, once', () => {
    const { arrived, wire } = carryAll([{ kind: 'garbage', atSeconds: 0.1, bytes: 500 }]);
    expect(arrived[5].map((bytes) => bytes.length)).to.deep.equal([500, 20]);
    expect(arrived.flat()).to.have.length(102);
    expect(wire.counters.garbageBytes).to.equal(500);
  });

  it('loses what is under way when the line is cut', () => {
    const wire = new WireFaults([{ kind: 'delay', atSeconds: [0], packets: 3 }], 1, rate);
    wire.carry(packet(0));
    wire.cut();
    expect([1, 2, 3, 4].flatMap((number) => wire.carry(packet(number)))).to.have.length(4);
  });

  it('strikes SAMPLES alone unless told otherwise', () => {
    const all = new WireFaults([{ kind: 'drop', probability: 1, of: 'all' }], 1, rate);
    const samples = new WireFaults([{ kind: 'drop', probability: 1 }], 1, rate);
    expect([all.carry(stopped).length, samples.carry(stopped).length]).to.deep.equal([0, 1]);
  });

  const mixture: WireFault[] = [
    { kind: 'drop', probability: 0.05 },
    { kind: 'duplicate', probability: 0.05 },
    { kind: 'corrupt', probability: 0.05, bytes: 2 },
    { kind: 'delay', probability: 0.05, packets: 3 },
    { kind: 'garbage', atSeconds: 1, bytes: 100 },
  ];

  it('is the same for the same seed, and another for another', () => {
    const bytes = (seed: number): string =>
      Buffer.concat(carryAll(mixture, seed).arrived.flat()).toString('hex');
    expect(bytes(1)).to.equal(bytes(1));
    expect(bytes(2)).to.not.equal(bytes(1));
  });

  it('strikes the same samples whatever else is sent in between', () => {
    const status: Sent = { bytes: Uint8Array.of(0), type: 'status', position: 0, sampleCount: 0 };
    const plain = carryAll([{ kind: 'drop', probability: 0.2, of: 'all' }]);
    const wire = new WireFaults([{ kind: 'drop', probability: 0.2, of: 'all' }], 1, rate);
    const arrived = Array.from({ length: 100 }, (_, number) => {
      wire.carry(status);
      return wire.carry(packet(number));
    });
    expect(firstBytes(arrived)).to.deep.equal(firstBytes(plain.arrived.slice(0, 100)));
  });
});
