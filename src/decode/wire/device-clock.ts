/** When a sample was taken by the device's own clock. Pairs of these and the host's time give the clock's drift. */
export interface DeviceTime {
  /** Index on the recording's time axis, as in `SampleChunk.firstSample`. */
  readonly atSample: number;
  /** Microseconds since the run's first packet, unwrapped. */
  readonly deviceMicros: number;
  /** Counts up whenever the device began to count anew: times of different runs have nothing in common. */
  readonly run: number;
}

/**
 * Makes one running count of a device's microseconds, which wrap after 71 minutes.
 *
 * A step backwards cannot be told from the forward step that wraps to the same value; it shows as an odd drift.
 */
export class DeviceClock {
  private last: number | null = null;
  private elapsedMicros = 0;

  /** @returns microseconds from the last {@link push} to this reading, 0..2^32 - 1, or null before the first. */
  since(deviceMicros: number): number | null {
    return this.last === null ? null : (deviceMicros - this.last) >>> 0;
  }

  /** @returns microseconds since the first reading. */
  push(deviceMicros: number): number {
    this.elapsedMicros += this.since(deviceMicros) ?? 0;
    this.last = deviceMicros;
    return this.elapsedMicros;
  }

  reset(): void {
    this.last = null;
    this.elapsedMicros = 0;
  }
}
