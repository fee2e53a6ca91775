import { expect } from 'chai';
import type { SamplesPacket } from '../../../src/decode/wire/packet.js';
import { RecentPackets } from '../../../src/decode/wire/recent-packets.js';

const packet = (firstSample: number, count = 10): SamplesPacket => ({
  type: 'samples',
  sequence: firstSample & 0xffff,
  firstSample,
  deviceMicros: 5,
  bitsPerSample: 16,
  samples: new Int32Array(count),
});

describe('RecentPackets', () => {
  it('knows a packet again by sequence, index and clock', () => {
    const recent = new RecentPackets();
    recent.add(packet(100));
    expect(recent.has(packet(100))).to.equal(true);
    expect(recent.has({ ...packet(100), sequence: 1 })).to.equal(false);
    expect(recent.has({ ...packet(100), deviceMicros: 6 })).to.equal(false);
    expect(recent.has(packet(101))).to.equal(false);
  });

  it('takes a packet for late only where a gap holds all of it, across the wrap of the index, too', () => {
    const recent = new RecentPackets();
    recent.addGap(2 ** 32 - 15, 30);
    expect(recent.isLate(packet(2 ** 32 - 15))).to.equal(true);
    expect(recent.isLate(packet(5))).to.equal(true);
    expect(recent.isLate(packet(6))).to.equal(false);
    expect(recent.isLate(packet(2 ** 32 - 16))).to.equal(false);
  });

  it('remembers 64 packets and 64 gaps', () => {
    const recent = new RecentPackets();
    for (let i = 0; i <= 64; i += 1) {
      recent.add(packet(i * 100));
      recent.addGap(i * 100 + 50, 10);
    }
    expect([recent.has(packet(0)), recent.has(packet(100))]).to.deep.equal([false, true]);
    expect([recent.isLate(packet(50)), recent.isLate(packet(150))]).to.deep.equal([false, true]);
  });

  it('forgets packets alone, or all', () => {
    const recent = new RecentPackets();
    recent.add(packet(0));
    recent.addGap(50, 10);
    recent.clearPackets();
    expect([recent.has(packet(0)), recent.isLate(packet(50))]).to.deep.equal([false, true]);
    recent.clear();
    expect(recent.isLate(packet(50))).to.equal(false);
  });
});
