import { createHash } from 'node:crypto';
import { errorCode } from './disk-fault.js';
import { PlainFile } from './plain-file.js';
import type { StoredSamples } from './stored-samples.js';

/** SHA-256 of a file, in memory that does not grow with it; of nothing where there is no such file. */
export async function hashFile(path: string): Promise<string> {
  try {
    return await hashExistingFile(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return createHash('sha256').digest('hex');
  }
}

/** As {@link hashFile}, but where there is no such file it throws. */
export async function hashExistingFile(path: string): Promise<string> {
  const file = await PlainFile.open(path);
  try {
    const hash = createHash('sha256');
    for await (const block of file.blocks(file.size)) hash.update(block);
    return hash.digest('hex');
  } finally {
    await file.close();
  }
}

/** SHA-256 of all sample bytes, without headers and pad bytes. */
export async function hashSamples(samples: StoredSamples): Promise<string> {
  const hash = createHash('sha256');
  for await (const block of samples.blocks()) hash.update(block);
  return hash.digest('hex');
}
