/** Who looks at a clock at least every 100 ms and finds so much passed was suspended, or too busy to read the port. */
const HOST_SLEEPS_MS = 500;

/**
 * Tells when the host slept. A computer that was suspended finds its timers due before the bytes that have waited for it:
 * silence meanwhile means nothing. Knows no clock; every call is told the time.
 */
export class HostSleep {
  private lookedAtMs: number;

  /** @param nowMs without it, all before the first look counts as sleep */
  constructor(nowMs = -Infinity) {
    this.lookedAtMs = nowMs;
  }

  /** @returns for how long the host slept since the last look, 0 where it did not */
  look(nowMs: number): number {
    const passedMs = nowMs - this.lookedAtMs;
    this.lookedAtMs = nowMs;
    return passedMs >= HOST_SLEEPS_MS ? passedMs : 0;
  }
}
