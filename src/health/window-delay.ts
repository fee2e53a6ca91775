import type { TraceChunk } from '../bedside/screening-controller.js';
import type { WindowEvent } from '../screen/result-events.js';

/** A chunk is some hundredths of a second: more than a minute of them. */
const MAX_ARRIVALS = 4096;
/** Times in seconds are sums of many parts. */
const SAME_SECONDS = 1e-6;

/** Watches how long windows take: from their last sample's arrival to their result. Its memory is bounded. */
export class WindowDelay {
  private arrivals: { readonly endSeconds: number; readonly atMs: number }[] = [];
  private heardSeconds = 0;
  private settledSeconds = 0;

  /** A recording begins, with a time axis of its own. */
  begin(): void {
    this.arrivals = [];
    this.heardSeconds = 0;
    this.settledSeconds = 0;
  }

  hear({ startSeconds, sampleRateHz, samples }: TraceChunk, nowMs: number): void {
    // Behind a gap the windows begin anew.
    if (startSeconds > this.heardSeconds + 1 / sampleRateHz)
      this.settledSeconds = Math.max(this.settledSeconds, startSeconds);
    this.heardSeconds = startSeconds + samples.length / sampleRateHz;
    this.arrivals.push({ endSeconds: this.heardSeconds, atMs: nowMs });
    if (this.arrivals.length > 2 * MAX_ARRIVALS) this.arrivals = this.arrivals.slice(-MAX_ARRIVALS);
  }

  /** @returns the window's delay in seconds, `null` where its last sample was not seen */
  settle({ endSeconds }: Pick<WindowEvent, 'endSeconds'>, nowMs: number): number | null {
    this.settledSeconds = Math.max(this.settledSeconds, endSeconds);
    const arrived = this.arrivals.findIndex((arrival) => arrival.endSeconds >= endSeconds - SAME_SECONDS);
    if (arrived < 0) return null;
    const { atMs } = this.arrivals[arrived];
    this.arrivals = this.arrivals.slice(arrived);
    return Math.max(0, nowMs - atMs) / 1000;
  }

  /** Signal that was heard since the end of the newest window, or since the last gap: what the queue holds, in seconds. */
  get waitingSeconds(): number {
    return Math.max(0, this.heardSeconds - this.settledSeconds);
  }
}
