import type { OperatorFunction } from 'rxjs';
import { decodeWith } from './decode-with.js';
import { type Decoded, PacketDecoder } from './packet-decoder.js';

/**
 * Bytes in any pieces to packets; what held no packet comes as `corrupt`. See {@link PacketDecoder}.
 *
 * Emits while it handles the bytes that completed a packet and holds at most one packet back. On completion what
 * is left of a packet comes as `corrupt`, too.
 */
export function decodePackets(): OperatorFunction<Uint8Array, Decoded> {
  return decodeWith(() => new PacketDecoder());
}
