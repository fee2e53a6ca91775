import type { SamplesPacket } from './packet.js';

/** How many packets and gaps are remembered: a second or more of stream, and a kilobyte of memory. */
const REMEMBERED = 64;

/** What the assembler took and missed lately, to tell a packet that comes twice or late from a device that restarted. */
export class RecentPackets {
  private readonly packets: { sequence: number; firstSample: number; deviceMicros: number }[] = [];
  private readonly gaps: { firstSample: number; lostSamples: number }[] = [];

  add(packet: SamplesPacket): void {
    const { sequence, firstSample, deviceMicros } = packet;
    if (this.packets.length === REMEMBERED) this.packets.shift();
    this.packets.push({ sequence, firstSample, deviceMicros });
  }

  /** @param firstSample uint32 index on the wire, as the packets count. */
  addGap(firstSample: number, lostSamples: number): void {
    if (this.gaps.length === REMEMBERED) this.gaps.shift();
    this.gaps.push({ firstSample, lostSamples });
  }

  /** The same packet was taken before. */
  has(packet: SamplesPacket): boolean {
    return this.packets.some((known) => isSamePacket(known, packet));
  }

  /** All samples of the packet were already given up as lost. */
  isLate(packet: SamplesPacket): boolean {
    return this.gaps.some((gap) => {
      const offset = (packet.firstSample - gap.firstSample) >>> 0;
      return offset + packet.samples.length <= gap.lostSamples;
    });
  }

  clearPackets(): void {
    this.packets.length = 0;
  }

  clear(): void {
    this.clearPackets();
    this.gaps.length = 0;
  }
}

type Stamp = Pick<SamplesPacket, 'sequence' | 'firstSample' | 'deviceMicros'>;

export function isSamePacket(a: Stamp, b: Stamp): boolean {
  return a.sequence === b.sequence && a.firstSample === b.firstSample && a.deviceMicros === b.deviceMicros;
}
