import { messageType } from '../decode/wire/packet-layout.js';
import type { Strikes, WireFault } from './fault.js';
import { SeededRandom } from './seeded-random.js';

/** A piece that the device sends, and where in the stream it belongs. */
export interface Sent {
  readonly bytes: Uint8Array;
  readonly type: 'info' | 'samples' | 'status' | 'stopped' | 'error';
  /** Of samples: position of the first one in the stream. Of others: where the stream had come to. */
  readonly position: number;
  /** 0 of other types. */
  readonly sampleCount: number;
}

/** What was done to the stream so far. */
export interface WireFaultCounters {
  readonly dropped: number;
  readonly duplicated: number;
  readonly corrupted: number;
  readonly delayed: number;
  readonly garbageBytes: number;
}

interface Delayed {
  readonly bytes: Uint8Array;
  packetsToGo: number;
}

/**
 * The wire between device and host, with its faults.
 *
 * Whether a packet is struck depends on seed, fault and the packet's place in the stream alone, never on the time or on
 * what else was sent: the same plan strikes the same samples in every run.
 */
export class WireFaults {
  private readonly faults: readonly WireFault[];
  private readonly seed: number;
  private readonly sampleRateHz: number;
  private readonly counts = { dropped: 0, duplicated: 0, corrupted: 0, delayed: 0, garbageBytes: 0 };
  private readonly done = new Set<WireFault>();
  private others = 0;
  private delayed: Delayed[] = [];
  private held: Uint8Array[] = [];

  constructor(faults: readonly WireFault[], seed: number, sampleRateHz: number) {
    this.faults = faults;
    this.seed = seed;
    this.sampleRateHz = sampleRateHz;
  }

  get counters(): WireFaultCounters {
    return { ...this.counts };
  }

  /** What arrives at the host now: nothing, the packet, or several. The arrays are the receiver's. */
  carry(sent: Sent): Uint8Array[] {
    const arriving: Uint8Array[] = [];
    if (sent.type === 'stopped') this.release(arriving);
    const place = sent.type === 'samples' ? sent.position : (this.others += 1);
    let copies = [sent.bytes];
    let delayedBy = 0;
    for (const [index, fault] of this.faults.entries()) {
      if (fault.kind === 'hold') continue;
      if (fault.kind === 'garbage') {
        this.addGarbage(fault, index, sent, arriving);
        continue;
      }
      const random = new SeededRandom(
        this.seed,
        index,
        messageType[sent.type],
        place,
        Math.floor(place / 2 ** 32),
      );
      if (!this.strikes(fault, sent, random)) continue;
      if (fault.kind === 'drop') {
        this.counts.dropped += 1;
        copies = [];
      } else if (fault.kind === 'duplicate') {
        this.counts.duplicated += 1;
        copies = [...copies, ...copies];
      } else if (fault.kind === 'corrupt') {
        this.counts.corrupted += 1;
        copies = copies.map((bytes) => damage(bytes, fault.bytes ?? 1, random));
      } else {
        this.counts.delayed += 1;
        delayedBy = fault.packets ?? 1;
      }
    }
    if (delayedBy > 0) {
      for (const bytes of copies) this.delayed.push({ bytes, packetsToGo: delayedBy });
    } else {
      arriving.push(...copies);
      this.countDown(arriving);
    }
    if (!this.isHeld(sent)) return [...this.held.splice(0), ...arriving];
    this.held.push(...arriving);
    return [];
  }

  /** The line hangs up: what is under way never arrives. */
  cut(): void {
    this.delayed = [];
    this.held = [];
  }

  private strikes(fault: Strikes, sent: Sent, random: SeededRandom): boolean {
    if (sent.type !== 'samples' && fault.of !== 'all') return false;
    const { position, sampleCount } = sent;
    if (fault.atSeconds !== undefined) {
      return fault.atSeconds.some((seconds) => {
        const sample = this.sampleAt(seconds);
        return sample >= position && sample < position + sampleCount;
      });
    }
    if (position < this.sampleAt(fault.fromSeconds ?? 0)) return false;
    if (position >= this.sampleAt(fault.toSeconds ?? Infinity)) return false;
    return random.fraction() < (fault.probability ?? 0);
  }

  private addGarbage(
    fault: WireFault & { kind: 'garbage' },
    index: number,
    sent: Sent,
    arriving: Uint8Array[],
  ): void {
    if (this.done.has(fault) || sent.type !== 'samples') return;
    if (sent.position < this.sampleAt(fault.atSeconds)) return;
    this.done.add(fault);
    this.counts.garbageBytes += fault.bytes;
    arriving.push(new SeededRandom(this.seed, index).bytes(fault.bytes));
  }

  private isHeld(sent: Sent): boolean {
    if (sent.type !== 'samples') return this.held.length > 0 && sent.type !== 'stopped';
    return this.faults.some(
      (fault) =>
        fault.kind === 'hold' &&
        sent.position >= this.sampleAt(fault.atSeconds) &&
        sent.position < this.sampleAt(fault.atSeconds + fault.forSeconds),
    );
  }

  /** Nearest sample, as 0.2 s + 0.1 s is not 0.3 s to a computer. */
  private sampleAt(seconds: number): number {
    return Math.round(seconds * this.sampleRateHz);
  }

  private countDown(arriving: Uint8Array[]): void {
    for (const one of this.delayed) one.packetsToGo -= 1;
    arriving.push(...this.delayed.filter((one) => one.packetsToGo <= 0).map((one) => one.bytes));
    this.delayed = this.delayed.filter((one) => one.packetsToGo > 0);
  }

  private release(arriving: Uint8Array[]): void {
    arriving.push(...this.held.splice(0), ...this.delayed.splice(0).map((one) => one.bytes));
  }
}

function damage(bytes: Uint8Array, count: number, random: SeededRandom): Uint8Array {
  const damaged = bytes.slice();
  for (let hit = 0; hit < count; hit++) damaged[random.below(damaged.length)] ^= 1 + random.below(255);
  return damaged;
}
