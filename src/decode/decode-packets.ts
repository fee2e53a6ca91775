import { Observable, type OperatorFunction } from 'rxjs';
import { type Decoded, PacketDecoder } from './packet-decoder.js';

/**
 * Bytes in any pieces to packets; what held no packet comes as `corrupt`. See {@link PacketDecoder}.
 *
 * Emits while it handles the bytes that completed a packet and holds at most one packet back. On completion what
 * is left of a packet comes as `corrupt`, too.
 */
export function decodePackets(): OperatorFunction<Uint8Array, Decoded> {
  return (source) =>
    new Observable((subscriber) => {
      const decoder = new PacketDecoder();
      return source.subscribe({
        next(bytes) {
          for (const decoded of decoder.push(bytes)) subscriber.next(decoded);
        },
        error: (error) => subscriber.error(error),
        complete() {
          for (const decoded of decoder.finish()) subscriber.next(decoded);
          subscriber.complete();
        },
      });
    });
}
