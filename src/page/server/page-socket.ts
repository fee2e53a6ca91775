import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import { encodeTraceFrame, type ServerMessage, type TraceFrame } from '../page-messages.js';

export interface PageSocketLimits {
  /** What may wait for a slow page before trace and views are left out for it. */
  readonly maxBufferedBytes: number;
  /** What may wait for it before live sound is left out: sound that waits is not live. */
  readonly maxBufferedForSound: number;
  /** A page that has taken nothing, or has not answered a ping, for so long is gone. */
  readonly silenceMs: number;
  /** Commands a second, on average. */
  readonly commandsPerSecond: number;
}

export const defaultSocketLimits: PageSocketLimits = {
  maxBufferedBytes: 256 * 1024,
  maxBufferedForSound: 32 * 1024,
  silenceMs: 20_000,
  commandsPerSecond: 10,
};

/**
 * The server's end of one page. Nothing waits for the page: while more than `maxBufferedBytes` are on their way to it,
 * trace is left out and counted, and of the views only the newest is kept until there is room.
 */
export class PageSocket {
  private skippedFrames = 0;
  private toldSkippedFrames = 0;
  private pending: string | undefined;
  private answeredAtMs = performance.now();
  private stuckSinceMs: number | undefined;
  private allowance: number;
  private allowanceAtMs = performance.now();

  constructor(
    private readonly socket: WebSocket,
    private readonly limits: PageSocketLimits,
    /** Below the socket. */
    private readonly connection?: Pick<Duplex, 'cork' | 'uncork'>,
  ) {
    this.allowance = 2 * limits.commandsPerSecond;
    socket.on('pong', () => (this.answeredAtMs = performance.now()));
    // A page that breaks off is no fault; `close` follows.
    socket.on('error', () => {});
  }

  get skippedTraceFrames(): number {
    return this.skippedFrames;
  }

  /** What is sent meanwhile goes out in one write: view and trace took twenty a second. */
  sendTogether(send: () => void): void {
    this.connection?.cork();
    try {
      send();
    } finally {
      this.connection?.uncork();
    }
  }

  sendTrace(frame: TraceFrame): void {
    if (this.isFull) this.skippedFrames++;
    else this.send(encodeTraceFrame(frame));
  }

  /** @returns `false` where there is no room, and nothing was sent */
  sendSound(bytes: Uint8Array): boolean {
    if (this.socket.bufferedAmount > this.limits.maxBufferedForSound) return false;
    this.send(bytes);
    return true;
  }

  /** A view as JSON, made once for all pages. */
  sendView(text: string): void {
    this.pending = text;
    this.flush();
  }

  /** For what is small and rare. */
  sendMessage(message: ServerMessage): void {
    if (!this.isFull) this.send(JSON.stringify(message));
  }

  /** @returns `false` where there is no room, and nothing was sent */
  sendText(text: string): boolean {
    if (this.isFull) return false;
    this.send(text);
    return true;
  }

  /** Once in a while: sends what had to wait, and lets go of a page that is gone. */
  tend(nowMs = performance.now()): void {
    this.flush();
    if (!this.isFull) this.stuckSinceMs = undefined;
    else this.stuckSinceMs ??= nowMs;
    const isStuck = this.stuckSinceMs !== undefined && nowMs - this.stuckSinceMs > this.limits.silenceMs;
    if (isStuck || nowMs - this.answeredAtMs > this.limits.silenceMs) this.socket.terminate();
    else if (this.socket.readyState === this.socket.OPEN) this.socket.ping();
  }

  /** @returns whether one more command may be obeyed now */
  takeCommand(nowMs = performance.now()): boolean {
    const { commandsPerSecond } = this.limits;
    const gained = ((nowMs - this.allowanceAtMs) / 1000) * commandsPerSecond;
    this.allowance = Math.min(2 * commandsPerSecond, this.allowance + gained);
    this.allowanceAtMs = nowMs;
    if (this.allowance < 1) return false;
    this.allowance--;
    return true;
  }

  private get isFull(): boolean {
    return this.socket.bufferedAmount > this.limits.maxBufferedBytes;
  }

  private flush(): void {
    if (this.isFull) return;
    if (this.pending !== undefined) this.send(this.pending);
    this.pending = undefined;
    if (this.toldSkippedFrames === this.skippedFrames) return;
    this.toldSkippedFrames = this.skippedFrames;
    this.sendMessage({ type: 'skipped', traceFrames: this.skippedFrames });
  }

  private send(data: string | Uint8Array): void {
    // A failure to send shows as `close`, too.
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(data, () => {});
  }
}

export const textOf = (data: RawData): string =>
  (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer)).toString('utf8');
