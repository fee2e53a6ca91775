import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '../errors.js';

/** One of `of` parts, counted from 1. */
export interface Shard {
  readonly shard: number;
  readonly of: number;
}

/** Every N-th from the I-th on: known from the list alone, whoever else works on it. */
export function inShard<T>(items: readonly T[], shard: Shard | undefined): readonly T[] {
  return shard === undefined
    ? items
    : items.filter((_item, position) => position % shard.of === shard.shard - 1);
}

/**
 * Reads a list of files, one a line, as `find` and `ls` write it. Names are relative to the working folder, as on the
 * command line; empty lines do not count.
 *
 * @throws ConfigurationError for a list that cannot be read, is empty or names a file twice
 */
export async function readFileList(path: string): Promise<string[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(
      `the list ${path} cannot be read: ${(cause as Error).message}; name a text file with one file a line`,
      { cause },
    );
  }
  const lineOf = new Map<string, number>();
  for (const [at, ended] of text.split('\n').entries()) {
    const name = ended.replace(/\r$/, '');
    if (name.trim() === '') continue;
    if (name.includes('\0')) {
      throw new ConfigurationError(
        `${path}, line ${at + 1}: must be the name of a file, got a NUL; the list must have one file a line`,
      );
    }
    const before = lineOf.get(name);
    if (before !== undefined) {
      throw new ConfigurationError(
        `${path}, line ${at + 1}: every file must occur once, but ${name} stands in line ${before} too`,
      );
    }
    lineOf.set(name, at + 1);
  }
  if (lineOf.size === 0) throw new ConfigurationError(`${path}: must name one file or more, got none`);
  return [...lineOf.keys()];
}
