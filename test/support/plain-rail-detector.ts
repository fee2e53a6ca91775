import { RAIL_FRAME_LENGTH, RailField } from '../../src/window/signal-quality-rails.js';

const FRAME_RATE_HZ = 50;
const FULL_SCALE = 1 - 2 ** -14;
const NEAR_RAIL_SHARE = 0.005;

/** The readable twin of `RailDetector`: a sample at a time. */
export class PlainRailDetector {
  private readonly sampleRateHz: number;
  private frames = new Float64Array(64 * RAIL_FRAME_LENGTH);
  private readonly begun = new Float64Array(RAIL_FRAME_LENGTH);
  /** `n * FRAME_RATE_HZ` modulo the rate: position in the frame begun, in units that are whole at any rate. */
  private phase = 0;
  private lowest = Infinity;
  private highest = -Infinity;
  /** From here on, and beyond, a sample is at a rail. */
  private lowRail = Infinity;
  private highRail = -Infinity;
  private last = NaN;
  private run = 0;

  constructor(options: { readonly sampleRateHz: number }) {
    const { sampleRateHz } = options;
    this.sampleRateHz = sampleRateHz;
    this.reset();
  }

  /**
   * @param samples as the source delivered them, contiguous with those before
   * @returns frames that these samples complete, row-major `[frames, RAIL_FRAME_LENGTH]`; reused by the next call
   */
  execute(samples: Float64Array): Float64Array {
    const { sampleRateHz, begun } = this;
    const count = Math.floor((this.phase + samples.length * FRAME_RATE_HZ) / sampleRateHz);
    if (this.frames.length < count * RAIL_FRAME_LENGTH) {
      this.frames = new Float64Array(count * RAIL_FRAME_LENGTH);
    }
    let row = 0;
    for (let start = 0; start < samples.length;) {
      const left = Math.ceil((sampleRateHz - this.phase) / FRAME_RATE_HZ);
      const end = Math.min(samples.length, start + left);
      this.observe(samples, start, end);
      this.phase += (end - start) * FRAME_RATE_HZ;
      start = end;
      if (this.phase < sampleRateHz) break;
      this.phase -= sampleRateHz;
      this.frames.set(begun, row);
      row += RAIL_FRAME_LENGTH;
      this.clearFrame();
    }
    return this.frames.subarray(0, row);
  }

  reset(): void {
    this.phase = 0;
    this.lowest = this.lowRail = Infinity;
    this.highest = this.highRail = -Infinity;
    this.last = NaN;
    this.run = 0;
    this.clearFrame();
  }

  private clearFrame(): void {
    this.begun.fill(0);
    this.begun[RailField.smallest] = Infinity;
    this.begun[RailField.largest] = -Infinity;
  }

  /** Takes a new extreme, and moves the rails after it. */
  private raise(x: number): void {
    this.lowest = Math.min(this.lowest, x);
    this.highest = Math.max(this.highest, x);
    const margin = NEAR_RAIL_SHARE * (this.highest - this.lowest);
    this.lowRail = Math.max(-FULL_SCALE, this.lowest + margin);
    this.highRail = Math.min(FULL_SCALE, this.highest - margin);
  }

  private observe(samples: Float64Array, start: number, end: number): void {
    const { begun } = this;
    let { last, run } = this;
    let longestRun = begun[RailField.longestRun];
    let smallest = Infinity;
    let largest = -Infinity;
    for (let i = start; i < end; i++) {
      const x = samples[i];
      if (x < smallest) smallest = x;
      if (x > largest) largest = x;
      if (x !== last) {
        run = 1;
        last = x;
      } else if (++run > longestRun) longestRun = run;
    }
    this.last = last;
    this.run = run;
    begun[RailField.samples] += end - start;
    if (end > start && longestRun === 0) longestRun = 1;
    begun[RailField.longestRun] = longestRun;
    if (smallest < begun[RailField.smallest]) begun[RailField.smallest] = smallest;
    if (largest > begun[RailField.largest]) begun[RailField.largest] = largest;
    // Most frames keep off the rails, and none of their samples need be looked at again.
    if (largest < this.highRail && smallest > this.lowRail) return;
    begun[RailField.atRail] += this.countAtRail(samples, start, end);
  }

  private countAtRail(samples: Float64Array, start: number, end: number): number {
    let atRail = 0;
    for (let i = start; i < end; i++) {
      const x = samples[i];
      if (x < this.highRail && x > this.lowRail) continue;
      if (x < this.lowest || x > this.highest) this.raise(x);
      // Before anything moved there is no extreme of the signal's own.
      if (this.highest > this.lowest || x >= FULL_SCALE || x <= -FULL_SCALE) {
        if (x >= this.highRail || x <= this.lowRail) atRail++;
      }
    }
    return atRail;
  }
}
