/** How the simulated device's sample clock runs. */
export interface StreamClockOptions {
  readonly sampleRateHz: number;
  /** Multiple of real time. */
  readonly speed: number;
  /** The whole device is faster than the host by so many parts per million. */
  readonly devicePpm: number;
  /** The sample clock is faster than the device's own microseconds. */
  readonly samplesPpm: number;
}

/**
 * Which sample is due when: position p of the stream is taken `p / (rate * speed)` seconds after its start, by the host's
 * monotonic clock, whenever anybody asks. No timer's delay adds up.
 */
export class StreamClock {
  private readonly hostHz: number;
  private readonly deviceHz: number;
  private startMs = 0;

  constructor(options: StreamClockOptions) {
    this.deviceHz = options.sampleRateHz * (1 + options.samplesPpm / 1e6);
    this.hostHz = this.deviceHz * options.speed * (1 + options.devicePpm / 1e6);
  }

  /** `position` is taken now, and the others from there on. */
  start(nowMs: number, position = 0): void {
    this.startMs = nowMs - (position / this.hostHz) * 1000;
  }

  /** Samples taken by now. */
  taken(nowMs: number): number {
    const samples = ((nowMs - this.startMs) / 1000) * this.hostHz;
    // At `takenAtMs(p)` p samples are taken, however that time was rounded: after a day a double is exact to 1e-8 ms,
    // which at 100 times 48 kHz is 7e-5 samples.
    return Math.max(0, Math.floor(samples + 1e-3));
  }

  /** When the samples before `position` have been taken. */
  takenAtMs(position: number): number {
    return this.startMs + (position / this.hostHz) * 1000;
  }

  /** What the device's clock advances in so many samples, uint32. */
  deviceMicros(samples: number): number {
    return Math.floor((samples * 1e6) / this.deviceHz) % 2 ** 32;
  }
}
