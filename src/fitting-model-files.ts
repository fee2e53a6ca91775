import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Written by `list-fitting-model-files.mjs`. */
const LIST = new URL('./fitting-model-files.json', import.meta.url);

export type FittingModelFile = 'heart-sound.json' | 'signal-quality.json' | 'heart-sounds.json';

let hashes: Readonly<Record<string, string>> | undefined;

/**
 * Whether a file of models/ is one of those that `npm run build` checked against the schemas of this very build, byte for
 * byte: it need not be checked again, and the packages that check need not be loaded, a fifth of what a short `classify`
 * costs. Any other file, and every file where the list is missing, has to be checked.
 */
export function isKnownToFit(bytes: Uint8Array, name: FittingModelFile): boolean {
  hashes ??= readHashes();
  return hashes[name] === createHash('sha256').update(bytes).digest('hex');
}

function readHashes(): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readFileSync(LIST, 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}
