import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Written by `list-fitting-model-files.mjs`. */
const LIST = new URL('./fitting-model-files.json', import.meta.url);

let hashes: ReadonlySet<string> | undefined;

/**
 * Whether a file of models/ is one of those that `npm run build` checked against the schemas of this very build, byte for
 * byte: it need not be checked again, and the packages that check need not be loaded, a fifth of what a short `classify`
 * costs. Any other file, and every file where the list is missing, has to be checked.
 */
export function isKnownToFit(bytes: Uint8Array): boolean {
  hashes ??= readHashes();
  return hashes.has(createHash('sha256').update(bytes).digest('hex'));
}

function readHashes(): ReadonlySet<string> {
  try {
    return new Set(JSON.parse(readFileSync(LIST, 'utf8')) as string[]);
  } catch {
    return new Set();
  }
}
