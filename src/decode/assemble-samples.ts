import { Observable, type OperatorFunction } from 'rxjs';
import type { Packet } from './packet.js';
import { SampleAssembler, type SampleAssemblerOptions } from './sample-assembler.js';
import type { Sampled } from './samples.js';

/**
 * Packets to samples and gaps on one time axis. See {@link SampleAssembler}.
 *
 * Emits at once, except for a packet that contradicts the stream: it waits for the next one. On completion what is
 * still in doubt is counted as lost.
 *
 * @throws ConfigurationError at the call, for options that cannot be.
 */
export function assembleSamples(options: SampleAssemblerOptions): OperatorFunction<Packet, Sampled> {
  new SampleAssembler(options);
  return (source) =>
    new Observable((subscriber) => {
      const assembler = new SampleAssembler(options);
      return source.subscribe({
        next(packet) {
          for (const sampled of assembler.push(packet)) subscriber.next(sampled);
        },
        error: (error) => subscriber.error(error),
        complete() {
          for (const sampled of assembler.finish()) subscriber.next(sampled);
          subscriber.complete();
        },
      });
    });
}
