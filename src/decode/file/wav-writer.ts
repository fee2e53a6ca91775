import { LubdubError } from '../../errors.js';

/** Bytes of the header that {@link wavHeader} makes. */
export const WAV_HEADER_BYTES = 44;

/** The size that says "not known yet": readers take all that follows. */
const OPEN_SIZE = 0xffffffff;

export interface WavHeaderOptions {
  readonly sampleRateHz: number;
  readonly bitsPerSample: 8 | 16 | 24 | 32;
  /** Bytes of samples that follow, without the pad byte; `null` while the file is still being written. */
  readonly dataBytes: number | null;
  /** Default `'integer'`. */
  readonly encoding?: 'integer' | 'float';
}

/**
 * The 44 bytes that stand before the samples of a mono WAV file. Where `dataBytes` is odd, one byte 0 must follow the
 * samples; the header counts it.
 *
 * @throws LubdubError for samples that do not fit into a WAV file (4 GiB)
 */
export function wavHeader({
  sampleRateHz,
  bitsPerSample,
  dataBytes,
  encoding,
}: WavHeaderOptions): Uint8Array {
  const bytesPerSample = bitsPerSample / 8;
  const riffBytes = dataBytes === null ? OPEN_SIZE : WAV_HEADER_BYTES - 8 + dataBytes + (dataBytes % 2);
  if (riffBytes > OPEN_SIZE || (dataBytes !== null && (!Number.isInteger(dataBytes) || dataBytes < 0))) {
    throw new LubdubError(
      'LUBDUB_INTERNAL',
      `dataBytes must be an integer in 0..${OPEN_SIZE - WAV_HEADER_BYTES + 7}, got ${dataBytes}; begin another file`,
    );
  }
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(riffBytes, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(encoding === 'float' ? 3 : 1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(sampleRateHz, 24);
  header.writeUInt32LE(sampleRateHz * bytesPerSample, 28);
  header.writeUInt16LE(bytesPerSample, 32);
  header.writeUInt16LE(bitsPerSample, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(dataBytes ?? OPEN_SIZE, 40);
  return header;
}

/** The integers that the writer can store: two's complement, little-endian. */
export type StoredBits = 16 | 24;

/**
 * Samples as they stand in a WAV file.
 *
 * @param samples amplitudes (Float64Array: full scale is 1, rounded to the nearest integer) or the integers themselves
 *   (Int32Array); what is beyond full scale is stored as full scale
 * @throws LubdubError for NaN, which no integer can stand for
 */
export function encodeSamples(samples: Float64Array | Int32Array, bitsPerSample: StoredBits): Uint8Array {
  const fullScale = 2 ** (bitsPerSample - 1);
  const factor = samples instanceof Float64Array ? fullScale : 1;
  const bytesPerSample = bitsPerSample / 8;
  const bytes = new Uint8Array(samples.length * bytesPerSample);
  let at = 0;
  for (let i = 0; i < samples.length; i++) {
    const integer = Math.min(Math.max(Math.round(samples[i] * factor), -fullScale), fullScale - 1);
    if (Number.isNaN(integer)) {
      throw new LubdubError('LUBDUB_INTERNAL', `sample ${i} must be a number to be stored, got NaN`);
    }
    for (let shift = 0; shift < bitsPerSample; shift += 8) bytes[at++] = integer >> shift;
  }
  return bytes;
}

/** A whole mono WAV file: header, samples as {@link encodeSamples} stores them, and the pad byte where it is due. */
export function encodeWav(
  samples: Float64Array | Int32Array,
  { sampleRateHz, bitsPerSample }: { readonly sampleRateHz: number; readonly bitsPerSample: StoredBits },
): Uint8Array {
  const data = encodeSamples(samples, bitsPerSample);
  const file = new Uint8Array(WAV_HEADER_BYTES + data.length + (data.length % 2));
  file.set(wavHeader({ sampleRateHz, bitsPerSample, dataBytes: data.length }));
  file.set(data, WAV_HEADER_BYTES);
  return file;
}
