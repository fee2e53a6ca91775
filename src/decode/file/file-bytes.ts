import { closeSync, constants, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';

import { RecordingError } from '../../errors.js';
import type { Scan } from './scan.js';

/**
 * A regular file that is open for reading, anywhere in it. Its failures say what is wrong and the remedy.
 *
 * The calls do not wait for another thread: of a recording of a few seconds, those of the pool took longer to wake up
 * than to read. A piece is a quarter of a megabyte.
 */
export class FileBytes {
  readonly path: string;
  /** The file's size when it was opened. At least 1. */
  readonly size: number;
  /** When it was last written to before it was opened, in ns. */
  private readonly writtenNs: bigint;
  /** `null` once it is closed. */
  private descriptor: number | null;
  /** The file's beginning, once it was read: all of a small file. */
  private head: Uint8Array = new Uint8Array(0);

  private constructor(path: string, { size, mtimeNs }: BigIntStats, descriptor: number) {
    this.path = path;
    this.size = Number(size);
    this.writtenNs = mtimeNs;
    this.descriptor = descriptor;
  }

  /** @throws RecordingError where `path` is no file that can be read, or an empty one */
  static open(path: string): Promise<FileBytes> {
    return promised(() => FileBytes.openNow(path));
  }

  private static openNow(path: string): FileBytes {
    let descriptor: number;
    try {
      // Without O_NONBLOCK (unknown to Windows) a named pipe that nobody writes to would be waited for here, for ever.
      descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    } catch (cause) {
      throw new RecordingError(`${path}: ${openFailure(cause)}`, { cause });
    }
    try {
      const stat = fstatSync(descriptor, { bigint: true });
      if (stat.isDirectory()) throw new RecordingError(`${path}: ${IS_FOLDER}`);
      if (!stat.isFile()) {
        throw new RecordingError(
          `${path}: must be a file on disk, got a pipe or a device; write it to a file first`,
        );
      }
      if (stat.size === 0n) throw new RecordingError(`${path}: is empty (0 bytes); record or fetch it again`);
      return new FileBytes(path, stat, descriptor);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  /**
   * A file that is open already, which is closed with this.
   *
   * @throws RecordingError where it is empty
   */
  static adopt(path: string, descriptor: number): FileBytes {
    const stat = fstatSync(descriptor, { bigint: true });
    if (stat.size === 0n) throw new RecordingError(`${path}: holds no sound that can be decoded`);
    return new FileBytes(path, stat, descriptor);
  }

  /**
   * Reads `length` bytes, which are not to be changed; fewer only where `size` ends.
   *
   * @throws RecordingError where the disk fails, the file was closed, or became shorter since it was opened
   */
  read(offset: number, length: number): Promise<Uint8Array> {
    return promised(() => this.readNow(offset, length));
  }

  private readNow(offset: number, length: number): Uint8Array {
    const end = Math.max(offset, Math.min(offset + length, this.size));
    if (this.head.length === 0 && offset === 0) {
      // Most readers want to see a few small pieces of the file's beginning, and then what follows: one read brings them all.
      this.head = this.fetch(0, this.size <= SMALL_BYTES ? this.size : Math.min(this.size, HEAD_BYTES));
    }
    return end <= this.head.length ? this.head.subarray(offset, end) : this.fetch(offset, end - offset);
  }

  private fetch(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let filled = 0;
    try {
      while (filled < bytes.length) {
        const bytesRead = readSync(this.opened, bytes, filled, bytes.length - filled, offset + filled);
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
    let step = scan.next();
    while (!step.done) {
      const { offset, length } = step.value;
      step = scan.next(await this.read(offset, length));
    }
    return step.value;
  }

  /**
   * To be called when all has been read.
   *
   * @throws RecordingError where somebody wrote to the file meanwhile: what was read may be part old, part new
   */
  checkUnchanged(): Promise<void> {
    return promised(() => this.checkNow());
  }

  private checkNow(): void {
    const { size, mtimeNs } = fstatSync(this.opened, { bigint: true });
    if (size === BigInt(this.size) && mtimeNs === this.writtenNs) return;
    throw new RecordingError(
      `${this.path}: must stay as it is while it is read, but was written to meanwhile (${this.size} bytes before, ` +
        `${size} after); wait until nothing writes to it, and begin again`,
    );
  }

  close(): Promise<void> {
    const { descriptor } = this;
    this.descriptor = null;
    this.head = new Uint8Array(0);
    return promised(() => descriptor !== null && closeSync(descriptor)).then(() => undefined);
  }

  /** Of a file that was closed the number may be another's by now. */
  private get opened(): number {
    if (this.descriptor === null) throw Object.assign(new Error('the file is closed'), { code: 'EBADF' });
    return this.descriptor;
  }
}

/** What a call gives or throws, as a promise. */
function promised<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}

/** The first read, which in most files holds everything before the samples. */
const HEAD_BYTES = 4096;
/** A file up to this size is read at once and kept until it is closed. */
const SMALL_BYTES = 256 * 1024;

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
