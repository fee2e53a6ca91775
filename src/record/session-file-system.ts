import { constants } from 'node:fs';
import { mkdir, open, rename, rm, statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FILE_MODE, FOLDER_MODE } from './session-layout.js';

/** A file that a session is being written to. */
export interface SessionFile {
  /** Writes at `position`; the number of bytes that were written may be smaller than asked. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Resolves when what was written would survive a power cut. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  /** 0 once the file was deleted: everything written from then on is lost without an error. */
  linkCount(): Promise<number>;
  close(): Promise<void>;
}

/** What recording asks of the disk; the tests put failing and stalling disks, and power cuts, in its place. */
export interface SessionFileSystem {
  /** Makes one folder for the owner alone. Rejects with EEXIST where there is something of that name. */
  makeFolder(path: string): Promise<void>;
  /** Makes a file for the owner alone. Rejects with EEXIST where there is something of that name. */
  createFile(path: string): Promise<SessionFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes the names in a folder survive a power cut. */
  syncFolder(path: string): Promise<void>;
  /** Bytes that this user may still write below `path`. */
  freeBytes(path: string): Promise<number>;
}

export const diskFileSystem: SessionFileSystem = {
  async makeFolder(path) {
    await mkdir(path, { mode: FOLDER_MODE });
  },
  async createFile(path) {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
    return new DiskFile(await open(path, flags, FILE_MODE));
  },
  rename,
  async remove(path) {
    await rm(path, { force: true });
  },
  async syncFolder(path) {
    // Windows opens no folders, and keeps its names without being asked.
    if (process.platform === 'win32') return;
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};

class DiskFile implements SessionFile {
  constructor(private readonly handle: FileHandle) {}

  async write(bytes: Uint8Array, position: number): Promise<number> {
    return (await this.handle.write(bytes, 0, bytes.length, position)).bytesWritten;
  }

  sync(): Promise<void> {
    return this.handle.datasync();
  }

  truncate(length: number): Promise<void> {
    return this.handle.truncate(length);
  }

  async linkCount(): Promise<number> {
    return (await this.handle.stat()).nlink;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

/**
 * Writes a whole file so that at every moment either all of it or nothing is there under its name.
 *
 * @throws the file system's error; nothing is left then but, at worst, a file named `*.part`
 */
export async function writeAtomically(
  fileSystem: SessionFileSystem,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const partial = `${path}.part`;
  await fileSystem.remove(partial);
  const file = await fileSystem.createFile(partial);
  try {
    await writeFully(file, bytes, 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await fileSystem.rename(partial, path);
  await fileSystem.syncFolder(dirname(path));
}

/**
 * @param onWritten told of every part that the disk took, also when the next one fails
 * @throws the file system's error
 */
export async function writeFully(
  file: SessionFile,
  bytes: Uint8Array,
  position: number,
  onWritten: (bytes: number) => void = () => {},
): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const count = await file.write(bytes.subarray(written), position + written);
    // A disk that takes nothing and reports nothing would be asked for ever.
    if (count === 0) throw Object.assign(new Error('the disk took no byte'), { code: 'EIO' });
    written += count;
    onWritten(count);
  }
}
