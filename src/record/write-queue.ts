import type { WriteBatch } from './session-writer.js';

/** At most so much is handed to the disk in one step, so that a sync is never far away. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/**
 * What waits for the disk: lines and samples, counted in bytes until {@link settle} says that they are written.
 *
 * Lines overtake samples that were queued before them, never the other way round.
 */
export class WriteQueue {
  private lines: string[] = [];
  private linesPlaceSamples = false;
  private samples: Uint8Array[] = [];
  private waitingBytes = 0;
  private writingBytes = 0;
  private waitingEvents = 0;
  private writingEvents = 0;
  private waitingForRoom: (() => void)[] = [];

  constructor(private readonly maxBytes: number) {}

  /** In memory: waiting or being written. */
  get bytes(): number {
    return this.waitingBytes + this.writingBytes;
  }

  /** Events that wait or are being written. */
  get events(): number {
    return this.waitingEvents + this.writingEvents;
  }

  get isHalfEmpty(): boolean {
    return this.bytes <= this.maxBytes / 2;
  }

  get isEmpty(): boolean {
    return this.waitingBytes === 0;
  }

  /** What is larger than the queue fits into an empty one, else it could never be kept. */
  fits(bytes: number): boolean {
    return this.bytes === 0 || this.bytes + bytes <= this.maxBytes;
  }

  addEvent(line: string): void {
    this.lines.push(line);
    this.waitingBytes += line.length;
    this.waitingEvents++;
  }

  /** A line that says where in time the samples stand that are queued after it. */
  addPlacing(line: string): void {
    this.lines.push(line);
    this.waitingBytes += line.length;
    this.linesPlaceSamples = true;
  }

  addSamples(bytes: Uint8Array): void {
    this.samples.push(bytes);
    this.waitingBytes += bytes.length;
  }

  /** What is to be written next: all lines, and samples up to a few mebibytes. */
  take(): WriteBatch {
    let bytes = 0;
    let count = 0;
    while (count < this.samples.length && bytes < MAX_BATCH_BYTES) bytes += this.samples[count++].length;
    const batch = {
      lines: this.lines,
      linesPlaceSamples: this.linesPlaceSamples,
      samples: this.samples.splice(0, count),
    };
    for (const line of this.lines) bytes += line.length;
    this.lines = [];
    this.linesPlaceSamples = false;
    this.waitingBytes -= bytes;
    this.writingBytes = bytes;
    this.writingEvents = this.waitingEvents;
    this.waitingEvents = 0;
    return batch;
  }

  /** What was taken last is written. */
  settle(): void {
    this.writingBytes = 0;
    this.writingEvents = 0;
    this.letIn();
  }

  clear(): void {
    this.lines = [];
    this.linesPlaceSamples = false;
    this.samples = [];
    this.waitingBytes = 0;
    this.waitingEvents = 0;
    this.settle();
  }

  /** Resolves when at least half of the queue is free. */
  async room(): Promise<void> {
    while (!this.isHalfEmpty) await new Promise<void>((resume) => this.waitingForRoom.push(resume));
  }

  private letIn(): void {
    if (!this.isHalfEmpty) return;
    const waiting = this.waitingForRoom;
    this.waitingForRoom = [];
    for (const resume of waiting) resume();
  }
}
