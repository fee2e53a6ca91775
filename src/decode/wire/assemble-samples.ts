import type { OperatorFunction } from 'rxjs';
import { decodeWith } from './decode-with.js';
import type { Packet } from './packet.js';
import { SampleAssembler, type SampleAssemblerOptions } from './sample-assembler.js';
import type { Sampled } from '../samples.js';

/**
 * Packets to samples and gaps on one time axis. See {@link SampleAssembler}.
 *
 * Emits at once, except for a packet that contradicts the stream: it waits for the next one. On completion what is
 * still in doubt is counted as lost.
 *
 * @throws ConfigurationError at the call, for options that cannot be.
 */
export function assembleSamples(options: SampleAssemblerOptions): OperatorFunction<Packet, Sampled> {
  return decodeWith(() => new SampleAssembler(options));
}
