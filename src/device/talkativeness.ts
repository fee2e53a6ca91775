import type { ErrorPacket } from '../decode/wire/packet.js';

/** One report out of so many: what came before it and was left out, because it said the same or came too fast. */
export interface PassedReport {
  readonly code: number;
  readonly text: string;
  readonly leftOut: number;
}

/** A device that says the same again is heard once in a while. */
const REPEAT_MS = 60_000;

/**
 * Lets through what a device may say in a while, so that one that never stops talking fills neither a disk nor a screen.
 * Time is the host's, or that of the samples where a device that waits for nobody sends them faster: what belongs to a
 * recording passes at any speed.
 */
export class Allowance {
  private left: number;

  constructor(
    private readonly atOnce: number,
    private readonly perSecond: number,
  ) {
    this.left = atOnce;
  }

  pass(seconds: number): void {
    if (seconds > 0) this.left = Math.min(this.atOnce, this.left + seconds * this.perSecond);
  }

  take(): boolean {
    if (this.left < 1) return false;
    this.left--;
    return true;
  }
}

/** Collapses a device's reports and counts those that it leaves out. State: of one recording. */
export class ReportFilter {
  private passed: { readonly code: number; readonly text: string; readonly atMs: number } | undefined;
  private withheld: ErrorPacket | undefined;
  private leftOut = 0;

  constructor(private readonly allowance: Allowance) {}

  /** @returns `undefined` for a report that is left out */
  push(packet: ErrorPacket, nowMs: number): PassedReport | undefined {
    const { code, text } = packet;
    const { passed } = this;
    const isRepeat = passed?.code === code && passed.text === text && nowMs - passed.atMs < REPEAT_MS;
    if (isRepeat || !this.allowance.take()) {
      this.withheld = packet;
      this.leftOut++;
      return undefined;
    }
    const report = { code, text, leftOut: this.leftOut };
    this.passed = { code, text, atMs: nowMs };
    this.withheld = undefined;
    this.leftOut = 0;
    return report;
  }

  /** The last one that was left out, with how many were before it; then nothing more. */
  finish(): PassedReport | undefined {
    const { withheld, leftOut } = this;
    this.withheld = undefined;
    this.leftOut = 0;
    return withheld && { code: withheld.code, text: withheld.text, leftOut: leftOut - 1 };
  }
}
