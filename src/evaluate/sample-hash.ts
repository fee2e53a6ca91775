import { createHash } from 'node:crypto';
import { openRecording, type OpenRecordingOptions } from '../decode/file/recording-file.js';
import { LubdubError } from '../errors.js';

/** What a contract's list of hashes is made by; the Python twin is `tools/lubdub_tools/sample_hashes.py`. */
export const SAMPLE_HASH_METHOD = 'first 8 bytes of SHA-256 of int16 little-endian samples';

/**
 * Knows a recording by its samples, whatever its file is called and whatever format it has: the first 8 bytes, in
 * hexadecimal, of the SHA-256 of all samples as little-endian 16-bit integers. Rate and name are no part of it; a cut,
 * amplified or resampled copy is another recording.
 */
export class SampleHash {
  private readonly hash = createHash('sha256');

  /** @param samples amplitudes, full scale [-1, 1) */
  push(samples: Float64Array): void {
    const bytes = Buffer.alloc(2 * samples.length);
    for (const [i, sample] of samples.entries()) {
      bytes.writeInt16LE(Math.max(-32768, Math.min(32767, Math.round(32768 * sample))), 2 * i);
    }
    this.hash.update(bytes);
  }

  /** 16 hexadecimal digits; nothing can be pushed any more. */
  digest(): string {
    return this.hash.digest('hex').slice(0, 16);
  }
}

/** @returns `null` for a file that cannot be read, which screening will report */
export async function hashRecording(path: string, options: OpenRecordingOptions): Promise<string | null> {
  try {
    const recording = await openRecording(path, options);
    try {
      const hash = new SampleHash();
      for await (const { samples } of recording.chunks(2 ** 16)) hash.push(samples);
      return hash.digest();
    } finally {
      await recording.close();
    }
  } catch (error) {
    if (error instanceof LubdubError) return null;
    throw error;
  }
}
