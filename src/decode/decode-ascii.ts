import { Observable, type OperatorFunction } from 'rxjs';
import { AsciiWire, type AsciiWireOptions } from './ascii-wire.js';
import type { Sampled } from './samples.js';

/**
 * One decimal number a line to samples; a line that is no number is a gap of one. See {@link AsciiWire}.
 *
 * Emits a chunk for every piece of bytes that completed a line.
 *
 * @throws ConfigurationError at the call, for options that cannot be.
 */
export function decodeAscii(options: AsciiWireOptions = {}): OperatorFunction<Uint8Array, Sampled> {
  new AsciiWire(options);
  return (source) =>
    new Observable((subscriber) => {
      const wire = new AsciiWire(options);
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
