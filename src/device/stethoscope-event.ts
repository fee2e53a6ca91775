import type { PortOpenReason } from '../acquire/port-open-error.js';
import type { CorruptReason } from '../decode/wire/packet-decoder.js';
import type { InfoPacket, Packet } from '../decode/wire/packet.js';

/** A device has answered and is about to stream. What follows is to be read by this format until the next one. */
export interface DeviceEvent {
  readonly kind: 'device';
  readonly path: string;
  /** `found`: first time; `returned`: after it was lost; `restarted`: it started anew while the port stayed open. */
  readonly occasion: 'found' | 'returned' | 'restarted';
  /** Rate, bits or full scale differ from what this device said before. Always false where `found`. */
  readonly formatChanged: boolean;
  /** Null where the device does not tell. */
  readonly firmware: string | null;
  /** Null where the device has none. */
  readonly serialNumber: string | null;
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
  /** The integer that stands for 1.0. */
  readonly fullScale: number;
  /** Version of the wire protocol that both sides speak, null on a wire without it. */
  readonly protocolVersion: number | null;
  readonly waitsForCredit: boolean;
  /** Nobody is listened to: the device says that it plays a recording, or it is a simulator of this machine. */
  readonly simulated?: boolean;
  /** All that the device said, null on a wire without the protocol. */
  readonly info: InfoPacket | null;
}

/** Why a port was not chosen, in a word that is stable. */
export type PortOutcome =
  | PortOpenReason
  | 'chosen'
  /** A stethoscope too, but another port came first. */
  | 'not-chosen'
  /** Nothing came within the time limit. */
  | 'silent'
  /** Bytes came, but nothing that the protocol knows. */
  | 'no-stethoscope'
  /** A stethoscope that this program cannot read, or that cannot be read by it. */
  | 'refused'
  /** A stethoscope, but not the one that is asked for. */
  | 'other-device'
  | 'hung-up';

export interface TriedPort {
  readonly path: string;
  readonly outcome: PortOutcome;
  /** For people: why, and what to do. */
  readonly message: string;
  /** Null where no device told one. */
  readonly serialNumber: string | null;
}

/** The ports were asked; a device event follows where one was chosen. */
export interface SearchEvent {
  readonly kind: 'search';
  /** Path of the chosen port, null where none was. */
  readonly chosen: string | null;
  readonly ports: readonly TriedPort[];
}

/** Why a connection was lost, in a word that is stable. */
export type LossReason = 'unplugged' | 'silent' | 'garbage' | 'battery' | 'fault' | 'other-device';

/** The line failed or is being mended. Everything before it stays valid; samples may be missing after it. */
export type ConnectionEvent =
  | {
      readonly kind: 'connection';
      readonly state: 'lost';
      readonly path: string;
      readonly reason: LossReason;
      readonly message: string;
    }
  | {
      readonly kind: 'connection';
      readonly state: 'retrying';
      readonly path: string;
      /** 1 for the first attempt after a loss. */
      readonly attempt: number;
      readonly inMs: number;
      /** Why the attempt before this one failed, null before the first. */
      readonly message: string | null;
    }
  /** Nothing was found yet; the search goes on. */
  | {
      readonly kind: 'connection';
      readonly state: 'waiting';
      readonly path: null;
      readonly message: string;
    };

/** An intact packet of the stream, of any type but HELLO. */
export interface PacketEvent {
  readonly kind: 'packet';
  readonly packet: Packet;
  /** The host's monotonic clock, `performance.now()`, when the bytes that completed it arrived. */
  readonly receivedAtMs: number;
  /** Another event that the same bytes brought follows at once. */
  readonly isFollowed?: boolean;
}

/** Bytes of the stream that were no packet. */
export interface CorruptEvent {
  readonly kind: 'corrupt';
  readonly byteCount: number;
  readonly reason: CorruptReason;
  readonly receivedAtMs: number;
}

/** What one read of the line brought of the stream, in order; at least one. */
export interface ReadEvent {
  readonly kind: 'read';
  readonly events: readonly (PacketEvent | CorruptEvent)[];
}

/** Something a person should know and that is no failure. */
export interface NoticeEvent {
  readonly kind: 'notice';
  readonly message: string;
}

/** The stream is over as it should be; the observable completes. */
export interface EndedEvent {
  readonly kind: 'ended';
  /** `end`: the device has no more; `request`: it was asked to stop; `unanswered`: asked, but it said nothing. */
  readonly reason: 'end' | 'request' | 'unanswered';
}

export type StethoscopeEvent =
  SearchEvent | DeviceEvent | ConnectionEvent | PacketEvent | CorruptEvent | EndedEvent;
