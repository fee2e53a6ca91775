import type { Sampled } from '../decode/samples.js';

/** What a source brought, to be heard: as it came, before anything was filtered. Only read. */
export interface SoundPiece {
  /** Of the source. */
  readonly sampleRateHz: number;
  readonly value: Sampled;
}
