import { constants, type BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

import { RecordingError } from '../errors.js';
import type { Scan } from './scan.js';

/** A regular file that is open for reading, anywhere in it. Its failures say what is wrong and the remedy. */
export class WavBytes {
  readonly path: string;
  /** The file's size when it was opened. At least 1. */
  readonly size: number;
  /** When it was last written to before it was opened, in ns. */
  private readonly writtenNs: bigint;
  private readonly handle: FileHandle;

  private constructor(path: string, { size, mtimeNs }: BigIntStats, handle: FileHandle) {
    this.path = path;
    this.size = Number(size);
    this.writtenNs = mtimeNs;
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
      const stat = await handle.stat({ bigint: true });
      if (stat.isDirectory()) throw new RecordingError(`${path}: ${IS_FOLDER}`);
      if (!stat.isFile()) {
        throw new RecordingError(
          `${path}: must be a file on disk, got a pipe or a device; write it to a file first`,
        );
      }
      if (stat.size === 0n) throw new RecordingError(`${path}: is empty (0 bytes); record or fetch it again`);
      return new WavBytes(path, stat, handle);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * A file that is open already, which is closed with this.
   *
   * @throws RecordingError where it is empty
   */
  static async adopt(path: string, handle: FileHandle): Promise<WavBytes> {
    const stat = await handle.stat({ bigint: true });
    if (stat.size === 0n) throw new RecordingError(`${path}: holds no sound that can be decoded`);
    return new WavBytes(path, stat, handle);
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

  /** Runs a scan over the file. */
  async scan<T>(scan: Scan<T>): Promise<T> {
    // Most scans want to see a few small pieces of the file's beginning: one read brings them all.
    const head = await this.read(0, HEAD_BYTES);
    let step = scan.next();
    while (!step.done) {
      const { offset, length } = step.value;
      const bytes =
        offset + length <= head.length
          ? head.subarray(offset, offset + length)
          : await this.read(offset, length);
      step = scan.next(bytes);
    }
    return step.value;
  }

  /**
   * To be called when all has been read.
   *
   * @throws RecordingError where somebody wrote to the file meanwhile: what was read may be part old, part new
   */
  async checkUnchanged(): Promise<void> {
    const { size, mtimeNs } = await this.handle.stat({ bigint: true });
    if (size === BigInt(this.size) && mtimeNs === this.writtenNs) return;
    throw new RecordingError(
      `${this.path}: must stay as it is while it is read, but was written to meanwhile (${this.size} bytes before, ` +
        `${size} after); wait until nothing writes to it, and begin again`,
    );
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** The first read of a scan, which in most files holds everything before the samples. */
const HEAD_BYTES = 4096;

const IS_FOLDER = 'must be a file, got a folder; name the files in it';

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
