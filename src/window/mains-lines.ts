import { OrderStatistics } from './order-statistics.js';

/** What the mains and the sampling clock together are off by, at most, in hertz at the fundamental. */
const FURTHEST_OFF_HZ = 0.6;
/** A block up to so many times as large as the quiet quarter's is one without a heart sound. */
const QUIET_SIZE = 1.7;
/** How far the phases of quiet neighbours advance as one: 1 for a pure tone, about 0.2 for noise. */
const LEAST_COHERENCE = 0.7;
/** With fewer quiet neighbours, phases agree by chance. */
const LEAST_TURNS = 12;

export interface MainsLinesOptions {
  /** Of the mains. */
  readonly hertz: number;
  readonly modelRateHz: number;
  /** The fundamental and so many multiples of it, less one. */
  readonly lines: number;
  /** Whole periods of the mains, and of samples. */
  readonly blockSeconds: number;
  /** Blocks that are looked back on. */
  readonly contextBlocks: number;
}

/**
 * The multiples of one mains frequency in a stretch: their complex amplitudes block by block, and how they turn.
 *
 * All multiples repeat with the mains, so that a block is folded to one period before it is demodulated, and that to half
 * of one. What a block says is worked out once, when it ends, as every window asks for those of the last 8 s.
 */
export class MainsLines {
  readonly hertz: number;
  private readonly lines: readonly Line[];
  private readonly blockSamples: number;
  private readonly blockSeconds: number;
  /** Sums over the block begun, by place in the mains' period. */
  private readonly period: Float64Array;
  /** The period's even and odd part, 0 to half of it. */
  private readonly even: Float64Array;
  private readonly odd: Float64Array;
  /** `[lines][half + 1]` */
  private readonly cosines: Float64Array;
  private readonly sines: Float64Array;
  private blocks = 0;

  constructor(options: MainsLinesOptions) {
    const { hertz, modelRateHz, lines, blockSeconds, contextBlocks } = options;
    this.hertz = hertz;
    this.blockSeconds = blockSeconds;
    this.blockSamples = blockSeconds * modelRateHz;
    const samples = modelRateHz / greatestCommonDivisor(modelRateHz, hertz);
    const parts = Math.floor(samples / 2) + 1;
    this.period = new Float64Array(samples);
    this.even = new Float64Array(parts);
    this.odd = new Float64Array(parts);
    const angle = (i: number) =>
      (2 * Math.PI * ((hertz * (Math.floor(i / parts) + 1) * (i % parts)) % modelRateHz)) / modelRateHz;
    this.cosines = Float64Array.from({ length: lines * parts }, (_, i) => Math.cos(angle(i)));
    this.sines = Float64Array.from({ length: lines * parts }, (_, i) => Math.sin(angle(i)));
    this.lines = Array.from({ length: lines }, (_, k) => new Line(k + 1, contextBlocks));
  }

  /**
   * Takes `samples[from]` to `samples[to - 1]`, of one block.
   *
   * @param begun how many samples of the block came before
   */
  fold(samples: Float64Array, from: number, to: number, begun: number): void {
    const { period } = this;
    let place = begun % period.length;
    for (let n = from; n < to; n++) {
      period[place] += samples[n];
      if (++place === period.length) place = 0;
    }
  }

  endBlock(): void {
    const { period, even, odd, cosines, sines, lines, blockSamples } = this;
    const { length } = period;
    const parts = even.length;
    even[0] = period[0];
    odd[0] = 0;
    for (let n = 1; n < parts; n++) {
      even[n] = period[n] + period[length - n];
      odd[n] = period[n] - period[length - n];
    }
    // In the middle of an even period there is one sample, not two.
    if (2 * (parts - 1) === length) even[parts - 1] = period[parts - 1];
    // Two lines together, so that no sum waits for itself; of an odd number the last is there twice.
    for (let k = 0; k < lines.length; k += 2) {
      const next = Math.min(k + 1, lines.length - 1);
      let re0 = 0;
      let im0 = 0;
      let re1 = 0;
      let im1 = 0;
      for (let n = 0, at0 = k * parts, at1 = next * parts; n < parts; n++, at0++, at1++) {
        re0 += even[n] * cosines[at0];
        im0 -= odd[n] * sines[at0];
        re1 += even[n] * cosines[at1];
        im1 -= odd[n] * sines[at1];
      }
      lines[k].endBlock(this.blocks, re0 / blockSamples, im0 / blockSamples);
      if (next !== k) lines[next].endBlock(this.blocks, re1 / blockSamples, im1 / blockSamples);
    }
    for (let n = 0; n < length; n++) period[n] = 0;
    this.blocks++;
  }

  /** Mean square of those lines that are tones. */
  power(): number {
    let power = 0;
    for (const line of this.lines) power += line.power(this.blocks, this.blockSeconds);
    return power;
  }

  reset(): void {
    this.period.fill(0);
    this.blocks = 0;
  }
}

/** One multiple: size by block, and the turn from the block before as a unit vector; the oldest are overwritten. */
class Line {
  private readonly sizes: Float64Array;
  /** The larger of a block's and the one's before; infinite where either has no phase. */
  private readonly pairSizes: Float64Array;
  private readonly turnRes: Float64Array;
  private readonly turnIms: Float64Array;
  private lastRe = 0;
  private lastIm = 0;
  private lastSize = 0;
  private readonly statistics: OrderStatistics;

  constructor(
    private readonly multiple: number,
    private readonly length: number,
  ) {
    this.sizes = new Float64Array(length);
    this.pairSizes = new Float64Array(length);
    this.turnRes = new Float64Array(length);
    this.turnIms = new Float64Array(length);
    this.statistics = new OrderStatistics(length);
  }

  endBlock(block: number, re: number, im: number): void {
    const { lastRe, lastIm, lastSize } = this;
    const at = block % this.length;
    const size = Math.sqrt(re * re + im * im);
    const both = size * lastSize;
    this.sizes[at] = size;
    this.pairSizes[at] = both > 0 ? Math.max(size, lastSize) : Infinity;
    this.turnRes[at] = (re * lastRe + im * lastIm) / both;
    this.turnIms[at] = (im * lastRe - re * lastIm) / both;
    this.lastRe = re;
    this.lastIm = im;
    this.lastSize = size;
  }

  /** Mean square of the tone, 0 where it is none. */
  power(blocks: number, blockSeconds: number): number {
    const { length, sizes, pairSizes, turnRes, turnIms, statistics } = this;
    const count = Math.min(blocks, length);
    // The turn from what is forgotten, or was before the stretch, does not count.
    const oldest = (blocks - count) % length;
    statistics.take(sizes, 0, count);
    const largest = QUIET_SIZE * statistics.quantile(0.25, 0);
    let turns = 0;
    let turnRe = 0;
    let turnIm = 0;
    for (let i = 0; i < count; i++) {
      if (pairSizes[i] > largest || i === oldest) continue;
      turns++;
      turnRe += turnRes[i];
      turnIm += turnIms[i];
    }
    if (turns < LEAST_TURNS) return 0;
    if (Math.sqrt(turnRe * turnRe + turnIm * turnIm) < LEAST_COHERENCE * turns) return 0;
    const offHz = Math.atan2(turnIm, turnRe) / (2 * Math.PI * blockSeconds);
    if (Math.abs(offHz) > FURTHEST_OFF_HZ * this.multiple) return 0;
    statistics.clear();
    for (let i = 0; i < count; i++) if (sizes[i] <= largest) statistics.push(sizes[i]);
    return 2 * statistics.median(0) ** 2;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
