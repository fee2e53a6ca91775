import { Observable, type OperatorFunction } from 'rxjs';
import type { AssemblerCounters } from '../decode/wire/assembler-counters.js';
import type { StatusPacket } from '../decode/wire/packet.js';
import { SampleAssembler } from '../decode/wire/sample-assembler.js';
import type { Gap, Sampled } from '../decode/samples.js';
import { ClockDrift } from './clock-drift.js';
import { GapLimit } from './gap-limit.js';
import { ChunkJoiner } from './join-chunks.js';
import type { Level } from './level-meter.js';
import { Allowance, ReportFilter, type PassedReport } from './talkativeness.js';
import type {
  ConnectionEvent,
  DeviceEvent,
  EndedEvent,
  NoticeEvent,
  SearchEvent,
  StethoscopeEvent,
} from './stethoscope-event.js';

/** What the device says of itself while it streams. */
export interface DeviceStatus {
  readonly kind: 'status';
  readonly batteryPercent: number | null;
  readonly contact: boolean | null;
  readonly overrunSamples: number;
  readonly clippedSamples: number;
  /** Statuses before it, since the last one that was told, that came too fast and were only counted. */
  readonly leftOut: number;
}

/** Gaps come so fast that they are joined from now on; once a recording. */
export interface JoiningGaps {
  readonly kind: 'joining-gaps';
}

/** The device refused or reports something, in its own words; repeats are counted, not told. */
export interface DeviceComplaint extends PassedReport {
  readonly kind: 'complaint';
}

/** What the wire cost and how well the clocks agree; once, when the stream is over. */
export interface LineReport {
  readonly kind: 'line';
  readonly counters: AssemblerCounters;
  readonly corruptPackets: number;
  readonly corruptBytes: number;
  /** How much faster the device's clock runs than the host's; `null` before half a minute of stream. */
  readonly clockDriftPpm: number | null;
  /** Statuses that came too fast to be told. */
  readonly leftOutStatuses: number;
  /** Gaps that came too fast and are part of another one, and the samples between them that count as lost. */
  readonly joinedGaps: number;
  readonly setAsideSamples: number;
}

export type DeviceStreamEvent =
  | Sampled
  | SearchEvent
  | DeviceEvent
  | ConnectionEvent
  | EndedEvent
  | DeviceStatus
  | DeviceComplaint
  | JoiningGaps
  | LineReport
  | NoticeEvent
  | Level;

/** What a device that speaks the protocol tells, or a source of nothing but samples. */
export type SourceStreamEvent = StethoscopeEvent | Sampled | LineReport | NoticeEvent | Level;

/** No window fits between so many gaps; a short burst, or a line that loses a little for minutes, stays below. */
const GAPS_PER_SECOND = 4;
const GAPS_AT_ONCE = 600;

/**
 * Turns a stethoscope's packets into samples and gaps on one time axis. Connection events pass unchanged, and so do
 * samples, levels and the line report of a source that has no packets.
 *
 * A device that was away numbers its samples anew, so how many are missing only the host's clock can tell: its gap is
 * as long as the host waited, `reconnect` where the connection was lost and `restart` where the port stayed open. A
 * device that can wait is not paced by any clock; its gap counts what its index tells. Packets that one read brought
 * become one chunk, see {@link ChunkJoiner}.
 */
export function streamSamples(): OperatorFunction<SourceStreamEvent, DeviceStreamEvent> {
  return (source) =>
    new Observable((subscriber) => {
      const stream = new SampleStream();
      const chunks = new ChunkJoiner<DeviceStreamEvent>();
      const finish = () => {
        for (const value of chunks.push(stream.finish(), false)) subscriber.next(value);
      };
      return source.subscribe({
        next(event) {
          // Whoever sees the end has seen all samples before it.
          if (event.kind === 'ended') finish();
          const isFollowed = event.kind === 'packet' && event.isFollowed === true;
          for (const value of chunks.push(stream.push(event), isFollowed)) subscriber.next(value);
        },
        error(error) {
          finish();
          subscriber.error(error);
        },
        complete() {
          finish();
          subscriber.complete();
        },
      });
    });
}

class SampleStream {
  private assembler: SampleAssembler | undefined;
  private device: DeviceEvent | undefined;
  private drift = new ClockDrift();
  private corruptPackets = 0;
  private corruptBytes = 0;
  /** Samples of absences, which the assembler knows nothing of. */
  private absentSamples = 0;
  /** The device came back or started anew, and its first samples have not found their place yet. */
  private absence: 'reconnect' | 'restart' | undefined;
  /** When the last samples before an absence arrived, and when those after it were begun. */
  private lastSamplesAtMs: number | undefined;
  private returnedAtMs: number | undefined;
  private finished = false;
  private lastPacketAtMs: number | undefined;
  private readonly statuses = new Allowance(10, 2);
  private readonly restarts = new Allowance(20, 1);
  private readonly complaints = new Allowance(10, 1);
  private readonly reports = new ReportFilter(this.complaints);
  private readonly gapAllowance = new Allowance(GAPS_AT_ONCE, GAPS_PER_SECOND);
  private readonly gaps = new GapLimit(this.gapAllowance);
  private isJoining = false;
  /** In all, and since the last status that was told. */
  private leftOutStatuses = 0;
  private untoldStatuses = 0;

  push(event: SourceStreamEvent): DeviceStreamEvent[] {
    switch (event.kind) {
      case 'device':
        this.meet(event);
        // What changes nothing but its name, without end, is no news.
        return event.occasion !== 'restarted' || event.formatChanged || this.restarts.take() ? [event] : [];
      case 'corrupt':
        this.corruptPackets++;
        this.corruptBytes += event.byteCount;
        return [];
      case 'packet':
        return this.pushPacket(event.packet, event.receivedAtMs);
      case 'samples':
        this.gapAllowance.pass(event.samples.length / (this.device?.sampleRateHz ?? Infinity));
        return this.limit([event]);
      case 'gap':
        return this.limit([event]);
      case 'line':
        // The source counts for itself, but for what was joined here.
        this.finished = true;
        return [...this.gaps.finish(), this.withJoined(event)];
      default:
        return [event];
    }
  }

  private withJoined(line: LineReport): LineReport {
    const { joinedGaps, setAsideSamples } = this.gaps;
    return { ...line, joinedGaps, setAsideSamples };
  }

  private limit(values: readonly Sampled[]): DeviceStreamEvent[] {
    // As a rule there is one.
    const limited: DeviceStreamEvent[] =
      values.length === 1 ? this.gaps.push(values[0]) : values.flatMap((value) => this.gaps.push(value));
    if (this.isJoining || this.gaps.joinedGaps === 0) return limited;
    this.isJoining = true;
    return [...limited, { kind: 'joining-gaps' }];
  }

  finish(): DeviceStreamEvent[] {
    if (this.finished || this.assembler === undefined) return [];
    this.finished = true;
    const rest = this.limit(this.assembler.finish().map((value) => this.onTimeAxis(value)));
    const heldBack = this.gaps.finish();
    const { joinedGaps, setAsideSamples } = this.gaps;
    const { leftOutStatuses } = this;
    const { corruptPackets, corruptBytes } = this;
    const report = this.reports.finish();
    const clockDriftPpm = this.device?.waitsForCredit === true ? null : this.drift.ppm;
    return [
      ...rest,
      ...heldBack,
      ...(report === undefined ? [] : [{ kind: 'complaint', ...report } as const]),
      {
        kind: 'line',
        counters: this.assembler.counters,
        corruptPackets,
        corruptBytes,
        clockDriftPpm,
        leftOutStatuses,
        joinedGaps,
        setAsideSamples,
      },
    ];
  }

  private meet(device: DeviceEvent): void {
    this.device = device;
    if (device.occasion === 'found') {
      const { sampleRateHz, fullScale } = device;
      this.assembler = new SampleAssembler({ sampleRateHz, fullScale });
    } else {
      this.absence = device.occasion === 'restarted' ? 'restart' : 'reconnect';
    }
  }

  private pushPacket(
    packet: Parameters<SampleAssembler['push']>[0],
    receivedAtMs: number,
  ): DeviceStreamEvent[] {
    this.passTime(packet, receivedAtMs);
    if (packet.type === 'error') {
      const report = this.reports.push(packet, receivedAtMs);
      return report === undefined ? [] : [{ kind: 'complaint', ...report }];
    }
    const values = this.limit(this.assemble(packet, receivedAtMs));
    if (packet.type !== 'status') return values;
    if (!this.statuses.take()) {
      this.leftOutStatuses++;
      this.untoldStatuses++;
      return values;
    }
    const leftOut = this.untoldStatuses;
    this.untoldStatuses = 0;
    return [...values, { ...statusOf(packet), leftOut }];
  }

  private passTime(packet: Parameters<SampleAssembler['push']>[0], receivedAtMs: number): void {
    const heard =
      packet.type === 'samples' ? packet.samples.length / (this.device?.sampleRateHz ?? Infinity) : 0;
    const seconds = Math.max(heard, (receivedAtMs - (this.lastPacketAtMs ?? receivedAtMs)) / 1000);
    this.lastPacketAtMs = receivedAtMs;
    this.statuses.pass(seconds);
    this.restarts.pass(seconds);
    this.complaints.pass(seconds);
    this.gapAllowance.pass(seconds);
  }

  private assemble(packet: Parameters<SampleAssembler['push']>[0], receivedAtMs: number): Sampled[] {
    if (this.assembler === undefined) return [];
    if (packet.type === 'samples' && this.absence !== undefined && this.device !== undefined) {
      // A packet arrives when the last of its samples was taken.
      this.returnedAtMs ??= receivedAtMs - (1000 * packet.samples.length) / this.device.sampleRateHz;
    }
    const values = this.assembler.push(packet);
    const out = values.map((value) => this.onTimeAxis(value));
    if (packet.type === 'samples' && this.absence === undefined) this.lastSamplesAtMs = receivedAtMs;
    const { deviceTime } = this.assembler;
    if (deviceTime !== null && values.length > 0) this.drift.push(deviceTime, receivedAtMs);
    return out;
  }

  private onTimeAxis(value: Sampled): Sampled {
    if (value.kind === 'samples') {
      this.absence = undefined;
      this.returnedAtMs = undefined;
      return { ...value, firstSample: value.firstSample + this.absentSamples };
    }
    const atSample = value.atSample + this.absentSamples;
    if (this.absence === undefined || this.device === undefined) return { ...value, atSample };
    const gap: Gap = { ...value, atSample, cause: this.absence };
    if (value.cause !== 'restart' || this.device.waitsForCredit) return gap;
    const absentMs = (this.returnedAtMs ?? 0) - (this.lastSamplesAtMs ?? this.returnedAtMs ?? 0);
    const missing = Math.round((absentMs / 1000) * this.device.sampleRateHz);
    const lostSamples = Math.max(value.lostSamples, missing);
    this.absentSamples += lostSamples - value.lostSamples;
    return { ...gap, lostSamples };
  }
}

function statusOf(packet: StatusPacket): Omit<DeviceStatus, 'leftOut'> {
  const { batteryPercent, contact, overrunSamples, clippedSamples } = packet;
  return { kind: 'status', batteryPercent, contact, overrunSamples, clippedSamples };
}
