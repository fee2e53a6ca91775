import type { OperatorFunction } from 'rxjs';
import { decodeWith } from './decode-with.js';
import { S16leWire } from './s16le-wire.js';
import type { Sampled } from '../samples.js';

/**
 * Raw little-endian 16-bit samples to chunks, from the first byte on. See {@link S16leWire} for what such a wire
 * cannot tell.
 *
 * Emits a chunk for every piece of bytes that completed a sample; half a sample at the end is a gap of one.
 */
export function decodeS16le(): OperatorFunction<Uint8Array, Sampled> {
  return decodeWith(() => new S16leWire());
}
