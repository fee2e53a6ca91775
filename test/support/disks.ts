import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  diskFileSystem,
  type SessionFile,
  type SessionFileSystem,
} from '../../src/record/session-file-system.js';

export function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: made by a test`), { code });
}

/** A real disk that fails or stalls when it is told to. */
export class FaultyDisk implements SessionFileSystem {
  /** Bytes that may still be written; the write that goes beyond is done in part, as disks do. */
  capacity = Infinity;
  /** What every call that writes fails with. */
  fault: string | undefined;
  /** What deleted files say of themselves. */
  isDeleted = false;
  free: number | undefined;
  /** Most bytes taken by one call of write; disks may take fewer than they are given. */
  mostBytesAtOnce = Infinity;
  private gate: Promise<void> | undefined;
  private openGate: () => void = () => {};

  /** Every write and sync waits until {@link resume}. */
  stall(): void {
    this.gate ??= new Promise((resolve) => (this.openGate = resolve));
  }

  resume(): void {
    this.gate = undefined;
    this.openGate();
  }

  async makeFolder(path: string): Promise<void> {
    this.check();
    await diskFileSystem.makeFolder(path);
  }

  async createFile(path: string): Promise<SessionFile> {
    this.check();
    return this.wrap(await diskFileSystem.createFile(path));
  }

  async rename(from: string, to: string): Promise<void> {
    this.check();
    await diskFileSystem.rename(from, to);
  }

  remove(path: string): Promise<void> {
    return diskFileSystem.remove(path);
  }

  async syncFolder(path: string): Promise<void> {
    this.check();
    await diskFileSystem.syncFolder(path);
  }

  async freeBytes(path: string): Promise<number> {
    return this.free ?? (await diskFileSystem.freeBytes(path));
  }

  private check(): void {
    if (this.fault !== undefined) throw diskError(this.fault);
  }

  private wrap(file: SessionFile): SessionFile {
    const check = () => this.check();
    return {
      write: async (bytes, position) => {
        await this.gate;
        check();
        if (this.capacity <= 0) throw diskError('ENOSPC');
        const count = Math.min(bytes.length, this.capacity, this.mostBytesAtOnce);
        this.capacity -= count;
        return file.write(bytes.subarray(0, count), position);
      },
      sync: async () => {
        await this.gate;
        check();
        await file.sync();
      },
      truncate: async (length) => {
        check();
        await file.truncate(length);
      },
      linkCount: () => (this.isDeleted ? Promise.resolve(0) : file.linkCount()),
      close: () => file.close(),
    };
  }
}

interface Inode {
  /** As a sync has left it. */
  durable: Buffer;
  /** Since then, in order. */
  pending: { readonly position: number; readonly bytes: Buffer }[];
}

/**
 * A disk in memory that knows what a power cut leaves: what was synced, and of everything else what chance will have.
 * Names that were not synced with their folder may be missing, writes that were not synced may be there, may be
 * missing, may be zeros, or may be there in part, and later ones may be there without earlier ones.
 */
export class PowerCutDisk implements SessionFileSystem {
  private readonly names = new Map<string, Inode>();
  private durableNames = new Map<string, Inode>();
  private readonly folders = new Set<string>();
  isOff = false;

  makeFolder(path: string): Promise<void> {
    if (this.folders.has(path)) return Promise.reject(diskError('EEXIST'));
    this.folders.add(path);
    return Promise.resolve();
  }

  createFile(path: string): Promise<SessionFile> {
    if (this.names.has(path)) return Promise.reject(diskError('EEXIST'));
    const inode: Inode = { durable: Buffer.alloc(0), pending: [] };
    this.names.set(path, inode);
    return Promise.resolve(this.fileOf(inode));
  }

  rename(from: string, to: string): Promise<void> {
    this.names.set(to, this.names.get(from)!);
    this.names.delete(from);
    return Promise.resolve();
  }

  remove(path: string): Promise<void> {
    this.names.delete(path);
    return Promise.resolve();
  }

  syncFolder(path: string): Promise<void> {
    if (this.isOff) return Promise.reject(diskError('EIO'));
    for (const name of new Set([...this.names.keys(), ...this.durableNames.keys()])) {
      if (dirname(name) !== path) continue;
      const inode = this.names.get(name);
      if (inode === undefined) this.durableNames.delete(name);
      else this.durableNames.set(name, inode);
    }
    return Promise.resolve();
  }

  freeBytes(): Promise<number> {
    return Promise.resolve(2 ** 40);
  }

  /**
   * The power goes; nothing reaches the disk from now on. Writes into `folder` what is found afterwards.
   *
   * @param chance a number in [0, 1) at every call
   */
  async cut(folder: string, chance: () => number): Promise<void> {
    this.isOff = true;
    const found = new Map(this.durableNames);
    for (const [name, inode] of this.names) if (chance() < 0.5) found.set(name, inode);
    await mkdir(folder, { recursive: true });
    for (const [name, { durable, pending }] of found) {
      let bytes: Buffer = Buffer.from(durable);
      for (const write of pending) bytes = applyByChance(bytes, write, chance);
      await writeFile(join(folder, basename(name)), bytes);
    }
  }

  private fileOf(inode: Inode): SessionFile {
    return {
      write: (bytes, position) => {
        if (this.isOff) return Promise.reject(diskError('EIO'));
        inode.pending.push({ position, bytes: Buffer.from(bytes) });
        return Promise.resolve(bytes.length);
      },
      sync: async () => {
        const written = inode.pending.length;
        // The disk takes its time, in which further things happen.
        await new Promise((resolve) => setImmediate(resolve));
        if (this.isOff) throw diskError('EIO');
        for (const write of inode.pending.splice(0, written)) inode.durable = apply(inode.durable, write);
      },
      truncate: () => Promise.reject(diskError('EIO')),
      linkCount: () => Promise.resolve(1),
      close: () => Promise.resolve(),
    };
  }
}

function apply(bytes: Buffer, write: { position: number; bytes: Uint8Array }): Buffer {
  const size = Math.max(bytes.length, write.position + write.bytes.length);
  const next = Buffer.concat([bytes], size);
  next.set(write.bytes, write.position);
  return next;
}

function applyByChance(
  bytes: Buffer,
  write: { position: number; bytes: Uint8Array },
  chance: () => number,
): Buffer {
  const fate = chance();
  if (fate < 0.35) return bytes;
  // A header that is written again lies within one sector: that is there as it was or as it is.
  if (write.position + write.bytes.length <= bytes.length) return apply(bytes, write);
  // The file has become longer, but its blocks were never written.
  if (fate < 0.5) return apply(bytes, { ...write, bytes: new Uint8Array(write.bytes.length) });
  if (fate < 0.7) {
    const length = Math.floor(chance() * write.bytes.length);
    return apply(bytes, { ...write, bytes: write.bytes.subarray(0, length) });
  }
  return apply(bytes, write);
}
