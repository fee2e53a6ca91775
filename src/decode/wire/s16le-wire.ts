import type { PlainWireDecoder } from './plain-wire.js';
import type { Sampled } from '../samples.js';

const FULL_SCALE = 32768;

/**
 * Raw little-endian 16-bit samples, two bytes each and nothing else.
 *
 * The first byte is taken for the low byte of the first sample. Nothing in such a stream tells where a sample begins
 * or that bytes are missing: after an odd number of lost bytes, or when the port was opened in the middle of a
 * sample, every sample is made of halves of two, and only its noise gives it away.
 */
export class S16leWire implements PlainWireDecoder {
  readonly bitsPerSample = 16;
  readonly fullScale = FULL_SCALE;
  /** Low byte of a sample whose high byte has not come yet. */
  private lowByte: number | null = null;
  private next = 0;

  /**
   * @param bytes the next bytes of the stream, at any offset of their buffer; not kept.
   * @returns one chunk, or nothing where no sample was completed; the receiver owns the array.
   */
  push(bytes: Uint8Array): Sampled[] {
    const carried = this.lowByte === null ? 0 : 1;
    const samples = new Float64Array((carried + bytes.length) >> 1);
    let at = 0;
    for (let i = 0; i < samples.length; i += 1) {
      const low = i === 0 && this.lowByte !== null ? this.lowByte : bytes[at++];
      const high = bytes[at++];
      samples[i] = ((low << 16) | (high << 24)) / 65536 / FULL_SCALE;
    }
    if (samples.length > 0) this.lowByte = null;
    if (at < bytes.length) this.lowByte = bytes[at];
    if (samples.length === 0) return [];
    const firstSample = this.next;
    this.next += samples.length;
    return [{ kind: 'samples', firstSample, samples }];
  }

  /** The stream has ended: half a sample is a lost one. */
  finish(): Sampled[] {
    if (this.lowByte === null) return [];
    this.lowByte = null;
    this.next += 1;
    return [{ kind: 'gap', atSample: this.next - 1, lostSamples: 1, cause: 'lost' }];
  }

  /** As new: the next byte is a low byte. */
  reset(): void {
    this.lowByte = null;
    this.next = 0;
  }
}
