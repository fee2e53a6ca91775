import type { Packet } from '../decode/wire/packet.js';

/** What STATUS tells of the samples, counted since the device booted. */
export interface SampleCounts {
  readonly overrunSamples: number;
  readonly clippedSamples: number;
}

/** When a device says how it is, and what: every second of the stream, and at once when something changes. */
export class StatusReports {
  private batteryPercent = 100;
  private contact = true;
  private asked = false;
  private nextPosition = 0;

  constructor(private readonly sampleRateHz: number) {}

  setBattery(percent: number): void {
    this.batteryPercent = percent;
    this.asked = true;
  }

  setContact(contact: boolean): void {
    this.contact = contact;
    this.asked = true;
  }

  /** Something happened that the host should hear of before the next samples. */
  ask(): void {
    this.asked = true;
  }

  isDue(position: number): boolean {
    return this.asked || position >= this.nextPosition;
  }

  /** The stream begins, or begins anew, at this position. */
  begin(position: number): void {
    this.asked = false;
    this.nextPosition = position + this.sampleRateHz;
  }

  take(position: number, counts: SampleCounts): Packet {
    while (this.nextPosition <= position) this.nextPosition += this.sampleRateHz;
    this.asked = false;
    return {
      type: 'status',
      overrunSamples: counts.overrunSamples >>> 0,
      clippedSamples: counts.clippedSamples >>> 0,
      batteryPercent: this.batteryPercent,
      contact: this.contact,
    };
  }
}
