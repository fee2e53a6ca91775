import type { OperatorFunction } from 'rxjs';
import { AsciiWire, type AsciiWireOptions } from './ascii-wire.js';
import { decodeWith } from './decode-with.js';
import type { Sampled } from '../samples.js';

/**
 * One decimal number a line to samples; a line that is no number is a gap of one. See {@link AsciiWire}.
 *
 * Emits a chunk for every piece of bytes that completed a line.
 *
 * @throws ConfigurationError at the call, for options that cannot be.
 */
export function decodeAscii(options: AsciiWireOptions = {}): OperatorFunction<Uint8Array, Sampled> {
  return decodeWith(() => new AsciiWire(options));
}
