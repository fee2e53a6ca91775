import { open, type FileHandle } from 'node:fs/promises';
import { ConfigurationError } from '../errors.js';
import type { ErrorEvent } from '../screen/screening-events.js';
import { resultBlocks } from './result-blocks.js';

/** Where `classify --results` writes, file after file in the order of the list, so that a killed run can go on. */
export class ResultFile {
  private constructor(
    private readonly handle: FileHandle,
    private readonly path: string,
    /** How many files of the list an earlier run has done. */
    readonly done: number,
    /** Codes of those among them that could not be read. */
    readonly errors: readonly ErrorEvent['code'][],
  ) {}

  /**
   * Opens or begins the file; what a killed run left torn at its end is cut off.
   *
   * @param files that the run is to screen
   * @param made see {@link made}
   * @throws ConfigurationError where it cannot be written, or holds results of other files or of another model
   */
  static async open(path: string, files: readonly string[], made: string): Promise<ResultFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'a');
      let end = 0;
      let done = 0;
      const errors: ErrorEvent['code'][] = [];
      for await (const block of resultBlocks(path)) {
        if (block.file !== files[done]) {
          throw new ConfigurationError(
            `${path} holds results of another list or shard: ${block.file} is its file ${done + 1}, and ` +
              `${files[done] ?? 'none'} the list's; name another file with --results, or remove this one`,
          );
        }
        if (block.made !== null && block.made !== made) {
          throw new ConfigurationError(
            `${path} holds results of another model or stethoscope profile; name another file with --results, or remove ` +
              'this one',
          );
        }
        if (block.error !== null) errors.push(block.error);
        done++;
        end = block.end;
      }
      await handle.truncate(end);
      return new ResultFile(handle, path, done, errors);
    } catch (cause) {
      await handle?.close();
      if (cause instanceof ConfigurationError) throw cause;
      throw cannotWrite(path, cause);
    }
  }

  /** What decides about a result beside the file: hashes of the model and of the stethoscope's profile. */
  static made(modelSha256: string, stethoscopeSha256: string | null): string {
    return JSON.stringify([modelSha256, stethoscopeSha256]);
  }

  /** @param lines of one file. On disk when this returns. */
  async append(lines: string): Promise<void> {
    try {
      await this.handle.appendFile(lines);
      await this.handle.datasync();
    } catch (cause) {
      throw cannotWrite(this.path, cause);
    }
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

const cannotWrite = (path: string, cause: unknown): ConfigurationError =>
  new ConfigurationError(
    `results cannot be written to ${path}: ${(cause as Error).message}; check folder and disk, or name another file ` +
      'with --results',
    { cause },
  );
