import { PacketDecoder } from '../decode/wire/packet-decoder.js';
import { compatibleFlag, errorCode, PROTOCOL_CURRENT, PROTOCOL_MIN } from '../decode/wire/packet-layout.js';
import {
  encodePacket,
  type HelloPacket,
  type InfoPacket,
  type Packet,
  type StopReason,
  type StoppedPacket,
} from '../decode/wire/packet.js';
import type { DeviceFault } from './fault.js';
import { driftPpm, FaultTimeline, type TimedFault } from './fault-timeline.js';
import { SampleFeed } from './sample-feed.js';
import type { DeviceIdentity, DeviceNote, SimulatedDevice } from './simulated-device.js';
import { Digitizer, type SimulatedRecording } from './simulated-recording.js';
import { StatusReports } from './status-reports.js';
import { StreamClock } from './stream-clock.js';
import type { Sent } from './wire-faults.js';

export interface SimulatedStethoscopeOptions {
  readonly recording: SimulatedRecording;
  /** Plays the recording again and again. */
  readonly loop?: boolean;
  /** Multiple of real time; `max`: as fast as the host gives credit, real time for a host that gives none. */
  readonly speed?: number | 'max';
  readonly faults?: readonly DeviceFault[];
  readonly serialNumber?: string;
  readonly firmware?: string;
  readonly protocolCurrent?: number;
  readonly protocolMin?: number;
}

const PACKET_MS = 20;
/** Host time that the buffer holds: a simulator that was suspended catches up, one that nobody reads drops. */
const BUFFER_SECONDS = 10;
const STATUS_INTERVAL_MS = 1000;

/** STOPPED before the device has ever streamed. */
const neverStarted: StoppedPacket = { type: 'stopped', reason: 'request', sampleIndex: 0 };

/**
 * A stethoscope as firmware-protocol/README.md describes it, with a recording for a microphone.
 *
 * The recording goes on while the device is unplugged, stalled or starting anew, as the heart does. A START after STOP or
 * after the recording's end begins it anew.
 */
export class SimulatedStethoscope implements SimulatedDevice {
  readonly info: InfoPacket;
  private readonly feed: SampleFeed;
  private readonly timeline: FaultTimeline;
  private readonly status: StatusReports;
  private readonly sampleRateHz: number;
  private readonly decoder = new PacketDecoder();
  private readonly outbox: Packet[] = [];
  private readonly notes: DeviceNote[] = [];
  private state: 'idle' | 'ready' | 'streaming' = 'idle';
  private lastHelloFitted = true;
  private lastStopped = neverStarted;
  private away: { untilMs: number; unplugged: boolean; resumeAt: number; restarts: boolean } | undefined;
  /** The recording is being played, even while nothing is sent. */
  private playing = false;
  private sentAtMs = 0;

  constructor(options: SimulatedStethoscopeOptions) {
    const { faults = [], speed = 1 } = options;
    const digitizer = new Digitizer(options.recording, options.loop ?? false);
    const { sampleRateHz, bitsPerSample, fullScale } = digitizer;
    const pace = speed === 'max' ? 1 : speed;
    const clock = new StreamClock({
      sampleRateHz,
      speed: pace,
      devicePpm: driftPpm(faults, 'device'),
      samplesPpm: driftPpm(faults, 'samples'),
    });
    const bufferSamples = Math.ceil(BUFFER_SECONDS * sampleRateHz * pace);
    this.feed = new SampleFeed({ digitizer, clock, packetMs: PACKET_MS, bufferSamples });
    this.timeline = new FaultTimeline(faults, sampleRateHz);
    this.status = new StatusReports(sampleRateHz);
    this.sampleRateHz = sampleRateHz;
    const { reportsClipping, reportsBattery, reportsContact, simulated, waitsForCredit } = compatibleFlag;
    this.info = {
      type: 'info',
      protocolCurrent: options.protocolCurrent ?? PROTOCOL_CURRENT,
      protocolMin: options.protocolMin ?? PROTOCOL_MIN,
      firmware: options.firmware ?? 'lubdub simulator',
      serialNumber: options.serialNumber ?? 'SIM-0001',
      sampleRateHz,
      bitsPerSample,
      fullScale,
      compatibleFlags:
        reportsClipping |
        reportsBattery |
        reportsContact |
        simulated |
        (speed === 'max' ? waitsForCredit : 0),
      incompatibleFlags: 0,
    };
  }

  get identity(): DeviceIdentity {
    const { firmware, serialNumber, sampleRateHz, bitsPerSample } = this.info;
    return { firmware, serialNumber, sampleRateHz, bitsPerSample };
  }

  get isPlugged(): boolean {
    return this.away?.unplugged !== true;
  }

  get isOver(): boolean {
    return this.away?.untilMs === Infinity;
  }

  takeNotes(): DeviceNote[] {
    return this.notes.splice(0);
  }

  hostArrived(nowMs: number): void {
    this.decoder.reset();
    this.outbox.length = 0;
    // What was due while nobody had the port open went nowhere.
    if (this.away === undefined && this.state === 'streaming' && this.feed.dropDue(nowMs)) {
      this.status.ask();
    }
  }

  receive(bytes: Uint8Array, nowMs: number): void {
    this.comeBack(nowMs);
    if (this.away !== undefined) return;
    for (const decoded of this.decoder.push(bytes)) {
      if (decoded.kind === 'packet') this.obey(decoded.packet, nowMs);
    }
  }

  next(nowMs: number): Sent | undefined {
    this.comeBack(nowMs);
    if (this.away !== undefined) return undefined;
    const reply = this.outbox.shift();
    if (reply !== undefined) return this.send(reply, nowMs);
    if (this.state !== 'streaming') return undefined;

    const due = this.timeline.take(this.feed.position);
    if (due !== undefined) {
      this.notes.push({ kind: 'fault', fault: due.fault, atSample: due.position });
      this.suffer(due.fault, due.position, nowMs);
      return this.next(nowMs);
    }
    if (this.feed.dropOverflow(nowMs)) this.status.ask();
    const { end } = this.feed;
    if (end !== undefined) return this.send(this.stop(end), nowMs);
    // A host that gives less credit than a packet holds gets what it may have, but not before it was waited for.
    const starving = !this.feed.isPaced && nowMs - this.sentAtMs >= STATUS_INTERVAL_MS;
    if (!this.status.isDue(this.feed.position)) {
      const samples = this.feed.next(nowMs, this.timeline.nextPosition, starving);
      if (samples !== undefined) this.sentAtMs = nowMs;
      if (samples !== undefined || !starving) return samples;
    }
    return this.send(this.status.take(this.feed.position, this.feed), nowMs);
  }

  dueMs(nowMs: number): number {
    if (this.away !== undefined) return this.away.untilMs;
    if (this.outbox.length > 0) return nowMs;
    if (this.state !== 'streaming') return Infinity;
    if (!this.feed.isPaced) return this.sentAtMs + STATUS_INTERVAL_MS;
    return this.feed.dueMs(this.timeline.nextPosition);
  }

  private obey(packet: Packet, nowMs: number): void {
    switch (packet.type) {
      case 'hello':
        this.greet(packet);
        return;
      case 'start':
        this.start(nowMs);
        return;
      case 'stop':
        if (this.state === 'streaming') this.feed.stop(nowMs);
        else this.outbox.push(this.lastStopped);
        return;
      case 'credit':
        if ((this.info.compatibleFlags & compatibleFlag.waitsForCredit) !== 0) {
          this.feed.creditTo(packet.sampleLimit);
        }
        return;
      default:
      // A device's own messages, and newer ones: passed over.
    }
  }

  private greet(hello: HelloPacket): void {
    const version = Math.min(hello.protocolCurrent, this.info.protocolCurrent);
    this.lastHelloFitted = version >= Math.max(hello.protocolMin, this.info.protocolMin);
    this.outbox.push(this.info);
    if (this.lastHelloFitted) {
      if (this.state === 'idle') {
        this.state = 'ready';
        // CREDIT that crossed the restart on the wire counts in a numbering that is no more.
        this.feed.cancelCredit();
      }
      return;
    }
    if (this.state === 'streaming') this.outbox.push(this.stop('request'));
    this.state = 'idle';
  }

  private start(nowMs: number): void {
    if (this.state === 'streaming') return;
    if (this.state === 'idle') {
      const code = this.lastHelloFitted ? errorCode.badRequest : errorCode.unsupportedVersion;
      const text = this.lastHelloFitted ? 'say HELLO before START' : 'no protocol version in common';
      this.outbox.push({ type: 'error', code, text });
      return;
    }
    this.state = 'streaming';
    if (!this.playing) {
      this.playing = true;
      this.feed.rewind(nowMs);
      this.timeline.reset();
    }
    this.feed.begin(nowMs);
    this.status.begin(this.feed.position);
    this.sentAtMs = nowMs;
    this.notes.push({ kind: 'started', atSample: this.feed.position });
  }

  private stop(reason: StopReason): StoppedPacket {
    this.lastStopped = { type: 'stopped', reason, sampleIndex: this.feed.index };
    this.state = 'ready';
    this.feed.cancelCredit();
    // Where the device itself gave up, the heart beats on until the host starts it again.
    if (reason === 'end' || reason === 'request') this.playing = false;
    this.notes.push({ kind: 'stopped', reason, atSample: this.feed.position });
    return this.lastStopped;
  }

  private suffer(fault: TimedFault, position: number, nowMs: number): void {
    switch (fault.kind) {
      case 'overrun':
        if (this.feed.drop(fault.samples)) this.status.ask();
        return;
      case 'stall':
        this.leave(position, fault.forSeconds, { unplugged: false, restarts: false }, nowMs);
        return;
      case 'unplug': {
        const how = { unplugged: true, restarts: fault.keepsCounting !== true };
        this.leave(position, fault.forSeconds ?? Infinity, how, nowMs);
        return;
      }
      case 'restart':
        this.boot();
        this.outbox.push(this.info);
        return;
      case 'stop':
        this.outbox.push(this.stop(fault.reason));
        return;
      case 'contact':
        this.status.setContact(fault.value);
        return;
      case 'battery':
        this.status.setBattery(fault.percent);
    }
  }

  private leave(
    position: number,
    forSeconds: number,
    how: { unplugged: boolean; restarts: boolean },
    nowMs: number,
  ): void {
    const resumeAt = position + Math.round(forSeconds * this.sampleRateHz);
    // Without a pace of its own the device is away for as long as the fault says in real time.
    const untilMs = this.feed.isPaced ? this.feed.takenAtMs(resumeAt) : nowMs + forSeconds * 1000;
    this.away = { ...how, untilMs, resumeAt };
  }

  private comeBack(nowMs: number): void {
    if (this.away === undefined || nowMs < this.away.untilMs) return;
    const { resumeAt, restarts } = this.away;
    this.away = undefined;
    this.decoder.reset();
    if (this.feed.drop(resumeAt - this.feed.position)) this.status.ask();
    if (restarts) this.boot();
  }

  private boot(): void {
    this.state = 'idle';
    this.lastHelloFitted = true;
    this.lastStopped = neverStarted;
    this.feed.boot();
    this.outbox.length = 0;
    this.decoder.reset();
  }

  private send(packet: Packet, nowMs: number): Sent {
    this.sentAtMs = nowMs;
    const type = packet.type as Sent['type'];
    return { bytes: encodePacket(packet), type, position: this.feed.position, sampleCount: 0 };
  }
}
