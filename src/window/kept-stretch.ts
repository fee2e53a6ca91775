import { SignalKernel, type Address, type Resident } from '../compute/signal-kernel.js';
import { ConfigurationError } from '../errors.js';
import { FRAME_LENGTH, FRAME_RATE_HZ } from '../heart/envelope-bank.js';
import { HIGHEST_HZ, MAINS_HZ, MainsLines } from './mains-lines.js';

/** Seconds that are looked back on. */
export const CONTEXT_SECONDS = 8;
/** The same in frames. */
export const CONTEXT_FRAMES = CONTEXT_SECONDS * FRAME_RATE_HZ;
/** Bins of the fine envelope a second: 4 ms each, so that a click and a heart sound differ in width. */
const BINS_PER_SECOND = 250;
/** The same in bins. */
export const CONTEXT_BINS = CONTEXT_SECONDS * BINS_PER_SECOND;
/** One block of the mains: short enough to fall between heart sounds, and whole periods of every line and of what parts them. */
const BLOCK_SECONDS = 0.1;
/** Blocks that are looked back on. Mains drifts by tenths of a hertz in minutes; a chest piece is moved in seconds. */
const CONTEXT_BLOCKS = 80;
/** Columns of frames, as `keep-stretch.ts` of the module has them. */
const COLUMNS = 5;
/** The column of mean squares. */
const MEAN_SQUARES = 2;
/** So many samples go into the module at once. */
const MOST_SAMPLES = 8192;

/** Numbers of the header, as `kept-stretch.ts` of the module has them: sizes and places, which stay, and ends. */
const KeptField = {
  samplesKept: 0,
  samplesAt: 1,
  samplesEnd: 2,
  binSamples: 3,
  binsKept: 4,
  binsAt: 5,
  binCount: 6,
  framesKept: 7,
  framesAt: 8,
  columnsAt: 9,
  framesEnd: 10,
  frameCount: 11,
  blockSamples: 12,
  blocksKept: 13,
  blockCount: 14,
  blockBegun: 15,
  /** Period, lines and place of each of the mains. */
  mains: 16,
  workAt: 22,
  /** The module's own guess at what is quiet. */
  quiet: 23,
} as const;
const HEADER_LENGTH = 24;
/** Those that are 0 when a stretch begins. */
const ENDS = [
  KeptField.samplesEnd,
  KeptField.binCount,
  KeptField.framesEnd,
  KeptField.frameCount,
  KeptField.blockCount,
  KeptField.blockBegun,
  KeptField.quiet,
];

export interface KeptStretchOptions {
  readonly modelRateHz: number;
  /** Frames of a window, where it is longer than what is looked back on otherwise. */
  readonly windowFrames?: number;
}

/**
 * The last 8 s of a stretch in the compute module, for all that measure how it sounds: its conditioned samples, its frames, a
 * fine envelope, and what the mains have in it. What is new is kept in one call; who measures asks for {@link address}.
 *
 * Causal, any chunking; `reset()` starts a new stretch.
 */
export class KeptStretch implements Resident {
  readonly numbers: Float64Array;
  readonly modelRateHz: number;
  readonly mains: readonly MainsLines[];
  readonly binSamples: number;
  private readonly kernel = SignalKernel.get();
  /** Where the numbers begin that each of the mains keeps. */
  private readonly mainsFrom: readonly number[];
  /** Frames of the stretch so far. */
  private frames = 0;

  /** @throws ConfigurationError where blocks of the mains would not be whole */
  constructor({ modelRateHz, windowFrames = 0 }: KeptStretchOptions) {
    const blockSamples = modelRateHz * BLOCK_SECONDS;
    if (!Number.isInteger(blockSamples) || modelRateHz % 4 !== 0 || modelRateHz <= 2 * HIGHEST_HZ) {
      throw new ConfigurationError(
        `modelRateHz must be a multiple of 20 above ${2 * HIGHEST_HZ} to find mains hum, got ${modelRateHz}`,
      );
    }
    this.modelRateHz = modelRateHz;
    this.mains = MAINS_HZ.map(
      (hertz) =>
        new MainsLines({ hertz, modelRateHz, blockSeconds: BLOCK_SECONDS, contextBlocks: CONTEXT_BLOCKS }),
    );
    this.binSamples = Math.max(1, Math.round(modelRateHz / BINS_PER_SECOND));
    const samplesKept = Math.ceil(CONTEXT_SECONDS * modelRateHz);
    const framesKept = Math.max(windowFrames, CONTEXT_FRAMES);
    let end = HEADER_LENGTH;
    const from = (length: number) => {
      const start = end;
      // Even, so that vectors stand where they are read fastest.
      end += 2 * Math.ceil(length / 2);
      return start;
    };
    const places = {
      samplesAt: from(2 * samplesKept),
      // The bin begun, two histories, and a byte for each of their bins.
      binsAt: from(2 + 2 * 2 * CONTEXT_BINS + (2 * CONTEXT_BINS) / 8),
      framesAt: from(2 * framesKept * FRAME_LENGTH),
      columnsAt: from(COLUMNS * 2 * framesKept),
      workAt: from(Math.max(...this.mains.map(({ workLength }) => workLength))),
    };
    this.mainsFrom = this.mains.map(({ length }) => from(length));
    const numbers = new Float64Array(end);
    this.numbers = numbers;
    const sizes = {
      samplesKept,
      binSamples: this.binSamples,
      binsKept: CONTEXT_BINS,
      framesKept,
      blockSamples,
      blocksKept: CONTEXT_BLOCKS,
    };
    for (const [name, size] of Object.entries(sizes)) numbers[KeptField[name as keyof typeof sizes]] = size;
    for (const [name, at] of Object.entries(places)) numbers[KeptField[name as keyof typeof places]] = 8 * at;
    this.mains.forEach((lines, i) => {
      const at = this.mainsFrom[i];
      numbers.set([lines.period, lines.lines, 8 * at], KeptField.mains + 3 * i);
      lines.fill(numbers.subarray(at, at + lines.length));
    });
  }

  /** Where it is now, as functions of the module take it. */
  get address(): Address {
    return this.kernel.keptStretch.of(this);
  }

  /** Frames of the stretch so far. */
  get frameCount(): number {
    return this.frames;
  }

  /** Blocks of the mains so far. */
  get blockCount(): number {
    const { kernel, address } = this;
    return kernel.numbers[address / 8 + KeptField.blockCount];
  }

  /** Where the numbers are that one of the mains keeps. */
  mainsAddress(index: number): Address {
    return this.address + 8 * this.mainsFrom[index];
  }

  /** Mean square of the samples in the frames that are looked back on; there must be one. */
  meanPower(): number {
    const { kernel, address } = this;
    const { numbers } = kernel;
    const header = address / 8;
    const column = MEAN_SQUARES * 2 * numbers[header + KeptField.framesKept];
    const held = Math.min(this.frames, CONTEXT_FRAMES);
    const end =
      (address + numbers[header + KeptField.columnsAt]) / 8 + column + numbers[header + KeptField.framesEnd];
    let total = 0;
    for (let i = end - held; i < end; i++) total += numbers[i];
    return total / held;
  }

  /**
   * @param samples conditioned, contiguous with those before
   * @param frames that an EnvelopeBank makes of them
   */
  push(samples: Float64Array, frames: Float64Array): void {
    let from = 0;
    for (; samples.length - from > MOST_SAMPLES; from += MOST_SAMPLES) {
      this.take(samples.subarray(from, from + MOST_SAMPLES), frames, 0);
    }
    this.take(from === 0 ? samples : samples.subarray(from), frames, frames.length);
  }

  private take(samples: Float64Array, frames: Float64Array, frameNumbers: number): void {
    const { kernel } = this;
    const input = kernel.input.room(8 * (samples.length + frameNumbers));
    const framesAt = input + 8 * samples.length;
    const count = frameNumbers / FRAME_LENGTH;
    kernel.put(samples, input);
    if (count > 0) kernel.put(frames, framesAt);
    kernel.functions.keepStretch(input, samples.length, framesAt, count, this.address);
    this.frames += count;
  }

  reset(): void {
    const { kernel, address, numbers } = this;
    const now = kernel.float64s(address, numbers.length);
    for (const field of ENDS) now[field] = 0;
    const bins = now[KeptField.binsAt] / 8;
    now.fill(0, bins, bins + 2);
    this.mains.forEach((lines, i) => {
      lines.reset(now.subarray(this.mainsFrom[i], this.mainsFrom[i] + lines.length));
    });
    this.frames = 0;
  }
}
