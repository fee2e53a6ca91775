import { cobsDecode } from './cobs.js';
import { crc16 } from './crc16.js';
import { CRC_BYTES, MAX_FRAME_BYTES } from './packet-layout.js';
import { parsePacket } from './packet-parser.js';
import type { Packet } from './packet.js';

/**
 * Why bytes were passed over. `overlong`: no delimiter where the longest packet would have ended; `cobs`: the
 * stuffing is wrong; `short`: fewer bytes than a type and a checksum; `crc`: the checksum is wrong; `malformed`: the
 * checksum is right and the fields are impossible; `truncated`: the stream ended inside a packet.
 */
export type CorruptReason = 'overlong' | 'cobs' | 'short' | 'crc' | 'malformed' | 'truncated';

export type Decoded =
  | { readonly kind: 'packet'; readonly packet: Packet }
  | { readonly kind: 'corrupt'; readonly byteCount: number; readonly reason: CorruptReason };

/** Totals since the decoder was made or reset. Every byte is in a packet, skipped, or an idle delimiter. */
export interface DecoderCounters {
  /** Intact packets, unknown types included. */
  readonly packets: number;
  readonly unknownPackets: number;
  /** Runs of bytes that held no packet, each reported as `corrupt`. */
  readonly corrupt: number;
  /** Bytes of those runs, delimiters included. */
  readonly skippedBytes: number;
}

/**
 * Bytes in any pieces to packets.
 *
 *     ... | code data ... code data | 00 | code data ... | 00 | 00 | ...
 *           a frame, 1 to 254 bytes   ^ ends it            ^ idle: passed over
 *
 * Never throws and never holds more than one frame. After any corruption the first delimiter ends the trouble: at most
 * one good packet is lost with it, so the decoder is in step again within one maximum packet (255 bytes).
 */
export class PacketDecoder {
  private readonly frame = new Uint8Array(MAX_FRAME_BYTES);
  private readonly data = new Uint8Array(MAX_FRAME_BYTES);
  private length = 0;
  /** The frame outgrew the longest packet: its bytes are passed over until a delimiter comes. */
  private overlong = false;
  private packets = 0;
  private unknownPackets = 0;
  private corrupt = 0;
  private skippedBytes = 0;

  get counters(): DecoderCounters {
    return {
      packets: this.packets,
      unknownPackets: this.unknownPackets,
      corrupt: this.corrupt,
      skippedBytes: this.skippedBytes,
    };
  }

  /**
   * @param bytes the next bytes of the stream; not kept.
   * @returns what they completed, in order. Arrays in the packets belong to the receiver.
   */
  push(bytes: Uint8Array): Decoded[] {
    const decoded: Decoded[] = [];
    let at = 0;
    while (at < bytes.length) {
      const delimiter = bytes.indexOf(0, at);
      const end = delimiter < 0 ? bytes.length : delimiter;
      this.collect(bytes, at, end, decoded);
      if (delimiter < 0) break;
      this.endFrame(decoded);
      at = delimiter + 1;
    }
    return decoded;
  }

  /** The stream has ended: reports what is left of a packet that never ended. The decoder is then as new. */
  finish(): Decoded[] {
    const decoded: Decoded[] = [];
    if (this.length > 0) this.reject(this.length, this.overlong ? 'overlong' : 'truncated', decoded);
    this.length = 0;
    this.overlong = false;
    return decoded;
  }

  /** Forgets the frame in progress and the counters. */
  reset(): void {
    this.length = 0;
    this.overlong = false;
    this.packets = 0;
    this.unknownPackets = 0;
    this.corrupt = 0;
    this.skippedBytes = 0;
  }

  private collect(bytes: Uint8Array, start: number, end: number, decoded: Decoded[]): void {
    let at = start;
    while (at < end) {
      if (this.length === MAX_FRAME_BYTES) {
        // Reported at once and not when a delimiter comes: garbage without any zero must be noticed too.
        this.reject(MAX_FRAME_BYTES, 'overlong', decoded);
        this.overlong = true;
        this.length = 0;
      }
      const count = Math.min(end - at, MAX_FRAME_BYTES - this.length);
      this.frame.set(bytes.subarray(at, at + count), this.length);
      this.length += count;
      at += count;
    }
  }

  private endFrame(decoded: Decoded[]): void {
    const length = this.length;
    this.length = 0;
    if (this.overlong) {
      this.overlong = false;
      this.reject(length + 1, 'overlong', decoded);
      return;
    }
    if (length === 0) return;
    const dataLength = cobsDecode(this.frame.subarray(0, length), this.data);
    if (dataLength < 0) {
      this.reject(length + 1, 'cobs', decoded);
      return;
    }
    const bodyLength = dataLength - CRC_BYTES;
    if (bodyLength < 1) {
      this.reject(length + 1, 'short', decoded);
      return;
    }
    const crc = this.data[bodyLength] | (this.data[bodyLength + 1] << 8);
    if (crc !== crc16(this.data, 0, bodyLength)) {
      this.reject(length + 1, 'crc', decoded);
      return;
    }
    const packet = parsePacket(this.data.subarray(0, bodyLength));
    if (packet === null) {
      this.reject(length + 1, 'malformed', decoded);
      return;
    }
    this.packets += 1;
    if (packet.type === 'unknown') this.unknownPackets += 1;
    decoded.push({ kind: 'packet', packet });
  }

  private reject(byteCount: number, reason: CorruptReason, decoded: Decoded[]): void {
    this.corrupt += 1;
    this.skippedBytes += byteCount;
    decoded.push({ kind: 'corrupt', byteCount, reason });
  }
}
