import { SignalKernel, type Address } from '../compute/signal-kernel.js';

/** Mains frequencies of the world. */
export const MAINS_HZ = [50, 60] as const;
/** Above this, conditioning leaves nothing. */
export const HIGHEST_HZ = 400;
/** What the mains and the sampling clock together are off by, at most, in hertz at the fundamental. */
const FURTHEST_OFF_HZ = 0.6;
/** A block up to so many times as large as the quiet quarter's is one without a heart sound. */
const QUIET_SIZE = 1.7;
/** Keeps rounding from deciding whether all lines together reach what is looked for. */
const BARELY = 0.99;
/** How far the phases of quiet neighbours advance as one: 1 for a pure tone, about 0.2 for noise. */
const LEAST_COHERENCE = 0.7;
/** With fewer quiet neighbours, phases agree by chance. */
const LEAST_TURNS = 12;
/** What the module keeps of a line and a block. */
const FIELDS = 4;

export interface MainsLinesOptions {
  /** Of the mains. */
  readonly hertz: number;
  readonly modelRateHz: number;
  /** Whole periods of the mains, and of samples. */
  readonly blockSeconds: number;
  /** Blocks that are looked back on. */
  readonly contextBlocks: number;
}

/**
 * The multiples of one mains frequency in a stretch: their complex amplitudes block by block, and how they turn.
 *
 * All multiples repeat with the mains, so that a block is folded to one period before it is demodulated, and that to half
 * of one. What a block says is worked out once, when it ends, as every window asks for those of the last 8 s. The compute
 * module does the arithmetic, two lines side by side, on numbers that a `KeptStretch` keeps.
 */
export class MainsLines {
  readonly hertz: number;
  /** Numbers that are to be kept, and that are worked with, as `mainsBlocks` of the module takes them. */
  readonly length: number;
  readonly workLength: number;
  /** Samples of one period of all lines. */
  readonly period: number;
  /** Even; of an odd number of lines the last is always 0. */
  readonly lines: number;
  private readonly kernel = SignalKernel.get();
  private readonly count: number;
  private readonly parts: number;
  private readonly ringFrom: number;

  constructor(private readonly options: MainsLinesOptions) {
    const { hertz, modelRateHz, contextBlocks } = options;
    this.hertz = hertz;
    this.period = modelRateHz / greatestCommonDivisor(modelRateHz, hertz);
    this.parts = Math.floor(this.period / 2) + 1;
    this.workLength = 2 * this.parts;
    this.count = Math.floor(HIGHEST_HZ / hertz);
    this.lines = 2 * Math.ceil(this.count / 2);
    this.ringFrom = this.tablesFrom + 2 * this.lines * this.parts + 3 * this.lines;
    this.length = this.ringFrom + contextBlocks * FIELDS * this.lines;
  }

  /** Puts the tables into numbers that are 0. */
  fill(numbers: Float64Array): void {
    const { hertz, modelRateHz } = this.options;
    const { count, lines, parts, tablesFrom } = this;
    for (let line = 0; line < count; line++) {
      for (let n = 0; n < parts; n++) {
        const angle = (2 * Math.PI * ((hertz * (line + 1) * n) % modelRateHz)) / modelRateHz;
        const at = tablesFrom + ((line >> 1) * parts + n) * 2 + (line & 1);
        numbers[at] = Math.cos(angle);
        numbers[at + lines * parts] = Math.sin(angle);
      }
    }
  }

  /**
   * Mean square of those lines that are tones.
   *
   * @param numbers those that are kept
   * @param blocks of the stretch so far
   * @param least that is looked for: of less it may be said that there is none, which takes less time
   */
  power(numbers: Address, blocks: number, least: number): number {
    const { lines, kernel } = this;
    const { contextBlocks } = this.options;
    const held = Math.min(blocks, contextBlocks);
    if (held === 0) return 0;
    // The turn from what is forgotten, or was before the stretch, does not count.
    const oldest = (blocks - held) % contextBlocks;
    const ring = numbers + 8 * this.ringFrom;
    const rank = Math.round(0.25 * (held - 1));
    // A tone is no larger than a quiet block is at most.
    const limit = Math.sqrt((BARELY * least) / (2 * this.count)) / QUIET_SIZE;
    if (kernel.functions.areQuiet(ring, held, lines, rank, limit) !== 0) return 0;
    const work = kernel.work.room(8 * 2 * held);
    const output = kernel.output.room(8 * FIELDS * lines);
    kernel.functions.mainsTurns(ring, held, lines, oldest, QUIET_SIZE, rank, work, output);
    const { numbers: found } = kernel;
    const first = output / 8;
    let power = 0;
    for (let line = 0; line < this.count; line++) {
      const at = first + (line >> 1) * 2 * FIELDS + (line & 1);
      if (!this.isTone(line, found[at + 2], found[at + 4], found[at + 6])) continue;
      power += 2 * kernel.functions.quietMedian(ring, held, lines, line, found[at], work) ** 2;
    }
    return power;
  }

  /** A new stretch begins. */
  reset(numbers: Float64Array): void {
    numbers.fill(0, 0, this.period);
    numbers.fill(0, this.ringFrom - 3 * this.lines, this.ringFrom);
  }

  private get tablesFrom(): number {
    return 2 * Math.ceil(this.period / 2);
  }

  private isTone(line: number, turns: number, re: number, im: number): boolean {
    if (turns < LEAST_TURNS) return false;
    if (Math.sqrt(re * re + im * im) < LEAST_COHERENCE * turns) return false;
    const offHz = Math.atan2(im, re) / (2 * Math.PI * this.options.blockSeconds);
    return Math.abs(offHz) <= FURTHEST_OFF_HZ * (line + 1);
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
