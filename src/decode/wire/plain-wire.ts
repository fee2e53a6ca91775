import type { Sampled } from '../samples.js';

export interface PlainWireDecoderOptions {
  /** On a wire that does not say it, the number that stands for 1.0. */
  readonly fullScale?: number;
}

/** Reads a board that sends nothing but samples. */
export interface PlainWireDecoder {
  /** Significant bits of a sample. */
  readonly bitsPerSample: number;
  /** The number on the wire that stands for 1.0. */
  readonly fullScale: number;
  /**
   * @param bytes the next bytes of the stream; not kept
   * @returns what they completed, on a time axis since the decoder was made or reset; the receiver owns the arrays
   */
  push(bytes: Uint8Array): Sampled[];
  /** The stream has ended: what is left of a sample that was cut. */
  finish(): Sampled[];
  /** As new: the port was opened once more. */
  reset(): void;
}
