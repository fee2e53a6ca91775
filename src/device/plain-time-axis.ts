import type { PlainWireDecoder } from '../decode/wire/plain-wire.js';
import type { GapCause, Sampled } from '../decode/samples.js';
import { lengthOf, type LossWatch } from './loss-watch.js';

/**
 * Samples of a source without packets on one time axis, over any number of openings.
 *
 * Nothing from such a source tells how many samples are missing after an absence: the gap is as long as the host waited.
 * Knows no clock; every call is told the time.
 */
export class PlainTimeAxis {
  private wire: PlainWireDecoder;
  private readonly sampleRateHz: number;
  private readonly watch: LossWatch | undefined;
  private next = 0;
  private samplesAtMs: number | undefined;
  private absence: GapCause | undefined;

  /** @param watch looks for losses while the source stands; none for a source that no clock paces */
  constructor(wire: PlainWireDecoder, sampleRateHz: number, watch?: LossWatch) {
    this.wire = wire;
    this.sampleRateHz = sampleRateHz;
    this.watch = watch;
  }

  /** The source was opened, perhaps once more, or dropped samples by its own account. */
  open(cause: GapCause = 'reconnect', wire = this.wire): void {
    this.wire = wire;
    wire.reset();
    this.watch?.restart();
    if (this.samplesAtMs !== undefined) this.absence = cause;
  }

  /** @returns what the bytes completed, in the order of the time axis. The receiver owns the arrays. */
  push(bytes: Uint8Array, nowMs: number): Sampled[] {
    const values = this.wire.push(bytes);
    if (values.length === 0) return [];
    const out: Sampled[] = [];
    if (this.absence !== undefined) {
      const arrived = values.reduce((sum, value) => sum + lengthOf(value), 0);
      const elapsed = Math.round(((nowMs - this.samplesAtMs!) / 1000) * this.sampleRateHz);
      const lostSamples = Math.max(0, elapsed - arrived);
      out.push({ kind: 'gap', atSample: 0, lostSamples, cause: this.absence });
      this.absence = undefined;
    }
    this.samplesAtMs = nowMs;
    return this.place([...out, ...(this.watch?.push(values, nowMs) ?? values)]);
  }

  /** The connection is over: what is left of a sample that was cut. */
  finish(nowMs = this.samplesAtMs ?? 0): Sampled[] {
    return this.place([...(this.watch?.finish(nowMs) ?? []), ...this.wire.finish()]);
  }

  private place(values: readonly Sampled[]): Sampled[] {
    return values.map((value) => {
      const at = this.next;
      this.next += lengthOf(value);
      return value.kind === 'samples' ? { ...value, firstSample: at } : { ...value, atSample: at };
    });
  }
}
