import { closeSync, readSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { ConfigurationError } from '../errors.js';
import { loadPseudoTerminalCalls } from './pseudo-terminal-calls.js';

/** What the other side of the wire does. All calls come from the event loop, never from inside `write`. */
export interface PseudoTerminalListener {
  /** Somebody opened the other side. */
  onOpen?(): void;
  /** Bytes that the other side wrote. The receiver owns them. */
  onBytes?(bytes: Uint8Array): void;
  /** There is room again, after there was none. */
  onRoom?(): void;
  /** Nobody has the other side open any more; what was not read is gone. */
  onClose?(): void;
}

export interface PseudoTerminalOptions {
  /** As many bytes may wait here for the kernel to take them until there is no more room. */
  readonly queueLimitBytes?: number;
}

const DEFAULT_QUEUE_LIMIT_BYTES = 16_384;
// There is no event for "the other side was opened", so it is asked for; 20 ms are below what a person notices.
const PRESENCE_INTERVAL_MS = 20;
// There is no event either for "room again" in a pseudo-terminal. Its buffer holds 14 KB or more on Linux, so a
// look each millisecond carries over 10 MB a second.
const RETRY_INTERVAL_MS = 1;

/**
 * The device's end of a pseudo-terminal: what is written here arrives at whoever opens `path` as a serial port.
 *
 * Nothing blocks. While nobody has the other side open, what is written is thrown away, as a USB device has to whose
 * host does not ask; when the last reader closes, what it did not read is thrown away. The other side may come and go any number
 * of times. `close()` is the plug being pulled: the other side sees the line hang up.
 *
 * Throws PortError where no pseudo-terminal can be had.
 */
export class PseudoTerminal {
  readonly path: string;
  private readonly calls = loadPseudoTerminalCalls();
  private readonly descriptor: number;
  private readonly listener: PseudoTerminalListener;
  private readonly queueLimitBytes: number;
  private queue: Uint8Array[] = [];
  private ownQueuedBytes = 0;
  private full = false;
  private reader: ReadStream | undefined;
  private timer: NodeJS.Timeout | undefined;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(listener: PseudoTerminalListener, options: PseudoTerminalOptions = {}) {
    const limit = options.queueLimitBytes ?? DEFAULT_QUEUE_LIMIT_BYTES;
    if (!Number.isInteger(limit) || limit < 1) {
      throw new ConfigurationError(`queueLimitBytes must be an integer of at least 1, got ${limit}`);
    }
    this.queueLimitBytes = limit;
    this.listener = listener;
    const opened = this.calls.open();
    this.descriptor = opened.descriptor;
    this.path = opened.path;
    this.awaitOpening();
  }

  /** Whether somebody has the other side open. */
  get isOpen(): boolean {
    return this.reader !== undefined;
  }

  /** Bytes that wait for the kernel to take them. */
  get queuedBytes(): number {
    return this.ownQueuedBytes;
  }

  /** Whether somebody has the other side open and has not read yet all that was written. */
  get hasUnread(): boolean {
    return this.isOpen && (this.ownQueuedBytes > 0 || this.calls.countUnread(this.path) > 0);
  }

  /** Whether anything should be written now. The writer decides whether to wait or to drop. */
  get hasRoom(): boolean {
    return this.isOpen && !this.full;
  }

  /**
   * Sends `bytes`, which must not be changed afterwards, or throws them away while nobody has the other side open.
   * Where there is no room they wait nevertheless: `hasRoom` is for the writer to heed.
   */
  write(bytes: Uint8Array): void {
    if (this.closed || this.reader === undefined || bytes.length === 0) return;
    this.queue.push(bytes);
    this.ownQueuedBytes += bytes.length;
    if (this.retry === undefined) this.flush();
    if (this.ownQueuedBytes >= this.queueLimitBytes) this.full = true;
  }

  /** Pulls the plug. The listener hears nothing more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    this.dropQueue();
    this.reader?.destroy();
    this.reader = undefined;
    closeSync(this.descriptor);
  }

  private awaitOpening(): void {
    const first = this.probe();
    if (first === undefined) {
      this.timer = setTimeout(() => this.awaitOpening(), PRESENCE_INTERVAL_MS);
      return;
    }
    this.attach();
    this.listener.onOpen?.();
    if (first.length > 0 && this.isOpen) this.listener.onBytes?.(first);
  }

  /** What the other side wrote, perhaps nothing; undefined while nobody has it open. */
  private probe(): Uint8Array | undefined {
    const buffer = Buffer.alloc(4096);
    try {
      const length = readSync(this.descriptor, buffer, 0, buffer.length, null);
      // macOS reports an other side that nobody has open as the end of the file, Linux as EIO.
      return length === 0 ? undefined : buffer.subarray(0, length);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? buffer.subarray(0, 0) : undefined;
    }
  }

  /** Node's own event loop tells a terminal stream when there is something to read, and when the line hung up. */
  private attach(): void {
    // A stream closes its descriptor when the other side hangs up; this one has to outlive that.
    const reader = new ReadStream(this.calls.duplicate(this.descriptor));
    const gone = (): void => {
      if (this.closed || this.reader !== reader) return;
      this.reader = undefined;
      reader.destroy();
      this.dropQueue();
      this.calls.discardUnread({ descriptor: this.descriptor, path: this.path });
      this.listener.onClose?.();
      if (!this.closed) this.awaitOpening();
    };
    reader.on('data', (bytes: Buffer) => {
      if (this.reader === reader) this.listener.onBytes?.(bytes);
    });
    reader.on('error', gone);
    reader.on('end', gone);
    this.reader = reader;
  }

  private flush(): void {
    this.retry = undefined;
    while (this.queue.length > 0) {
      const head = this.queue[0];
      let taken = 0;
      try {
        taken = writeSync(this.descriptor, head);
      } catch (error) {
        // Anything but a full buffer is the line hanging up, which the reader reports.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return this.dropQueue();
      }
      this.ownQueuedBytes -= taken;
      if (taken < head.length) {
        this.queue[0] = head.subarray(taken);
        this.retry = setTimeout(() => this.flushAndTell(), RETRY_INTERVAL_MS);
        return;
      }
      this.queue.shift();
    }
  }

  private flushAndTell(): void {
    this.flush();
    if (this.full && this.ownQueuedBytes * 2 <= this.queueLimitBytes) {
      this.full = false;
      this.listener.onRoom?.();
    }
  }

  private dropQueue(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.queue = [];
    this.ownQueuedBytes = 0;
    this.full = false;
  }
}
