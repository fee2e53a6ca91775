import { int16Amplitudes } from './int16-amplitudes.js';

/** How the samples of a FLAC file stand in the bytes that its MD5 is of. */
export interface StoredFlac {
  readonly channels: number;
  /** 4..32; a sample takes as few bytes as hold it. */
  readonly bitsPerSample: number;
}

/** Bytes that a sample of one channel takes. */
export const flacSampleBytes = (bitsPerSample: number): number => Math.ceil(bitsPerSample / 8);

/** Bytes that a sample of every channel takes. */
export const flacFrameBytes = ({ channels, bitsPerSample }: StoredFlac): number =>
  channels * flacSampleBytes(bitsPerSample);

/**
 * One channel's amplitudes: integers divided by full scale, exactly.
 *
 * @param stored little-endian integers of all channels in turn, at a multiple of a sample's bytes in their buffer
 * @param index of the channel, 0 for the first
 */
export function flacAmplitudes(stored: Uint8Array, layout: StoredFlac, index: number): Float64Array {
  const { channels, bitsPerSample } = layout;
  const sampleBytes = flacSampleBytes(bitsPerSample);
  const step = 2 ** (1 - bitsPerSample);
  if (sampleBytes === 2) return int16Amplitudes(stored, 2 * channels, 2 * index, step);
  const integers = integersOf(stored, sampleBytes);
  const amplitudes = new Float64Array(integers.length / channels);
  for (let i = 0, from = index; i < amplitudes.length; i++, from += channels) {
    amplitudes[i] = integers[from] * step;
  }
  return amplitudes;
}

/** Every processor that Node runs on puts the lowest byte first, as `stored` does. */
function integersOf(stored: Uint8Array, bytesPerSample: number): Int8Array | Int32Array {
  const { buffer, byteOffset, length } = stored;
  if (bytesPerSample === 1) return new Int8Array(buffer, byteOffset, length);
  if (bytesPerSample === 4) return new Int32Array(buffer, byteOffset, length / 4);
  const integers = new Int32Array(length / 3);
  for (let i = 0, byte = 0; i < integers.length; i++, byte += 3) {
    integers[i] = ((stored[byte] << 8) | (stored[byte + 1] << 16) | (stored[byte + 2] << 24)) >> 8;
  }
  return integers;
}
