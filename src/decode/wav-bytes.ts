import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

import { RecordingError } from '../errors.js';

/** A regular file that is open for reading, anywhere in it. Its failures say what is wrong and the remedy. */
export class WavBytes {
  readonly path: string;
  /** The file's size when it was opened. At least 1. */
  readonly size: number;
  private readonly handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.handle = handle;
  }

  /** @throws RecordingError where `path` is no file that can be read, or an empty one */
  static async open(path: string): Promise<WavBytes> {
    let handle: FileHandle;
    try {
      // Without O_NONBLOCK (unknown to Windows) a named pipe that nobody writes to would be waited for here, for ever.
      handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (cause) {
      throw new RecordingError(`${path}: ${openFailure(cause)}`, { cause });
    }
    try {
      const stat = await handle.stat();
      if (stat.isDirectory()) throw new RecordingError(`${path}: ${IS_FOLDER}`);
      if (!stat.isFile()) {
        throw new RecordingError(
          `${path}: must be a WAV file on disk, got a pipe or a device; write it to a file first`,
        );
      }
      if (stat.size === 0) throw new RecordingError(`${path}: is empty (0 bytes); record or fetch it again`);
      return new WavBytes(path, stat.size, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Reads `length` bytes into a new array that the caller owns; fewer only where `size` ends.
   *
   * @throws RecordingError where the disk fails, the file was closed, or became shorter since it was opened
   */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - offset)));
    let filled = 0;
    try {
      while (filled < bytes.length) {
        const { bytesRead } = await this.handle.read(bytes, filled, bytes.length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
    } catch (cause) {
      throw new RecordingError(
        `${this.path}: cannot be read (${errorCode(cause)}); check the disk, the connection to it, and that the file is still open`,
        { cause },
      );
    }
    if (filled < bytes.length) {
      throw new RecordingError(
        `${this.path}: must keep its ${this.size} bytes while it is read, but ended at byte ${offset + filled}; ` +
          'wait until nothing writes to it',
      );
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

const IS_FOLDER = 'must be a WAV file, got a folder; name the files in it';

function openFailure(cause: unknown): string {
  switch (errorCode(cause)) {
    case 'ENOENT':
      return 'does not exist; check the name and the folder';
    case 'EACCES':
    case 'EPERM':
      return 'must be readable, but permission was denied; change its permissions or your user';
    case 'EISDIR':
      return IS_FOLDER;
    case 'ENOTDIR':
      return 'does not exist, since a part of its path is a file and no folder; check the path';
    default:
      return `cannot be opened (${errorCode(cause)}); check the name and the disk`;
  }
}

function errorCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
}
