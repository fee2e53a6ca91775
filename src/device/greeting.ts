import { ProtocolError } from '../errors.js';
import { hostHello, negotiate } from '../decode/wire/negotiate.js';
import type { Decoded } from '../decode/wire/packet-decoder.js';
import { errorCode } from '../decode/wire/packet-layout.js';
import type { HelloPacket, InfoPacket } from '../decode/wire/packet.js';
import { HostSleep } from './host-sleep.js';

export interface Greeted {
  readonly info: InfoPacket;
  readonly protocolVersion: number;
}

/** How often HELLO is repeated: a board that starts when its port is opened misses the first ones. */
const HELLO_INTERVAL_MS = 500;

/**
 * HELLO until INFO: finds out what is at the other end of a line.
 *
 * A device that still streams for an earlier host sends other packets first, and the first of them is cut: all that is
 * passed over. Knows no clock; every call is told the time.
 */
export class Greeting {
  private readonly limitMs: number;
  private endsAtMs: number;
  private readonly sleep: HostSleep;
  private lastHelloAtMs = -Infinity;
  private bytes = 0;
  private complaint: string | undefined;

  /** @param limitMs how long to wait for INFO, from now on: a port that cannot be opened must not take for ever. */
  constructor(limitMs: number, nowMs: number) {
    this.limitMs = limitMs;
    this.endsAtMs = nowMs + limitMs;
    this.sleep = new HostSleep(nowMs);
  }

  /** The HELLO to be sent now, if one is due. */
  due(nowMs: number): HelloPacket | undefined {
    if (nowMs - this.lastHelloAtMs < HELLO_INTERVAL_MS) return undefined;
    this.lastHelloAtMs = nowMs;
    return hostHello;
  }

  /** To be called with the count of all bytes that arrive: they tell a silent line from one that speaks otherwise. */
  noteBytes(byteCount: number): void {
    this.bytes += byteCount;
  }

  /**
   * @returns what the device said of itself, once it did.
   * @throws {ProtocolError} where the two sides do not fit.
   */
  receive(decoded: Decoded): Greeted | undefined {
    if (decoded.kind === 'corrupt') return undefined;
    const { packet } = decoded;
    if (packet.type === 'info') return { info: packet, protocolVersion: negotiate(packet) };
    if (packet.type === 'error') {
      this.complaint = packet.text;
      if (packet.code === errorCode.unsupportedVersion) {
        throw new ProtocolError(`the device refuses this version of lubdub: "${packet.text}"; update lubdub`);
      }
    }
    return undefined;
  }

  /** What is wrong when the time is up, or undefined before that. To be called at least every 100 ms. */
  expired(nowMs: number): { outcome: 'silent' | 'no-stethoscope'; message: string } | undefined {
    // What came meanwhile has not been read yet.
    this.endsAtMs += this.sleep.look(nowMs);
    if (nowMs < this.endsAtMs) return undefined;
    if (this.lastHelloAtMs === -Infinity) {
      return { outcome: 'silent', message: `the port did not open within ${this.limitMs} ms` };
    }
    if (this.bytes === 0) {
      return { outcome: 'silent', message: `nothing came within ${this.limitMs} ms` };
    }
    const said = this.complaint === undefined ? '' : `, it said "${this.complaint}"`;
    return {
      outcome: 'no-stethoscope',
      message: `${this.bytes} bytes came within ${this.limitMs} ms, but no answer of a stethoscope${said}`,
    };
  }
}
