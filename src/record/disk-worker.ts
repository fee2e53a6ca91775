import type { SessionWriter } from './session-writer.js';
import type { WriteQueue } from './write-queue.js';

/** Takes the queue to the disk, one batch at a time, and makes what is written safe from a power cut in time. */
export class DiskWorker {
  private writer: SessionWriter | undefined;
  private working: Promise<void> | undefined;
  private lastSync = performance.now();
  private isUnsynced = false;
  private hasEnded = false;
  private timer: NodeJS.Timeout | undefined;

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

  /** Writes what is queued, unless that is under way. */
  start(): void {
    if (this.writer === undefined || this.hasEnded || this.queue.isEmpty) return;
    this.working ??= this.work(this.writer);
  }

  /** Writes all that is queued, and then nothing more. */
  async drain(): Promise<void> {
    this.start();
    while (this.working !== undefined) await this.working;
    this.end();
  }

  /** Nothing more is begun. */
  end(): void {
    this.hasEnded = true;
    clearTimeout(this.timer);
  }

  private async work(writer: SessionWriter): Promise<void> {
    clearTimeout(this.timer);
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
    // What came while this ended waits for nobody.
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
