import { Observable, type OperatorFunction } from 'rxjs';
import { S16leWire } from './s16le-wire.js';
import type { Sampled } from './samples.js';

/**
 * Raw little-endian 16-bit samples to chunks, from the first byte on. See {@link S16leWire} for what such a wire
 * cannot tell.
 *
 * Emits a chunk for every piece of bytes that completed a sample; half a sample at the end is a gap of one.
 */
export function decodeS16le(): OperatorFunction<Uint8Array, Sampled> {
  return (source) =>
    new Observable((subscriber) => {
      const wire = new S16leWire();
      return source.subscribe({
        next(bytes) {
          for (const sampled of wire.push(bytes)) subscriber.next(sampled);
        },
        error: (error) => subscriber.error(error),
        complete() {
          for (const sampled of wire.finish()) subscriber.next(sampled);
          subscriber.complete();
        },
      });
    });
}
