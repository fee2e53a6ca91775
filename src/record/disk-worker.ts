import type { SessionWriter } from './session-writer.js';
import type { WriteQueue } from './write-queue.js';

/**
 * What waits is gathered for so long, or until the next sync: each write takes two threads out of their sleep, and a bedside
 * wrote twenty times a second. At a kill a second may be lost at most.
 */
const GATHER_MS = 250;
/** More than a bedside gathers; a queue that fills is not left to wait. */
const MOST_GATHERED_BYTES = 64 * 1024;

/** Takes the queue to the disk, one batch at a time, and makes what is written safe from a power cut in time. */
export class DiskWorker {
  private writer: SessionWriter | undefined;
  private working: Promise<void> | undefined;
  private lastSync = performance.now();
  private isUnsynced = false;
  private hasEnded = false;
  private timer: NodeJS.Timeout | undefined;
  private gathering: NodeJS.Timeout | undefined;

  /**
   * @param syncIntervalMs how long what is written may be at the mercy of a power cut, the disk's own time added
   * @param onFailure told of the file system's first error, after which nothing more is written
   */
  constructor(
    private readonly queue: WriteQueue,
    private readonly syncIntervalMs: number,
    private readonly onFailure: (error: unknown) => Promise<void>,
  ) {}

  /** The files stand; what was queued meanwhile is written. */
  begin(writer: SessionWriter): void {
    this.writer = writer;
    this.start();
  }

  /** Writes what is queued in time for the next sync, or at once where much is; unless that is under way. */
  start(): void {
    const { queue, working, gathering } = this;
    if (working !== undefined || queue.isEmpty) return;
    if (!queue.isHalfEmpty || queue.bytes > MOST_GATHERED_BYTES) return this.workNow();
    if (gathering !== undefined || this.writer === undefined || this.hasEnded) return;
    const inMs = Math.min(GATHER_MS, this.syncDelayMs);
    this.gathering = setTimeout(() => this.workNow(), inMs);
  }

  private workNow(): void {
    if (this.writer === undefined || this.hasEnded || this.queue.isEmpty) return;
    this.working ??= this.work(this.writer);
  }

  /** Writes all that is queued, and then nothing more. */
  async drain(): Promise<void> {
    this.workNow();
    while (this.working !== undefined) {
      await this.working;
      this.workNow();
    }
    this.end();
  }

  /** Nothing more is begun. */
  end(): void {
    this.hasEnded = true;
    clearTimeout(this.timer);
    clearTimeout(this.gathering);
  }

  private async work(writer: SessionWriter): Promise<void> {
    clearTimeout(this.timer);
    clearTimeout(this.gathering);
    this.gathering = undefined;
    try {
      while (!this.hasEnded && !this.queue.isEmpty) {
        this.isUnsynced = true;
        await writer.write(this.queue.take());
        this.queue.settle();
        await this.syncIfDue(writer);
      }
      await this.syncIfDue(writer);
    } catch (error) {
      await this.onFailure(error);
    }
    this.working = undefined;
    if (this.hasEnded) return;
    if (this.isUnsynced) {
      this.timer = setTimeout(() => {
        this.working ??= this.work(writer);
      }, this.syncDelayMs).unref();
    }
    this.start();
  }

  private get syncDelayMs(): number {
    return Math.max(0, this.lastSync + this.syncIntervalMs - performance.now());
  }

  private async syncIfDue(writer: SessionWriter): Promise<void> {
    if (!this.isUnsynced || this.hasEnded || this.syncDelayMs > 0) return;
    this.lastSync = performance.now();
    await writer.checkpoint();
    this.isUnsynced = false;
  }
}
