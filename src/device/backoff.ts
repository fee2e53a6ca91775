import { ConfigurationError } from '../errors.js';

export interface BackoffOptions {
  /** Wait before the first attempt; each further one waits twice as long. */
  readonly firstDelayMs?: number;
  readonly longestDelayMs?: number;
  /** No further attempt after so long without success; Infinity for ever, 0 for none at all. */
  readonly giveUpAfterMs?: number;
}

/** Waiting times between attempts. Knows no clock; every call is told the time. */
export class Backoff {
  private readonly firstDelayMs: number;
  private readonly longestDelayMs: number;
  private readonly giveUpAfterMs: number;
  private sinceMs: number | undefined;
  private attempt = 0;

  constructor(options: BackoffOptions = {}) {
    this.firstDelayMs = expectTime(options.firstDelayMs ?? 250, 1, 'firstDelayMs');
    this.longestDelayMs = expectTime(options.longestDelayMs ?? 5000, this.firstDelayMs, 'longestDelayMs');
    const giveUpAfterMs = options.giveUpAfterMs ?? 60_000;
    this.giveUpAfterMs =
      giveUpAfterMs === Infinity ? Infinity : expectTime(giveUpAfterMs, 0, 'giveUpAfterMs');
  }

  /** Number, from 1, and wait of the next attempt; undefined when it is time to give up. */
  next(nowMs: number): { attempt: number; inMs: number } | undefined {
    this.sinceMs ??= nowMs;
    const leftMs = this.sinceMs + this.giveUpAfterMs - nowMs;
    if (leftMs <= 0) return undefined;
    const inMs = Math.min(this.firstDelayMs * 2 ** this.attempt, this.longestDelayMs, leftMs);
    this.attempt += 1;
    return { attempt: this.attempt, inMs };
  }

  /** It works again. */
  reset(): void {
    this.sinceMs = undefined;
    this.attempt = 0;
  }
}

function expectTime(value: number, least: number, name: string): number {
  if (!Number.isFinite(value) || value < least) {
    throw new ConfigurationError(`${name} must be a number of at least ${least}, got ${value}`);
  }
  return value;
}
