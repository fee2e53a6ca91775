import { encodePacket } from '../decode/wire/packet.js';
import { maxSamplesPerPacket } from '../decode/wire/packet-layout.js';
import type { Digitizer } from './simulated-recording.js';
import type { StreamClock } from './stream-clock.js';
import type { Sent } from './wire-faults.js';

export interface SampleFeedOptions {
  readonly digitizer: Digitizer;
  readonly clock: StreamClock;
  /** Length of a packet, as far as the protocol allows it. */
  readonly packetMs: number;
  /** What the device's buffer holds; older samples are dropped when it is full. */
  readonly bufferSamples: number;
}

/**
 * The converter of the simulated stethoscope and its buffer: which samples are due, by the clock or by the host's credit,
 * and what was dropped.
 *
 * Positions count from the first START, the index in the packets from the last one. Packets end at whole multiples of
 * their length, so that they are the same in every run. Knows no clock; every call is told the time.
 */
export class SampleFeed {
  private readonly digitizer: Digitizer;
  private readonly clock: StreamClock;
  private readonly packetSamples: number;
  private readonly bufferSamples: number;
  private place = 0;
  /** Position of index 0. */
  private origin = 0;
  /** Position at which the device's clock was 0. */
  private bootPosition = 0;
  private stopAt = Infinity;
  private sequence = 0;
  /** uint32 index before which samples may be sent; undefined: the clock says. */
  private sampleLimit: number | undefined;
  private ownOverrunSamples = 0;
  private ownClippedSamples = 0;

  constructor(options: SampleFeedOptions) {
    this.digitizer = options.digitizer;
    this.clock = options.clock;
    this.bufferSamples = options.bufferSamples;
    const { sampleRateHz, bitsPerSample } = this.digitizer;
    const samples = Math.round((sampleRateHz * options.packetMs) / 1000);
    this.packetSamples = Math.min(Math.max(1, samples), maxSamplesPerPacket(bitsPerSample));
  }

  get position(): number {
    return this.place;
  }

  /** uint32, index of the next sample. */
  get index(): number {
    return (this.place - this.origin) >>> 0;
  }

  /** Whether the clock says what is due, and not the host's credit. */
  get isPaced(): boolean {
    return this.sampleLimit === undefined;
  }

  /** Why nothing is left, undefined while something is. */
  get end(): 'end' | 'request' | undefined {
    if (this.place >= this.stopAt) return 'request';
    return this.place >= this.digitizer.totalSamples ? 'end' : undefined;
  }

  /** Since START. */
  get overrunSamples(): number {
    return this.ownOverrunSamples;
  }

  /** Since START. */
  get clippedSamples(): number {
    return this.ownClippedSamples;
  }

  /** The recording begins anew, now. */
  rewind(nowMs: number): void {
    this.place = 0;
    this.bootPosition = 0;
    this.clock.start(nowMs);
  }

  /** START: indices and counts begin at 0 with the sample that is taken now. */
  begin(nowMs: number): void {
    if (this.isPaced) {
      const taken = this.clock.taken(nowMs);
      // With credit it had run ahead of its clock.
      if (taken < this.place) this.clock.start(nowMs, this.place);
      else this.place = taken;
    }
    this.origin = this.place;
    this.stopAt = Infinity;
    this.sequence = 0;
    this.ownOverrunSamples = 0;
    this.ownClippedSamples = 0;
  }

  /** CREDIT: a limit before an earlier one changes nothing. */
  creditTo(sampleLimit: number): void {
    if (this.sampleLimit === undefined || ((sampleLimit - this.sampleLimit) | 0) > 0) {
      this.sampleLimit = sampleLimit;
    }
  }

  cancelCredit(): void {
    this.sampleLimit = undefined;
  }

  /** STOP: what has been taken by now is still to be sent. */
  stop(nowMs: number): void {
    if (this.stopAt !== Infinity) return;
    this.stopAt = this.isPaced ? Math.max(this.place, this.clock.taken(nowMs)) : this.place;
  }

  /** Power-up: the device's clock begins at 0 and nothing is to be stopped. */
  boot(): void {
    this.bootPosition = this.place;
    this.stopAt = Infinity;
    this.cancelCredit();
  }

  /** Samples that are taken and never sent. @returns whether there were any. */
  drop(samples: number): boolean {
    const count = Math.min(samples, this.last - this.place);
    if (count <= 0) return false;
    this.place += count;
    this.ownOverrunSamples += count;
    return true;
  }

  /** Nobody listened until now. @returns whether samples were dropped. */
  dropDue(nowMs: number): boolean {
    return this.isPaced && this.drop(this.clock.taken(nowMs) - this.place);
  }

  /** Drops what no longer fits into the buffer. @returns whether samples were dropped. */
  dropOverflow(nowMs: number): boolean {
    if (!this.isPaced) return false;
    const late = this.clock.taken(nowMs) - this.place;
    return late > this.bufferSamples && this.drop(late - Math.floor(this.bufferSamples / 2));
  }

  /**
   * The next packet, if all of it may be sent now.
   *
   * @param before position that it must not reach beyond.
   * @param partial whether a shorter packet will do.
   */
  next(nowMs: number, before: number, partial: boolean): Sent | undefined {
    const count = this.packetCount(before);
    const allowed = this.limit(nowMs) - this.place;
    if (allowed >= count) return this.packet(count);
    return partial && allowed > 0 ? this.packet(allowed) : undefined;
  }

  /** When the next packet is due, Infinity where it waits for credit. */
  dueMs(before: number): number {
    return this.isPaced ? this.clock.takenAtMs(this.place + this.packetCount(before)) : Infinity;
  }

  /** How long the host has to wait until `position` is taken. */
  takenAtMs(position: number): number {
    return this.clock.takenAtMs(position);
  }

  private get last(): number {
    return Math.min(this.digitizer.totalSamples, this.stopAt);
  }

  private packetCount(before: number): number {
    const whole = this.packetSamples - ((this.place - this.origin) % this.packetSamples);
    return Math.min(whole, this.last - this.place, before - this.place);
  }

  private limit(nowMs: number): number {
    if (this.sampleLimit === undefined) return this.clock.taken(nowMs);
    return this.place + Math.max(0, (this.sampleLimit - this.index) | 0);
  }

  private packet(count: number): Sent {
    const position = this.place;
    const samples = this.digitizer.read(position, count);
    for (const sample of samples) if (this.digitizer.isClipped(sample)) this.ownClippedSamples += 1;
    const bytes = encodePacket({
      type: 'samples',
      sequence: this.sequence,
      firstSample: this.index,
      deviceMicros: this.clock.deviceMicros(position - this.bootPosition),
      bitsPerSample: this.digitizer.bitsPerSample,
      samples,
    });
    this.sequence = (this.sequence + 1) & 0xffff;
    this.place += count;
    return { bytes, type: 'samples', position, sampleCount: count };
  }
}
