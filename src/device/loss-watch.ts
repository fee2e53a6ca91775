import type { Sampled } from '../decode/samples.js';

/** A step of the clock against the samples that is taken for a loss, where it stays. */
const STEP_MS = 200;
/** So long may what was held up take to come after all. */
const SETTLE_MS = 1000;
/** What comes so much earlier than before, once the source runs, is more than the clock can account for. */
const SURPLUS_MS = 500;
/** A burst that was held up is over once arrivals are as late as they stay. */
const SETTLED_WITHIN_MS = 20;
/** The least late arrival of so many seconds is what others are compared with; a slow drift does not count. */
const BASE_SECONDS = 3;

/** How many samples a value stands for. */
export const lengthOf = (value: Sampled): number =>
  value.kind === 'samples' ? value.samples.length : value.lostSamples;

/**
 * Finds samples that went missing on the way without a word, by the clock: an arrival can be late and the next ones make
 * up for it, but where all of them stay late, what is missing was lost.
 *
 * Arrivals that are over 200 ms late are held back until they are in time again, a second at most. Then what is missing
 * becomes a gap, as long as the lateness that stays; what came in one burst with it is left out too and counted, since the
 * loss lies somewhere in it. The length is as exact as arrivals are even, some milliseconds; a loss below 200 ms is not
 * seen here, only in the drift, unless the source reports it. What comes in excess breaks continuity: a gap of length 0. Gaps have no place yet (`atSample` is 0): values follow one another.
 *
 * Knows no clock; every call is told the time.
 */
export class LossWatch {
  private readonly rateHz: number;
  private total = 0;
  /** Least lateness of each of the last seconds. */
  private base: { readonly second: number; lateMs: number }[] = [];
  private held: { readonly value: Sampled; readonly lateMs: number }[] = [];
  private heldSinceMs = 0;
  /** What the source itself said that it lost, ms, and what is not placed yet. */
  private reportedMs = 0;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
  }

  /** @returns what may be handed on, in order */
  push(values: readonly Sampled[], nowMs: number): Sampled[] {
    if (values.length === 0) return [];
    for (const value of values) this.total += lengthOf(value);
    const lateMs = nowMs - (1000 * this.total) / this.rateHz;
    const baseMs = Math.min(...this.base.map((one) => one.lateMs));
    if (this.held.length === 0) {
      if (this.base.length > 1 && lateMs < baseMs - SURPLUS_MS) {
        this.base = [];
        this.settle(lateMs, nowMs);
        return [{ kind: 'gap', atSample: 0, lostSamples: 0, cause: 'restart' }, ...values];
      }
      if (this.reportedMs === 0 && (lateMs <= baseMs + STEP_MS || this.base.length === 0)) {
        this.settle(lateMs, nowMs);
        return [...values];
      }
      this.heldSinceMs = nowMs;
    }
    this.held.push(...values.map((value) => ({ value, lateMs })));
    const leastMs = Math.min(...this.held.map((one) => one.lateMs));
    if (this.reportedMs === 0 && leastMs <= baseMs + STEP_MS) {
      this.settle(leastMs, nowMs);
      return this.held.splice(0).map(({ value }) => value);
    }
    return nowMs - this.heldSinceMs < SETTLE_MS ? [] : this.lose(leastMs, baseMs, nowMs);
  }

  /** The source says that it dropped samples, at least so many ms of them. */
  report(lostMs: number): void {
    this.reportedMs += lostMs;
  }

  /** The source is gone: what was held back came late to the end, and behind a loss. */
  finish(nowMs: number): Sampled[] {
    if (this.held.length === 0) return [];
    const leastMs = Math.min(...this.held.map((one) => one.lateMs));
    return this.lose(leastMs, Math.min(leastMs, ...this.base.map((one) => one.lateMs)), nowMs);
  }

  /** The source was away. To be called after {@link finish}. */
  restart(): void {
    this.base = [];
    this.total = 0;
    this.reportedMs = 0;
  }

  private lose(leastMs: number, baseMs: number, nowMs: number): Sampled[] {
    const held = this.held.splice(0);
    const lastOfBurst = held.findIndex(({ lateMs }) => lateMs <= leastMs + SETTLED_WITHIN_MS);
    const burst = held.slice(0, lastOfBurst + 1);
    const base = Number.isFinite(baseMs) ? baseMs : leastMs;
    const missingMs = Math.max(leastMs - base, this.reportedMs, 0);
    const missing = Math.round((missingMs / 1000) * this.rateHz);
    this.reportedMs = 0;
    const lostSamples = missing + burst.reduce((sum, { value }) => sum + lengthOf(value), 0);
    this.total += missing;
    this.base = [];
    this.settle(base, nowMs);
    const rest = held.slice(lastOfBurst + 1).map(({ value }) => value);
    return [{ kind: 'gap', atSample: 0, lostSamples, cause: 'lost' }, ...rest];
  }

  private settle(lateMs: number, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    const last = this.base.at(-1);
    if (last?.second === second) last.lateMs = Math.min(last.lateMs, lateMs);
    else this.base.push({ second, lateMs });
    while (this.base.length > 1 && this.base[0].second < second - BASE_SECONDS) this.base.shift();
  }
}
