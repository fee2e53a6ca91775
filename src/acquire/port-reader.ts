import { readSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import type { SerialPort } from 'serialport';

/** What this file knows of the library's port below its stream, on Linux and macOS. */
interface UnixBinding {
  readonly fd: number | null;
  readonly poller?: { once(event: 'readable', callback: (error: Error | null) => void): unknown };
}

export interface PortReaderListener {
  /** What arrived; the receiver owns the bytes. */
  bytes(bytes: Uint8Array): void;
  /** The line hung up or failed: nothing comes any more. */
  lost(error: Error): void;
}

/**
 * A stethoscope sends some fifty packets a second, and to be woken for each costs more than all that is done with them.
 * So what came is gathered for so long, of a line that is calm: well below what the system keeps for a port (4 KiB and
 * more), and half of what the page's picture lags behind anyway, so as to move evenly.
 */
const GATHER_MS = 100;
/** A line is calm that brought no more than this for a second: 100 ms of it are 2 KB. A question is answered at once. */
const CALM_BYTES_A_SECOND = 20_000;
const CALM_AFTER_MS = 1000;
const BUFFER_BYTES = 65_536;

/**
 * Reads an open port past the library's stream, which takes a thread and several promises for each read: at fifty packets
 * a second most of what a live recording cost.
 *
 * It also notices every hang-up. An open port that does not block has nothing to read by `EAGAIN`; no bytes are the end
 * of the line, where the library would read again at once, for ever.
 */
export class PortReader {
  private readonly buffer = new Uint8Array(BUFFER_BYTES);
  private timer: NodeJS.Timeout | undefined;
  /** The pause that the timer was made for: it is begun anew as long as that stays. */
  private timerMs = -1;
  private stopped = false;
  private readonly pace = new ReadingPace(performance.now());

  private constructor(
    private readonly binding: Required<UnixBinding>,
    private readonly listener: PortReaderListener,
  ) {}

  /**
   * @param port open, and nobody listens to its data
   * @returns how to stop, or `undefined` where the port cannot be read like this (Windows): then its stream can
   */
  static start(port: SerialPort, listener: PortReaderListener): (() => void) | undefined {
    const binding = port.port as unknown as UnixBinding | undefined;
    if (binding?.poller === undefined) return undefined;
    const reader = new PortReader(binding as Required<UnixBinding>, listener);
    reader.read();
    return () => reader.stop();
  }

  private stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private readonly read = (): void => {
    const { binding, buffer, listener } = this;
    // Closed by somebody: the poller is gone, and asking it would end the process.
    if (this.stopped || binding.fd === null) return;
    let length: number;
    try {
      length = readSync(binding.fd, buffer, 0, BUFFER_BYTES, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || code === 'EINTR') this.readWhenThereIsSomething();
      else listener.lost(error as Error);
      return;
    }
    if (length === 0) {
      listener.lost(new Error('the line hung up'));
      return;
    }
    listener.bytes(buffer.slice(0, length));
    this.readIn(this.pace.pauseAfter(length, performance.now()));
  };

  private readIn(pauseMs: number): void {
    if (this.stopped) return;
    if (pauseMs === this.timerMs) {
      this.timer?.refresh();
      return;
    }
    clearTimeout(this.timer);
    this.timerMs = pauseMs;
    this.timer = setTimeout(this.read, pauseMs);
  }

  private readWhenThereIsSomething(): void {
    this.binding.poller.once('readable', (failure) => {
      if (this.stopped) return;
      if (failure === null) this.read();
      else this.listener.lost(failure);
    });
  }
}

/** Tells from what a line brings whether it is calm. Knows no clock; every call is told the time. */
export class ReadingPace {
  /** Not before this is anything gathered. */
  private calmFromMs: number;
  private countedFromMs: number;
  private counted = 0;

  constructor(nowMs: number) {
    this.calmFromMs = nowMs + CALM_AFTER_MS;
    this.countedFromMs = nowMs;
  }

  /**
   * @param length bytes that were just read
   * @returns milliseconds until the next read
   */
  pauseAfter(length: number, nowMs: number): number {
    this.counted += length;
    const elapsedMs = nowMs - this.countedFromMs;
    if (elapsedMs >= GATHER_MS) {
      if (1000 * this.counted > CALM_BYTES_A_SECOND * elapsedMs) this.calmFromMs = nowMs + CALM_AFTER_MS;
      this.countedFromMs = nowMs;
      this.counted = 0;
    }
    return nowMs < this.calmFromMs ? 0 : GATHER_MS;
  }
}
