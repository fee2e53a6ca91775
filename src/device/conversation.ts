import { negotiate } from '../decode/wire/negotiate.js';
import { PacketDecoder, type Decoded } from '../decode/wire/packet-decoder.js';
import type { InfoPacket, Packet } from '../decode/wire/packet.js';
import { ConnectionLostError, NoAnswerError } from './connection-error.js';
import { Greeting } from './greeting.js';
import type { CorruptEvent, EndedEvent, PacketEvent } from './stethoscope-event.js';
import { StreamControl, type StreamControlOptions } from './stream-control.js';

/** A device said what it is, first or once more after a restart. */
export interface GreetedEvent {
  readonly kind: 'greeted';
  readonly path: string;
  readonly info: InfoPacket;
  readonly protocolVersion: number;
  /** It had said so before, and has lost its state since. */
  readonly restarted: boolean;
}

export type ConversationEvent = GreetedEvent | PacketEvent | CorruptEvent;

export interface ConversationOptions {
  readonly path: string;
  readonly handshakeTimeoutMs: number;
  /** Asked once the device is to stream. */
  readonly streamOptions: (info: InfoPacket) => StreamControlOptions;
}

/**
 * What the host has to say to a device, from HELLO to the end of the stream, and what it makes of the answers.
 *
 * Knows neither port nor clock: bytes are given to `receive`, and `due` tells what to send. Both throw where the
 * conversation is over: NoAnswerError, ProtocolError (the versions do not fit) or ConnectionLostError.
 */
export class Conversation {
  private readonly options: ConversationOptions;
  private readonly greeting: Greeting;
  private readonly decoder = new PacketDecoder();
  private info: InfoPacket | undefined;
  private control: StreamControl | undefined;
  /** Samples came since the device last greeted. */
  private streamed = false;
  private stopAsked = false;

  constructor(options: ConversationOptions, nowMs: number) {
    this.options = options;
    this.greeting = new Greeting(options.handshakeTimeoutMs, nowMs);
  }

  get hasGreeted(): boolean {
    return this.info !== undefined;
  }

  get isStreaming(): boolean {
    return this.control !== undefined;
  }

  /** How the stream came to its proper end, undefined before that. */
  get ended(): EndedEvent['reason'] | undefined {
    const outcome = this.control?.outcome;
    return outcome?.kind === 'ended' ? outcome.reason : undefined;
  }

  /** The device that has greeted is to stream. */
  begin(): void {
    if (this.info === undefined || this.control !== undefined) return;
    this.control = new StreamControl(this.options.streamOptions(this.info));
    if (this.stopAsked) this.control.stop();
  }

  /** The device is to stop as soon as it streams. */
  stop(): void {
    this.stopAsked = true;
    this.control?.stop();
  }

  /** How long `due` need not be called while the device sends, chunk after chunk; 0 where it is not to send. */
  get longestTickMs(): number {
    return this.control?.longestTickMs ?? 0;
  }

  /**
   * What is to be sent now. To be called after every chunk and, once the port is open, at least every 100 ms, but for
   * {@link longestTickMs}.
   */
  due(nowMs: number): Packet[] {
    if (this.control !== undefined) {
      const packets = this.control.due(nowMs);
      const { outcome } = this.control;
      if (outcome?.kind === 'lost') {
        throw new ConnectionLostError(outcome.reason, `${this.options.path}: ${outcome.message}`);
      }
      return packets;
    }
    if (this.info !== undefined) return [];
    this.expire(nowMs);
    const hello = this.greeting.due(nowMs);
    return hello === undefined ? [] : [hello];
  }

  /** Throws once the time for the greeting is up. */
  expire(nowMs: number): void {
    if (this.info !== undefined) return;
    const expired = this.greeting.expired(nowMs);
    if (expired !== undefined) throw new NoAnswerError(this.options.path, expired.outcome, expired.message);
  }

  /** Takes what arrived, in chunks of any size. */
  receive(bytes: Uint8Array, nowMs: number): ConversationEvent[] {
    if (this.info === undefined) this.greeting.noteBytes(bytes.length);
    const events: ConversationEvent[] = [];
    for (const decoded of this.decoder.push(bytes)) this.receiveOne(decoded, nowMs, events);
    const last = events.at(-1);
    if (last?.kind === 'packet') events[events.length - 1] = { ...last, isFollowed: false };
    return events;
  }

  private receiveOne(decoded: Decoded, nowMs: number, events: ConversationEvent[]): void {
    if (this.info === undefined) {
      const greeted = this.greeting.receive(decoded);
      if (greeted !== undefined) this.greet(greeted.info, greeted.protocolVersion, false, nowMs, events);
      return;
    }
    if (this.control === undefined) return;
    if (decoded.kind === 'corrupt') {
      this.control.noteGarbage(decoded.byteCount);
      if (this.streamed) events.push({ ...decoded, receivedAtMs: nowMs });
      return;
    }
    const { packet } = decoded;
    if (!this.control.receive(packet, nowMs)) return;
    if (packet.type === 'samples') this.streamed = true;
    if (packet.type === 'info') this.receiveInfo(packet, nowMs, events);
    else events.push({ kind: 'packet', packet, receivedAtMs: nowMs, isFollowed: true });
  }

  private receiveInfo(info: InfoPacket, nowMs: number, events: ConversationEvent[]): void {
    if (info.serialNumber !== this.info!.serialNumber) {
      throw new ConnectionLostError(
        'other-device',
        `${this.options.path}: another stethoscope answers there now, ${nameOf(info)} instead of ${nameOf(this.info!)}`,
      );
    }
    const protocolVersion = negotiate(info);
    // The line keeps the order, so an INFO after samples is no late answer to a HELLO.
    if (!this.streamed && JSON.stringify(info) === JSON.stringify(this.info)) return;
    this.streamed = false;
    this.control!.deviceRestarted();
    this.greet(info, protocolVersion, true, nowMs, events);
  }

  private greet(
    info: InfoPacket,
    protocolVersion: number,
    restarted: boolean,
    nowMs: number,
    events: ConversationEvent[],
  ): void {
    this.info = info;
    events.push({ kind: 'greeted', path: this.options.path, info, protocolVersion, restarted });
    events.push({ kind: 'packet', packet: info, receivedAtMs: nowMs, isFollowed: true });
  }
}

/** A device's serial number in a sentence. */
export function nameOf(info: InfoPacket): string {
  return info.serialNumber === '' ? 'one without a serial number' : info.serialNumber;
}
