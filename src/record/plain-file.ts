import { constants } from 'node:fs';
import { lstat, open, type FileHandle } from 'node:fs/promises';

/** Why a name in a session's folder is not opened; `code` is for `describeDiskFault`. */
export class NotPlainFileError extends Error {
  readonly code = 'ENOTPLAIN';

  constructor(path: string, found: string) {
    super(`${path} must be a plain file, got ${found}`);
  }
}

export interface OpenPlainFileOptions {
  /** More bytes than this are refused with the code `EOVERSIZE`. Default any. */
  readonly maxBytes?: number;
  /** Opened for mending, too. Default false. */
  readonly writable?: boolean;
}

/**
 * How many operations on stored files may be under way at once, in the whole process. Node has four threads for files,
 * and serial ports and the recorder need one each: a disk that does not answer the page must not stop a recording.
 */
const OPERATIONS_AT_ONCE = 2;
let underWay = 0;
const waiting: (() => void)[] = [];

/** Does what looks at stored files, once it is its turn; see {@link OPERATIONS_AT_ONCE}. */
export async function inTurn<T>(operation: () => Promise<T>): Promise<T> {
  if (underWay >= OPERATIONS_AT_ONCE) await new Promise<void>((resume) => waiting.push(resume));
  else underWay++;
  try {
    return await operation();
  } finally {
    const next = waiting.shift();
    if (next === undefined) underWay--;
    else next();
  }
}

/**
 * A file of a session's folder, opened so that nothing that somebody put there under its name does harm: no pipe is
 * waited for, no device is touched, no symbolic link is followed, nothing without an end is read.
 *
 * Hard links are read: whoever can make one in the folder can as well copy the file, and hard-linked backups must stay
 * readable. They are not opened for mending, which would change the backup with the session.
 */
export class PlainFile {
  private constructor(
    readonly path: string,
    private readonly handle: FileHandle,
    /** Bytes when it was opened. */
    readonly size: number,
  ) {}

  /** @throws the file system's error, a {@link NotPlainFileError}, or an error with the code `EOVERSIZE` */
  static async open(path: string, options: OpenPlainFileOptions = {}): Promise<PlainFile> {
    const { maxBytes = Infinity, writable = false } = options;
    // Opening some devices does something; the second look is at what was opened in the end.
    refuseOthers(path, await inTurn(() => lstat(path)));
    const access = writable ? constants.O_RDWR : constants.O_RDONLY;
    // Windows knows neither flag.
    const guards = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const handle = await inTurn(() => open(path, access | guards));
    try {
      const status = await inTurn(() => handle.stat());
      refuseOthers(path, status);
      if (writable && status.nlink > 1) throw new NotPlainFileError(path, 'one of several names of a file');
      if (status.size > maxBytes) {
        const message = `${path} must have at most ${maxBytes} bytes, got ${status.size}`;
        throw Object.assign(new Error(message), { code: 'EOVERSIZE' });
      }
      return new PlainFile(path, handle, status.size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Reads into `bytes` until they are full or the file ends.
   *
   * @returns how many were read
   */
  async read(bytes: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < bytes.length) {
      const from = filled;
      const { bytesRead } = await inTurn(() =>
        this.handle.read(bytes, from, bytes.length - from, position + from),
      );
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  }

  /** The bytes up to `end`, or to where the file ends by then, in blocks that the caller owns. */
  async *blocks(end = Infinity): AsyncGenerator<Buffer, void, undefined> {
    for (let at = 0; at < end;) {
      const block = Buffer.alloc(Math.min(BLOCK_BYTES, end - at));
      const count = await this.read(block, at);
      if (count > 0) yield block.subarray(0, count);
      if (count < block.length) return;
      at += count;
    }
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const from = written;
      written += (await this.handle.write(bytes, from, bytes.length - from, position + from)).bytesWritten;
    }
  }

  truncate(length: number): Promise<void> {
    return this.handle.truncate(length);
  }

  sync(): Promise<void> {
    return this.handle.sync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

const BLOCK_BYTES = 256 * 1024;

interface Status {
  isFile(): boolean;
  isSymbolicLink(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
}

function refuseOthers(path: string, status: Status): void {
  if (status.isFile()) return;
  const found = status.isSymbolicLink()
    ? 'a symbolic link'
    : status.isDirectory()
      ? 'a folder'
      : status.isFIFO()
        ? 'a pipe'
        : 'a device or a socket';
  throw new NotPlainFileError(path, found);
}

/** The whole of a small file. */
export async function readPlainFile(path: string, maxBytes: number): Promise<Buffer> {
  const file = await PlainFile.open(path, { maxBytes });
  try {
    const bytes = Buffer.alloc(file.size);
    return bytes.subarray(0, await file.read(bytes, 0));
  } finally {
    await file.close();
  }
}

/** Bytes of a plain file, without opening it. @throws as {@link PlainFile.open} */
export async function plainFileSize(path: string): Promise<number> {
  const status = await inTurn(() => lstat(path));
  refuseOthers(path, status);
  return status.size;
}
