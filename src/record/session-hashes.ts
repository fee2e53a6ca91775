import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { errorCode } from './disk-fault.js';
import type { StoredSamples } from './stored-samples.js';

/** SHA-256 of a file, in memory that does not grow with it; of nothing where there is no such file. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const block of createReadStream(path)) hash.update(block as Buffer);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return hash.digest('hex');
}

/** SHA-256 of all sample bytes, without headers and pad bytes. */
export async function hashSamples(samples: StoredSamples): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of samples.blocks()) hash.update(block);
  return hash.digest('hex');
}
