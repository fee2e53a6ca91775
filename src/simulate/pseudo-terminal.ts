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
  /** Room again, after `write` refused. */
  onWritable?(): void;
  /** Nobody has the other side open any more; what was not read is gone. */
  onClose?(): void;
}

export interface PseudoTerminalOptions {
  /** Bytes that may wait here for the kernel to take them, the device's own send buffer. */
  readonly queueLimitBytes?: number;
}

const defaultQueueLimitBytes = 65_536;
// There is no event for "the other side was opened", so it is asked for; 20 ms are below what a person notices.
const presenceIntervalMs = 20;
// There is no event either for "room again" in a pseudo-terminal. Its buffer holds 14 KB or more on Linux, so a
// look each millisecond carries over 10 MB a second.
const retryIntervalMs = 1;

/**
 * The device's end of a pseudo-terminal: what is written here arrives at whoever opens `path` as a serial port.
 *
 * Nothing blocks. While nobody has the other side open, `write` refuses, as a USB device does whose host does not
 * ask; when the last reader closes, what it did not read is thrown away. The other side may come and go any number
 * of times. `close()` is the plug being pulled: the other side sees the line hang up.
 *
 * Throws PortError where no pseudo-terminal can be had.
 */
export class PseudoTerminal {
  readonly path: string;
  readonly #calls = loadPseudoTerminalCalls();
  readonly #descriptor: number;
  readonly #listener: PseudoTerminalListener;
  readonly #queueLimitBytes: number;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #refused = false;
  #reader: ReadStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(listener: PseudoTerminalListener, options: PseudoTerminalOptions = {}) {
    const limit = options.queueLimitBytes ?? defaultQueueLimitBytes;
    if (!Number.isInteger(limit) || limit < 1) {
      throw new ConfigurationError(`queueLimitBytes must be an integer of at least 1, got ${limit}`);
    }
    this.#queueLimitBytes = limit;
    this.#listener = listener;
    const opened = this.#calls.open();
    this.#descriptor = opened.descriptor;
    this.path = opened.path;
    this.#awaitOpening();
  }

  /** Whether somebody has the other side open. */
  get isOpen(): boolean {
    return this.#reader !== undefined;
  }

  /** Bytes accepted but not yet taken by the kernel. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Sends `bytes`, all or none.
   *
   * @returns false, and nothing is sent, while nobody has the other side open, or when more than the queue's limit
   *   would wait; `onWritable` tells when there is room again. A queue that is empty takes any length.
   */
  write(bytes: Uint8Array): boolean {
    if (this.#closed || this.#reader === undefined) return false;
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes.length > this.#queueLimitBytes) {
      this.#refused = true;
      return false;
    }
    this.#queue.push(bytes);
    this.#queuedBytes += bytes.length;
    if (this.#retry === undefined) this.#flush();
    return true;
  }

  /** Pulls the plug. The listener hears nothing more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#dropQueue();
    this.#reader?.destroy();
    this.#reader = undefined;
    closeSync(this.#descriptor);
  }

  #awaitOpening(): void {
    const first = this.#probe();
    if (first === undefined) {
      this.#timer = setTimeout(() => this.#awaitOpening(), presenceIntervalMs);
      return;
    }
    this.#attach();
    this.#listener.onOpen?.();
    if (first.length > 0 && this.isOpen) this.#listener.onBytes?.(first);
  }

  /** What the other side wrote, perhaps nothing; undefined while nobody has it open. */
  #probe(): Uint8Array | undefined {
    const buffer = Buffer.alloc(4096);
    try {
      const length = readSync(this.#descriptor, buffer, 0, buffer.length, null);
      // macOS reports an other side that nobody has open as the end of the file, Linux as EIO.
      return length === 0 ? undefined : buffer.subarray(0, length);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? buffer.subarray(0, 0) : undefined;
    }
  }

  /** Node's own event loop tells a terminal stream when there is something to read, and when the line hung up. */
  #attach(): void {
    // A stream closes its descriptor when the other side hangs up; this one has to outlive that.
    const reader = new ReadStream(this.#calls.duplicate(this.#descriptor));
    const gone = (): void => {
      if (this.#closed || this.#reader !== reader) return;
      this.#reader = undefined;
      reader.destroy();
      this.#dropQueue();
      this.#calls.discardUnread(this.#descriptor);
      this.#listener.onClose?.();
      if (!this.#closed) this.#awaitOpening();
    };
    reader.on('data', (bytes: Buffer) => {
      if (this.#reader === reader) this.#listener.onBytes?.(bytes);
    });
    reader.on('error', gone);
    reader.on('end', gone);
    this.#reader = reader;
  }

  #flush(): void {
    this.#retry = undefined;
    while (this.#queue.length > 0) {
      const head = this.#queue[0];
      let taken = 0;
      try {
        taken = writeSync(this.#descriptor, head);
      } catch (error) {
        // Anything but a full buffer is the line hanging up, which the reader reports.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return this.#dropQueue();
      }
      this.#queuedBytes -= taken;
      if (taken < head.length) {
        this.#queue[0] = head.subarray(taken);
        this.#retry = setTimeout(() => this.#flushAndTell(), retryIntervalMs);
        return;
      }
      this.#queue.shift();
    }
  }

  #flushAndTell(): void {
    this.#flush();
    if (this.#refused && this.#queuedBytes * 2 <= this.#queueLimitBytes) {
      this.#refused = false;
      this.#listener.onWritable?.();
    }
  }

  #dropQueue(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#refused = false;
  }
}
