import { statfs } from 'node:fs/promises';
import { MIN_FREE_BYTES, toMebibytes } from '../record/session-root.js';
import type { VitalSign } from './vitals.js';

/** A disk that takes longer is no disk to record on. */
const LIMIT_MS = 2000;
/** Below ten times what a recording needs to begin somebody should make room. */
const SCARCE_BYTES = 10 * MIN_FREE_BYTES;

/** Free space below a folder, asked so that a disk that hangs holds up nobody: one question at a time, with a limit. */
export class DiskSpace {
  private asked: Promise<number> | undefined;

  /** @param freeBytes rejects where the folder cannot be asked; default the system's answer */
  constructor(
    private readonly directory: string,
    private readonly freeBytes: (directory: string) => Promise<number> = async (path) => {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    },
    private readonly limitMs = LIMIT_MS,
  ) {}

  /** @returns bytes; rejects after the limit */
  async free(): Promise<number> {
    this.asked ??= this.freeBytes(this.directory).finally(() => (this.asked = undefined));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('the disk does not answer')), this.limitMs);
    });
    try {
      return await Promise.race([this.asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async sign(): Promise<VitalSign> {
    try {
      const free = await this.free();
      const message = `${toMebibytes(free)} MiB free in ${this.directory}`;
      if (free < MIN_FREE_BYTES)
        return { state: 'failed', message: `${message}: no recording can begin; make room` };
      return free < SCARCE_BYTES
        ? { state: 'warning', message: `${message}: make room` }
        : { state: 'ok', message };
    } catch (error) {
      return {
        state: 'failed',
        message: `recordings cannot be kept in ${this.directory}: ${(error as Error).message}`,
      };
    }
  }
}
