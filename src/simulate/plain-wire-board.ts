import type { PlainWire } from '../decode/wire/wires.js';
import { ConfigurationError } from '../errors.js';
import type { DeviceFault } from './fault.js';
import { driftPpm, FaultTimeline } from './fault-timeline.js';
import type { PlainWireWriter } from './plain-wire-writer.js';
import { PLAIN_WIRE_WRITERS } from './plain-wire-writers.js';
import type { DeviceIdentity, DeviceNote, SimulatedDevice } from './simulated-device.js';
import { Digitizer, type SimulatedRecording } from './simulated-recording.js';
import { StreamClock } from './stream-clock.js';
import type { Sent } from './wire-faults.js';

export interface PlainWireBoardOptions {
  readonly wire: PlainWire;
  readonly recording: SimulatedRecording;
  readonly loop?: boolean;
  /** Multiple of real time; `max`: as fast as the wire takes it. */
  readonly speed?: number | 'max';
  readonly faults?: readonly DeviceFault[];
}

/** A board starts anew when its port is opened, and a program that opens a port throws away what it finds there. */
const START_UP_MS = 250;
const PIECE_MS = 20;

/**
 * A home-made stethoscope: sends samples as soon as its port is open, as its wire has them, and knows nothing of the
 * host. When the recording is over the port is closed, as there is no other way to say so.
 */
export class PlainWireBoard implements SimulatedDevice {
  private readonly wire: PlainWire;
  private readonly writer: PlainWireWriter;
  private readonly digitizer: Digitizer;
  private readonly clock: StreamClock;
  private readonly timeline: FaultTimeline;
  private readonly isPaced: boolean;
  private readonly pieceSamples: number;
  private readonly notes: DeviceNote[] = [];
  private away: { untilMs: number; unplugged: boolean; resumeAt: number } | undefined;
  private startsAtMs = Infinity;
  private streaming = false;
  /** It was unplugged in the middle: the recording goes on. */
  private resumes = false;
  private position = 0;
  private ownIsOver = false;

  constructor(options: PlainWireBoardOptions) {
    const { wire, recording, speed = 1, faults = [] } = options;
    const spoken = faults.find((fault) => !['overrun', 'stall', 'unplug', 'drift'].includes(fault.kind));
    if (spoken !== undefined) {
      throw new ConfigurationError(
        `a board on the wire ${wire} can have the faults overrun, stall, unplug and drift, got ${spoken.kind}; ` +
          'leave it out, or use the protocol',
      );
    }
    this.wire = wire;
    this.writer = PLAIN_WIRE_WRITERS[wire]();
    const { bitsPerSample } = this.writer;
    this.digitizer = new Digitizer({ ...recording, bitsPerSample }, options.loop ?? false);
    this.isPaced = speed !== 'max';
    const { sampleRateHz } = this.digitizer;
    this.clock = new StreamClock({
      sampleRateHz,
      speed: speed === 'max' ? 1 : speed,
      devicePpm: driftPpm(faults, 'device'),
      samplesPpm: driftPpm(faults, 'samples'),
    });
    this.timeline = new FaultTimeline(faults, sampleRateHz);
    this.pieceSamples = Math.max(1, Math.round((sampleRateHz * PIECE_MS) / 1000));
  }

  get identity(): DeviceIdentity {
    const { sampleRateHz, bitsPerSample } = this.digitizer;
    return { firmware: `plain ${this.wire} board`, serialNumber: null, sampleRateHz, bitsPerSample };
  }

  get isPlugged(): boolean {
    return this.away?.unplugged !== true;
  }

  get isOver(): boolean {
    return this.ownIsOver || this.away?.untilMs === Infinity;
  }

  takeNotes(): DeviceNote[] {
    return this.notes.splice(0);
  }

  hostArrived(nowMs: number): void {
    this.streaming = false;
    this.startsAtMs = nowMs + START_UP_MS;
  }

  receive(): void {
    // It does not listen.
  }

  next(nowMs: number): Sent | undefined {
    this.comeBack(nowMs);
    if (this.away !== undefined || this.ownIsOver || nowMs < this.startsAtMs) return undefined;
    if (!this.streaming) this.start(nowMs);
    const due = this.timeline.take(this.position);
    if (due !== undefined) {
      const { fault } = due;
      this.notes.push({ kind: 'fault', fault, atSample: due.position });
      if (fault.kind === 'overrun') this.position += fault.samples;
      else if (fault.kind === 'stall') this.leave(due.position, fault.forSeconds, false, nowMs);
      else if (fault.kind === 'unplug') this.leave(due.position, fault.forSeconds ?? Infinity, true, nowMs);
      return this.next(nowMs);
    }
    if (this.position >= this.digitizer.totalSamples) {
      this.ownIsOver = true;
      this.notes.push({ kind: 'stopped', reason: 'end', atSample: this.position });
      return undefined;
    }
    const count = this.pieceCount();
    if (this.isPaced && this.position + count > this.clock.taken(nowMs)) return undefined;
    const position = this.position;
    this.position += count;
    const bytes = this.writer.write(this.digitizer.read(position, count));
    return { bytes, type: 'samples', position, sampleCount: count };
  }

  dueMs(nowMs: number): number {
    if (this.away !== undefined) return this.away.untilMs;
    if (this.ownIsOver) return Infinity;
    if (!this.streaming) return this.startsAtMs;
    return this.isPaced ? this.clock.takenAtMs(this.position + this.pieceCount()) : nowMs;
  }

  private start(nowMs: number): void {
    this.streaming = true;
    this.writer.reset();
    if (this.resumes) {
      if (this.isPaced) this.position = Math.max(this.position, this.clock.taken(nowMs));
    } else {
      this.position = 0;
      this.timeline.reset();
      this.clock.start(nowMs);
    }
    this.resumes = false;
    this.notes.push({ kind: 'started', atSample: this.position });
  }

  private pieceCount(): number {
    const whole = this.pieceSamples - (this.position % this.pieceSamples);
    return Math.min(
      whole,
      this.digitizer.totalSamples - this.position,
      this.timeline.nextPosition - this.position,
    );
  }

  private leave(position: number, forSeconds: number, unplugged: boolean, nowMs: number): void {
    const resumeAt = position + Math.round(forSeconds * this.digitizer.sampleRateHz);
    const untilMs = this.isPaced ? this.clock.takenAtMs(resumeAt) : nowMs + forSeconds * 1000;
    this.away = { untilMs, unplugged, resumeAt };
  }

  private comeBack(nowMs: number): void {
    if (this.away === undefined || nowMs < this.away.untilMs) return;
    const { unplugged, resumeAt } = this.away;
    this.away = undefined;
    this.position = Math.max(this.position, resumeAt);
    if (!unplugged) return;
    this.resumes = true;
    this.streaming = false;
    this.startsAtMs = Infinity;
  }
}
