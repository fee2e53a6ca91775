import { createHash } from 'node:crypto';

/** Of lubdub's names; drawn once by chance. */
const NAMESPACE = Buffer.from('5f0e4c9ad2b84d6f9b1c7a3e88d1c642', 'hex');

/**
 * A UUID that follows from a name, so that the same thing has the same identity in every bundle.
 *
 * @see RFC 9562, 5.5 (version 5)
 */
export function nameUuid(name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(name).digest().subarray(0, 16);
  bytes[6] = (bytes[6] & 0x0f) | 0x50;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
