import type { DeviceFault } from './fault.js';

/** A fault that happens at one moment of the stream. */
export type TimedFault = Exclude<DeviceFault, { kind: 'drift' }>;

/** The device's faults in the order in which the stream comes to them. */
export class FaultTimeline {
  private readonly faults: readonly TimedFault[];
  private readonly sampleRateHz: number;
  private next = 0;

  constructor(faults: readonly DeviceFault[], sampleRateHz: number) {
    this.sampleRateHz = sampleRateHz;
    this.faults = faults
      .filter((fault): fault is TimedFault => fault.kind !== 'drift')
      .sort((one, other) => one.atSeconds - other.atSeconds);
  }

  /** Position before which the next fault happens, Infinity where there is none. */
  get nextPosition(): number {
    const fault = this.faults[this.next];
    return fault === undefined ? Infinity : this.positionOf(fault);
  }

  /** The next fault, once the stream has come to it. Each is given once. */
  take(position: number): { fault: TimedFault; position: number } | undefined {
    if (position < this.nextPosition) return undefined;
    const fault = this.faults[this.next];
    this.next += 1;
    return { fault, position: this.positionOf(fault) };
  }

  /** The stream begins anew. */
  reset(): void {
    this.next = 0;
  }

  private positionOf(fault: TimedFault): number {
    return Math.round(fault.atSeconds * this.sampleRateHz);
  }
}

/** Sum of the drifts of one kind, parts per million. */
export function driftPpm(faults: readonly DeviceFault[], of: 'device' | 'samples'): number {
  return faults.reduce(
    (sum, fault) => (fault.kind === 'drift' && (fault.of ?? 'device') === of ? sum + fault.ppm : sum),
    0,
  );
}
