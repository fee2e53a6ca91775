import type { PlainWireDecoder } from '../decode/plain-wire.js';
import type { Sampled } from '../decode/samples.js';

/**
 * Samples of a plain wire on one time axis, over any number of openings of the port.
 *
 * Nothing on such a wire tells how many samples are missing after an absence: the gap `reconnect` is as long as the
 * host waited. Knows no clock; every call is told the time.
 */
export class PlainTimeAxis {
  private readonly wire: PlainWireDecoder;
  private readonly sampleRateHz: number;
  /** Index of the wire's first sample since the last opening. */
  private offset = 0;
  private next = 0;
  private samplesAtMs: number | undefined;
  private returned = false;

  constructor(wire: PlainWireDecoder, sampleRateHz: number) {
    this.wire = wire;
    this.sampleRateHz = sampleRateHz;
  }

  /** The port was opened, perhaps once more. */
  open(): void {
    this.wire.reset();
    this.offset = this.next;
    this.returned = this.samplesAtMs !== undefined;
  }

  /** @returns what the bytes completed, in the order of the time axis. The receiver owns the arrays. */
  push(bytes: Uint8Array, nowMs: number): Sampled[] {
    const values = this.wire.push(bytes);
    if (values.length === 0) return [];
    const out: Sampled[] = [];
    if (this.returned) {
      this.returned = false;
      const arrived = values.reduce((sum, value) => sum + lengthOf(value), 0);
      const elapsed = Math.round(((nowMs - this.samplesAtMs!) / 1000) * this.sampleRateHz);
      const lostSamples = Math.max(0, elapsed - arrived);
      out.push({ kind: 'gap', atSample: this.next, lostSamples, cause: 'reconnect' });
      this.offset += lostSamples;
    }
    this.samplesAtMs = nowMs;
    return [...out, ...this.place(values)];
  }

  /** The connection is over: what is left of a sample that was cut. */
  finish(): Sampled[] {
    return this.place(this.wire.finish());
  }

  private place(values: readonly Sampled[]): Sampled[] {
    return values.map((value) => {
      const at = this.offset + (value.kind === 'samples' ? value.firstSample : value.atSample);
      this.next = at + lengthOf(value);
      return value.kind === 'samples' ? { ...value, firstSample: at } : { ...value, atSample: at };
    });
  }
}

function lengthOf(value: Sampled): number {
  return value.kind === 'samples' ? value.samples.length : value.lostSamples;
}
