import { open } from 'node:fs/promises';
import { once } from 'node:events';
import { ConfigurationError } from '../../errors.js';
import type { MergeCommandOptions } from '../command-options.js';
import { Failures, type Output } from '../output.js';
import { resultBlocks, type ResultBlock } from '../result-blocks.js';
import { readFileList } from '../shards.js';

interface Found extends ResultBlock {
  readonly path: string;
}

/**
 * `lubdub merge`: the results of all shards as one run would have written them, in the order of the list, on stdout.
 *
 * @returns the exit code that the one run would have had
 * @throws ConfigurationError, before anything is written, where a file has no result, or two that differ
 */
export async function merge(
  paths: readonly string[],
  options: MergeCommandOptions,
  output: Output,
): Promise<number> {
  const files = await readFileList(options.list);
  const found = await findAll(paths, new Set(files), options.list);
  const missing = files.filter((file) => !found.has(file));
  if (missing.length > 0) {
    throw new ConfigurationError(
      `every file of ${options.list} must have a result, but ${missing.length} of ${files.length} have none, the first ` +
        `is ${missing[0]}; run their shards again with the same --results, they go on where they were`,
    );
  }
  const failures = new Failures(output);
  const sources = new Map<string, Awaited<ReturnType<typeof open>>>();
  try {
    for (const file of files) {
      const { path, start, end, error } = found.get(file)!;
      const source = sources.get(path) ?? (await open(path, 'r'));
      sources.set(path, source);
      if (!process.stdout.write(await bytesOf(source, path, start, end))) await once(process.stdout, 'drain');
      if (error !== null) failures.countError(error);
    }
  } finally {
    for (const source of sources.values()) await source.close();
  }
  return failures.exitCode;
}

async function findAll(
  paths: readonly string[],
  listed: ReadonlySet<string>,
  list: string,
): Promise<ReadonlyMap<string, Found>> {
  const found = new Map<string, Found>();
  let made: Found | undefined;
  for (const path of paths) {
    for await (const block of readable(path)) {
      const here: Found = { ...block, path };
      const { file } = here;
      if (!listed.has(file)) {
        throw new ConfigurationError(
          `${path} has a result of ${file}, which ${list} does not name; name its list`,
        );
      }
      if (here.made !== null) {
        made ??= here;
        if (here.made !== made.made) {
          throw new ConfigurationError(
            `results must be of one model and one stethoscope profile, but ${file} in ${path} and ${made.file} in ` +
              `${made.path} are not; run one of them anew`,
          );
        }
      }
      const before = found.get(file);
      if (before === undefined) found.set(file, here);
      else if (!(await isSame(before, here))) {
        throw new ConfigurationError(
          `${file} has two results that differ, in ${before.path} and ${path}; leave one of the files out`,
        );
      }
    }
  }
  return found;
}

async function* readable(path: string): AsyncGenerator<ResultBlock> {
  try {
    yield* resultBlocks(path);
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    throw new ConfigurationError(
      `${path} cannot be read: ${(cause as Error).message}; name what \`classify --results\` wrote`,
      { cause },
    );
  }
}

async function isSame(a: Found, b: Found): Promise<boolean> {
  const [one, other] = await Promise.all(
    [a, b].map(async ({ path, start, end }) => {
      const source = await open(path, 'r');
      try {
        return await bytesOf(source, path, start, end);
      } finally {
        await source.close();
      }
    }),
  );
  return one.equals(other);
}

async function bytesOf(
  source: Awaited<ReturnType<typeof open>>,
  path: string,
  start: number,
  end: number,
): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await source.read(bytes, at, bytes.length - at, start + at);
    if (bytesRead === 0) throw new ConfigurationError(`${path} became shorter while it was read; try again`);
    at += bytesRead;
  }
  return bytes;
}
