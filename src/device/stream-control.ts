import { hostHello } from '../decode/wire/negotiate.js';
import { errorCode, MAX_WIRE_BYTES } from '../decode/wire/packet-layout.js';
import type { Packet, SamplesPacket, StoppedPacket } from '../decode/wire/packet.js';
import { HostSleep } from './host-sleep.js';
import type { EndedEvent, LossReason } from './stethoscope-event.js';

export interface StreamControlOptions {
  /**
   * Whether what the device may still be streaming for an earlier host is stopped first, so that the stream begins with
   * its first sample. Not after a loss: a device that went on meanwhile then tells how much is missing.
   */
  readonly afresh: boolean;
  /** A device that sends no samples for so long is given up. */
  readonly silenceTimeoutMs: number;
  /**
   * How many samples beyond those received the receiver could take now; undefined: the device is never given credit.
   * Called often.
   */
  readonly availableSamples?: (() => number) | undefined;
  /**
   * Index of the next sample where the stream may go on after a loss: the device has counted on meanwhile, or begun
   * anew. Undefined for a new stream, which begins at 0.
   */
  readonly nextSample?: number;
}

export type StreamOutcome =
  | { readonly kind: 'ended'; readonly reason: EndedEvent['reason'] }
  | { readonly kind: 'lost'; readonly reason: LossReason; readonly message: string };

const REPEAT_INTERVAL_MS = 500;
/** Half of what {@link HostSleep} takes for sleep. */
const LONGEST_TICK_MS = 250;
const TICKS_OF_SILENCE = 12;
/** More noise than can be the remains of one packet. */
const FLOOD_BYTES = 2 * MAX_WIRE_BYTES;
/** STOPs that stay unanswered before the host goes on without an answer. */
const MAX_STOPS = 4;

/**
 * Keeps a device streaming: START and CREDIT, repeated as the protocol asks, STOP at the end, and the watchdog.
 *
 *     clearing --STOPPED--> streaming --half the silence limit--> probing --STOPPED--> streaming or over
 *                               |  silence limit: lost                |  silence limit: lost
 *                               '--stop()--> stopping --STOPPED--> over
 *
 * The probe is a STOP, because a device answers that in every state: one that had ended and whose STOPPED was lost on
 * the wire says so again, where a START would have made it begin anew. Knows no clock; every call is told the time.
 */
export class StreamControl {
  private readonly options: StreamControlOptions;
  private state: 'clearing' | 'streaming' | 'probing' | 'stopping' = 'streaming';
  private ownOutcome: StreamOutcome | undefined;
  private stopsSent = 0;
  /** STOPs whose STOPPED may still be under way. */
  private unansweredStops = 0;
  private stopAtMs = -Infinity;
  private startAtMs = -Infinity;
  private creditAtMs = -Infinity;
  private readonly sleep = new HostSleep();
  private packetAtMs = 0;
  private samplesAtMs = 0;
  /** HELLO has to come before the next START. */
  private helloDue = false;
  /** Samples came since the last START. */
  private begun = false;
  private nextSample: number;
  private sampleLimit: number;
  /** After a loss, until samples tell whether the device counted on or began anew. */
  private numberingUnknown: boolean;
  private creditGiven = false;
  private garbageBytes = 0;

  constructor(options: StreamControlOptions) {
    this.options = options;
    if (options.afresh) this.state = 'clearing';
    this.nextSample = options.nextSample ?? 0;
    this.sampleLimit = this.nextSample;
    this.numberingUnknown = options.nextSample !== undefined;
  }

  /** How the stream came to its end, undefined while it runs. */
  get outcome(): StreamOutcome | undefined {
    return this.ownOutcome;
  }

  /** Asks the device to stop. */
  stop(): void {
    if (this.state === 'stopping') return;
    this.state = 'stopping';
    this.stopsSent = 0;
    this.stopAtMs = -Infinity;
  }

  /** The device has started anew: it has to be greeted and asked again. */
  deviceRestarted(): void {
    if (this.state === 'probing') this.state = 'streaming';
    this.helloDue = true;
    this.startAnew();
  }

  noteGarbage(byteCount: number): void {
    this.garbageBytes += byteCount;
  }

  /** How long `due` need not be called while the device sends: silence is still noticed in good time, and so is sleep. */
  get longestTickMs(): number {
    return Math.min(LONGEST_TICK_MS, this.options.silenceTimeoutMs / TICKS_OF_SILENCE);
  }

  /** What is to be sent now. To be called after every chunk, and at least every 100 ms but for {@link longestTickMs}. */
  due(nowMs: number): Packet[] {
    this.forgetSleep(nowMs);
    if (this.ownOutcome !== undefined) return [];
    const packets: Packet[] = [];
    if (this.state !== 'streaming') this.repeatStop(nowMs, packets);
    if (this.state === 'streaming') this.repeatStart(nowMs, packets);
    if (this.state !== 'stopping' && this.state !== 'clearing') this.watch(nowMs);
    return packets;
  }

  /** @returns whether the packet is part of the stream, and not a remnant of an earlier one. */
  receive(packet: Packet, nowMs: number): boolean {
    this.packetAtMs = nowMs;
    this.garbageBytes = 0;
    if (packet.type === 'stopped') return this.receiveStopped(packet);
    // "Say HELLO before START": it started anew and its INFO was lost.
    if (packet.type === 'error' && packet.code === errorCode.badRequest && !this.begun) this.helloDue = true;
    if (this.state === 'clearing') return packet.type === 'error';
    if (packet.type === 'samples') this.receiveSamples(packet, nowMs);
    return true;
  }

  private receiveSamples(packet: SamplesPacket, nowMs: number): void {
    const end = (packet.firstSample + packet.samples.length) >>> 0;
    // Whichever index comes first after START is the device's to choose; later ones only move on, so that a duplicate
    // or a packet with a false index does not move the credit back.
    if (!this.begun || ((end - this.nextSample) | 0) > 0) this.nextSample = end;
    // The first index after a loss is what credit counts from, where none was given on suspicion.
    if (this.numberingUnknown && !this.creditGiven) this.sampleLimit = end;
    this.numberingUnknown = false;
    this.begun = true;
    this.samplesAtMs = nowMs;
  }

  private receiveStopped(packet: StoppedPacket): boolean {
    const answersUs = this.unansweredStops > 0;
    if (answersUs) this.unansweredStops -= 1;
    // Of several STOPs the last may be answered after START: that is not the end of the new stream.
    if (this.state === 'streaming' && answersUs && !this.begun) return false;
    switch (this.state) {
      case 'clearing':
        this.state = 'streaming';
        this.startAnew();
        return false;
      case 'stopping':
        this.ownOutcome = { kind: 'ended', reason: packet.reason === 'end' ? 'end' : 'request' };
        return true;
      case 'streaming':
      case 'probing':
        this.end(packet);
        return true;
    }
  }

  private end(packet: StoppedPacket): void {
    switch (packet.reason) {
      case 'end':
        this.ownOutcome = { kind: 'ended', reason: 'end' };
        return;
      case 'battery':
        this.ownOutcome = { kind: 'lost', reason: 'battery', message: 'the device says: battery empty' };
        return;
      case 'fault':
        this.ownOutcome = { kind: 'lost', reason: 'fault', message: 'the device stopped with a fault' };
        return;
      case 'request':
        // Our own probe, or another program's STOP: we still want samples.
        this.state = 'streaming';
        this.startAnew();
    }
  }

  private startAnew(): void {
    this.startAtMs = -Infinity;
    this.begun = false;
    this.numberingUnknown = false;
    this.nextSample = 0;
    this.sampleLimit = 0;
  }

  private repeatStop(nowMs: number, packets: Packet[]): void {
    if (nowMs - this.stopAtMs < REPEAT_INTERVAL_MS) return;
    if (this.stopsSent >= MAX_STOPS) {
      if (this.state === 'stopping') this.ownOutcome = { kind: 'ended', reason: 'unanswered' };
      // Firmware that does not answer STOP may still stream at START.
      else if (this.state === 'clearing') this.state = 'streaming';
      return;
    }
    this.stopsSent += 1;
    this.unansweredStops += 1;
    this.stopAtMs = nowMs;
    packets.push({ type: 'stop' });
  }

  private repeatStart(nowMs: number, packets: Packet[]): void {
    const startIsDue = !this.begun && nowMs - this.startAtMs >= REPEAT_INTERVAL_MS;
    if (startIsDue && this.helloDue) {
      packets.push(hostHello);
      this.helloDue = false;
    }
    if (!this.numberingUnknown) this.giveCredit(nowMs, startIsDue, packets);
    else if (startIsDue && this.startAtMs !== -Infinity) this.giveMoreCredit(nowMs, packets);
    if (!startIsDue) return;
    if (this.startAtMs === -Infinity) this.samplesAtMs = nowMs;
    this.startAtMs = nowMs;
    packets.push({ type: 'start' });
  }

  private giveCredit(nowMs: number, now: boolean, packets: Packet[]): void {
    const { availableSamples } = this.options;
    if (availableSamples === undefined) return;
    const available = Math.min(Math.max(0, Math.floor(availableSamples())), 2 ** 30);
    const left = (this.sampleLimit - this.nextSample) | 0;
    const moreThanHalfUsed = left < available && left * 2 <= available;
    if (!now && !moreThanHalfUsed && nowMs - this.creditAtMs < REPEAT_INTERVAL_MS) return;
    if (left < available) this.sampleLimit = (this.nextSample + available) >>> 0;
    // While it waited, the device had no samples to send.
    if (left <= 0) this.samplesAtMs = nowMs;
    this.creditAtMs = nowMs;
    packets.push({ type: 'credit', sampleLimit: this.sampleLimit });
  }

  /**
   * A limit in the numbering before the loss is none for a device that begins at 0, so the first START goes without:
   * that device then keeps the pace of its clock. One that counted on and still sends nothing waits for credit, at an
   * index as far ahead as what was under way when the line failed: it gets more with every further START.
   */
  private giveMoreCredit(nowMs: number, packets: Packet[]): void {
    const { availableSamples } = this.options;
    if (availableSamples === undefined) return;
    const available = Math.min(Math.max(0, Math.floor(availableSamples())), 2 ** 30);
    if (available === 0) return;
    this.sampleLimit = (this.sampleLimit + available) >>> 0;
    this.creditGiven = true;
    this.creditAtMs = nowMs;
    packets.push({ type: 'credit', sampleLimit: this.sampleLimit });
  }

  private forgetSleep(nowMs: number): void {
    if (this.sleep.look(nowMs) === 0) return;
    this.packetAtMs = nowMs;
    this.samplesAtMs = nowMs;
  }

  private watch(nowMs: number): void {
    const { availableSamples, silenceTimeoutMs } = this.options;
    const samplesMayCome = availableSamples === undefined || ((this.sampleLimit - this.nextSample) | 0) > 0;
    // A device without credit sends STATUS alone.
    const silentMs = nowMs - (samplesMayCome ? this.samplesAtMs : this.packetAtMs);
    if (silentMs >= silenceTimeoutMs) {
      this.ownOutcome =
        this.garbageBytes > FLOOD_BYTES
          ? {
              kind: 'lost',
              reason: 'garbage',
              message: `${this.garbageBytes} bytes came that are no packets, and no samples for ${silenceTimeoutMs} ms`,
            }
          : { kind: 'lost', reason: 'silent', message: `no samples came for ${silenceTimeoutMs} ms` };
    } else if (this.state === 'streaming' && this.begun && silentMs * 2 >= silenceTimeoutMs) {
      this.state = 'probing';
      this.stopsSent = 0;
      this.stopAtMs = -Infinity;
    }
  }
}
