import { ConfigurationError } from '../../errors.js';
import { expectPositive } from '../../expect-positive.js';
import { type AssemblerCounters, noAssemblerCounts } from './assembler-counters.js';
import { DeviceClock, type DeviceTime } from './device-clock.js';
import { OverrunTally } from './overrun-tally.js';
import type { Packet, SamplesPacket, StatusPacket, StoppedPacket } from './packet.js';
import { isSamePacket, RecentPackets } from './recent-packets.js';
import { RecordingAxis } from './recording-axis.js';
import type { GapCause, Sampled } from '../samples.js';

export interface SampleAssemblerOptions {
  /** From INFO. */
  readonly sampleRateHz: number;
  /** From INFO: the integer that stands for 1.0. */
  readonly fullScale: number;
  /**
   * `start` (default): the host has just sent START, so the first sample has index 0 and what is missing before the
   * first packet is lost. `anywhere`: the device was streaming already; the first packet is the beginning.
   */
  readonly begins?: 'start' | 'anywhere';
  /** Longest loss that is believed, seconds, default 600. A longer step in the index is a restart. */
  readonly maxLossSeconds?: number;
}

/** A step of the index is believed when the device's clock moved by the same time, give or take this. */
const clockTolerance = { fraction: 0.02, seconds: 0.1 };

/** Above this a microsecond clock that wraps in 4295 s could no longer be compared without doubt. */
const LONGEST_MAX_LOSS_SECONDS = 2000;

/**
 * Packets to samples on one time axis: the 32-bit index is unwrapped, what came twice is dropped, and whatever is
 * missing becomes a gap. What is believed of an index stands in firmware-protocol/README.md, "What the host does
 * with the index"; no single packet can make a loss that the device's clock does not confirm.
 *
 * Push only what came after START: an older STOPPED would be taken for this stream's end.
 */
export class SampleAssembler {
  private readonly ownSampleRateHz: number;
  private readonly axis: RecordingAxis;
  private readonly begins: 'start' | 'anywhere';
  private readonly maxLossSamples: number;
  private readonly recent = new RecentPackets();
  private readonly clock = new DeviceClock();
  private readonly overruns = new OverrunTally();
  private counts: { -readonly [Name in keyof AssemblerCounters]: number } = { ...noAssemblerCounts };
  /** Index on the wire that the next sample should have; null until the first packet when it began anywhere. */
  private expected!: number | null;
  private expectedSequence!: number;
  /** Index on the wire of the packet that the clock was last read from. */
  private clockSample!: number;
  /** A packet that contradicts the stream, until the next one says which of them is right. */
  private odd!: SamplesPacket | null;
  /** Samples of odd packets already counted as lost since the last good packet. */
  private prepaidSamples!: number;
  /** INFO or STOPPED came since the last SAMPLES: a numbering from 0 may begin. */
  private mayRestart!: boolean;
  /** STOPPED came since the last SAMPLES: what comes now cannot go on with the old numbering. */
  private stopped!: boolean;
  private ownDeviceTime!: DeviceTime | null;

  constructor(options: SampleAssemblerOptions) {
    const { sampleRateHz, fullScale, begins = 'start', maxLossSeconds = 600 } = options;
    expectPositive(sampleRateHz, 'sampleRateHz');
    expectPositive(fullScale, 'fullScale');
    if (!(maxLossSeconds >= 0 && maxLossSeconds <= LONGEST_MAX_LOSS_SECONDS)) {
      throw new ConfigurationError(
        `maxLossSeconds must be in 0..${LONGEST_MAX_LOSS_SECONDS}, got ${maxLossSeconds}`,
      );
    }
    this.ownSampleRateHz = sampleRateHz;
    this.axis = new RecordingAxis(fullScale);
    this.begins = begins;
    this.maxLossSamples = Math.min(Math.floor(maxLossSeconds * sampleRateHz), 2 ** 31 - 1);
    this.reset();
  }

  get counters(): AssemblerCounters {
    return { ...this.counts, ...this.axis.counts, reportedOverrunSamples: this.overruns.reportedSamples };
  }

  /** When the device took the first sample of the last chunk; null before the first chunk. */
  get deviceTime(): DeviceTime | null {
    return this.ownDeviceTime;
  }

  /** As new. */
  reset(): void {
    this.counts = { ...noAssemblerCounts };
    this.expected = this.begins === 'start' ? 0 : null;
    this.expectedSequence = 0;
    this.clockSample = 0;
    this.axis.reset();
    this.odd = null;
    this.prepaidSamples = 0;
    this.mayRestart = false;
    this.stopped = false;
    this.overruns.reset(this.begins === 'anywhere');
    this.ownDeviceTime = null;
    this.recent.clear();
    this.clock.reset();
  }

  /**
   * @param packet any packet; those that say nothing of samples change nothing.
   * @returns chunks and gaps in the order of the time axis, often one, at most five. The receiver owns the arrays.
   */
  push(packet: Packet): Sampled[] {
    const out: Sampled[] = [];
    if (packet.type === 'samples') this.pushSamples(packet, out);
    else if (packet.type === 'status') this.pushStatus(packet);
    else if (packet.type === 'stopped') this.pushStopped(packet, out);
    else if (packet.type === 'info') this.expectRestart();
    return out;
  }

  /** The stream has ended without STOPPED, or the run is over: what was still in doubt is counted as lost. */
  finish(): Sampled[] {
    const out: Sampled[] = [];
    this.giveUpOdd(out);
    this.endNumbering(out);
    return out;
  }

  private pushSamples(packet: SamplesPacket, out: Sampled[]): void {
    this.counts.packets += 1;
    if (this.expected === null) {
      this.expected = packet.firstSample;
      this.expectedSequence = packet.sequence;
    }
    const odd = this.odd;
    if (odd !== null && isSamePacket(odd, packet)) {
      this.counts.duplicatePackets += 1;
    } else if (odd !== null && packet.firstSample === endOf(odd)) {
      this.believeOdd(odd, out);
      this.take(packet, out);
    } else if (!this.pushInOrder(packet, this.expected, out)) {
      this.pushOdd(packet, out);
    }
  }

  /** @returns false where the packet does not fit the numbering so far. */
  private pushInOrder(packet: SamplesPacket, expected: number, out: Sampled[]): boolean {
    const step = (packet.firstSample - expected) | 0;
    const micros = this.clock.since(packet.deviceMicros);
    const samples = (packet.firstSample - this.clockSample) >>> 0;
    if (!this.stopped && (step === 0 || (step > 0 && this.isLikelyLoss(step, samples, micros)))) {
      this.forgetOdd();
      this.skip(step, this.causeBefore(packet), out);
      this.take(packet, out);
    } else if (this.recent.has(packet)) {
      this.counts.duplicatePackets += 1;
    } else if (this.recent.isLate(packet)) {
      this.counts.latePackets += 1;
    } else {
      return false;
    }
    return true;
  }

  private pushOdd(packet: SamplesPacket, out: Sampled[]): void {
    const odd = this.odd;
    if (odd !== null && this.isOneNumbering(odd, packet)) {
      this.believeOdd(odd, out);
      if (!this.pushInOrder(packet, endOf(odd), out)) this.odd = packet;
      return;
    }
    this.giveUpOdd(out);
    this.odd = packet;
  }

  /** Whether one packet is before the other by the index and, by as much, by the clock. */
  private isOneNumbering(a: SamplesPacket, b: SamplesPacket): boolean {
    const samples = (b.firstSample - a.firstSample) | 0;
    const micros = (b.deviceMicros - a.deviceMicros) | 0;
    if (samples < 0) return -samples >= b.samples.length && this.isLikelyLoss(-samples, -samples, -micros);
    return samples >= a.samples.length && this.isLikelyLoss(samples, samples, micros);
  }

  /** Whether `step` lost samples agree with the clock, which moved by `micros` over `samples`. */
  private isLikelyLoss(step: number, samples: number, micros: number | null): boolean {
    if (step > this.maxLossSamples || micros === null) return false;
    const seconds = samples / this.ownSampleRateHz;
    const tolerance = seconds * clockTolerance.fraction + clockTolerance.seconds;
    return Math.abs(micros / 1e6 - seconds) <= tolerance;
  }

  /** Two packets tell the same: the step is a loss if it can be one, else the device began to count anew. */
  private believeOdd(odd: SamplesPacket, out: Sampled[]): void {
    const step = (odd.firstSample - (this.expected ?? 0)) | 0;
    if (!this.stopped && step > 0 && step <= this.maxLossSamples) {
      this.skip(step, this.causeBefore(odd), out);
    } else {
      this.endNumbering(out);
      this.counts.restarts += 1;
      this.recent.clear();
      this.clock.reset();
      this.expectedSequence = this.mayRestart ? 0 : odd.sequence;
      // After INFO or STOPPED the numbering began at 0, so what is missing before this packet is known to be lost.
      const lost = this.mayRestart && odd.firstSample <= this.maxLossSamples ? odd.firstSample : 0;
      this.axis.addGap(lost, 'restart', out);
    }
    this.odd = null;
    this.take(odd, out);
  }

  private take(packet: SamplesPacket, out: Sampled[]): void {
    const missing = (packet.sequence - this.expectedSequence) & 0xffff;
    if (missing < 0x8000) this.counts.missingPackets += missing;
    this.recent.add(packet);
    this.expected = endOf(packet);
    this.expectedSequence = (packet.sequence + 1) & 0xffff;
    this.clockSample = packet.firstSample;
    this.prepaidSamples = 0;
    this.mayRestart = false;
    this.stopped = false;
    this.ownDeviceTime = {
      atSample: this.axis.next,
      deviceMicros: this.clock.push(packet.deviceMicros),
      run: this.counts.restarts,
    };
    this.axis.addSamples(packet.samples, out);
  }

  /** Leaves out `step` samples of the wire's numbering, less those that were counted as lost already. */
  private skip(step: number, cause: GapCause, out: Sampled[]): void {
    if (step === 0) return;
    this.recent.addGap(this.expected ?? 0, step);
    this.overruns.addGap(step);
    const lost = step - this.prepaidSamples;
    if (lost > 0) this.axis.addGap(lost, cause, out);
  }

  private causeBefore(packet: SamplesPacket): GapCause {
    return packet.sequence === this.expectedSequence ? 'overrun' : 'lost';
  }

  /** The stream goes on as if the odd packet had not been; a step over its samples counts them. */
  private forgetOdd(): void {
    if (this.odd !== null) this.counts.oddPackets += 1;
    this.odd = null;
  }

  /** Nothing bears the odd packet out: its samples have no place and count as lost. */
  private giveUpOdd(out: Sampled[]): void {
    if (this.odd === null) return;
    const lost = this.odd.samples.length;
    this.forgetOdd();
    this.axis.addGap(lost, 'lost', out);
    this.prepaidSamples += lost;
  }

  private pushStatus(packet: StatusPacket): void {
    this.overruns.report(packet.overrunSamples);
    this.counts.clippedSamples = packet.clippedSamples;
  }

  private pushStopped(packet: StoppedPacket, out: Sampled[]): void {
    if (this.expected === null || this.stopped) return;
    if (this.odd !== null && packet.sampleIndex === endOf(this.odd)) this.believeOdd(this.odd, out);
    const step = (packet.sampleIndex - this.expected) | 0;
    if (step >= 0 && step <= this.maxLossSamples) {
      this.forgetOdd();
      this.skip(step, 'lost', out);
      this.prepaidSamples = 0;
    } else {
      this.giveUpOdd(out);
      this.counts.oddPackets += 1;
    }
    this.endNumbering(out);
    this.expectRestart();
    this.stopped = true;
  }

  private expectRestart(): void {
    this.mayRestart = true;
    this.recent.clearPackets();
  }

  /** Counts the overruns that STATUS told of and that no step in the index showed: only their place is unknown. */
  private endNumbering(out: Sampled[]): void {
    const unplaced = this.overruns.settle();
    if (unplaced > 0 && unplaced <= this.maxLossSamples) this.axis.addGap(unplaced, 'overrun', out);
  }
}

function endOf(packet: SamplesPacket): number {
  return (packet.firstSample + packet.samples.length) >>> 0;
}
