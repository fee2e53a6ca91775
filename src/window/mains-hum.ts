import { SignalKernel, type Resident } from '../compute/signal-kernel.js';
import { ConfigurationError } from '../errors.js';
import { MainsLines } from './mains-lines.js';
import { RecentValues } from './recent-values.js';

/** Mains frequencies of the world. */
const MAINS_HZ = [50, 60] as const;
/** Above this, conditioning leaves nothing. */
const HIGHEST_HZ = 400;
/** One block's length: short enough to fall between heart sounds, and whole periods of every line and of what parts them. */
const BLOCK_SECONDS = 0.1;
/** Blocks that are looked back on, 8 s. Mains drifts by tenths of a hertz in minutes; a chest piece is moved in seconds. */
const CONTEXT_BLOCKS = 80;
/** Less than this share of the mean power is no hum but what others leak into its lines. */
const LEAST_SHARE = 1e-3;
/** So many samples go into the module at once. */
const MOST_SAMPLES = 8192;

/** Numbers that stand before those of the mains: two, so that vectors stand where they are read fastest. */
const FIRST = 2;

/** Hum of the mains in the last seconds. */
export interface Hum {
  /** 50 or 60. */
  readonly hertz: number;
  /** Mean square of the fundamental and its harmonics together. */
  readonly power: number;
}

/**
 * Finds hum of the mains in conditioned samples: tones at 50 or 60 Hz and their multiples that never pause.
 *
 * Each line is demodulated to a complex number every 0.1 s. In hum these keep their size and turn by the same small
 * angle from one to the next, drifting as slowly as the mains do; heart sounds, noise and voices come and go with any
 * phase. Only blocks between heart sounds count. Causal,
 * incremental, any chunking. `reset()` starts a new stretch.
 */
export class MainsHum implements Resident {
  /** Sum of squares of the block begun, one number more, then what each of the mains keeps. */
  readonly numbers: Float64Array;
  private readonly kernel = SignalKernel.get();
  private readonly blockSamples: number;
  private readonly mains: readonly MainsLines[];
  private position = 0;
  private readonly blockPowers = new RecentValues(CONTEXT_BLOCKS);

  /** @throws ConfigurationError where blocks would not be whole */
  constructor(options: { readonly modelRateHz: number }) {
    const { modelRateHz } = options;
    this.blockSamples = modelRateHz * BLOCK_SECONDS;
    if (!Number.isInteger(this.blockSamples) || modelRateHz % 4 !== 0 || modelRateHz <= 2 * HIGHEST_HZ) {
      throw new ConfigurationError(
        `modelRateHz must be a multiple of 20 above ${2 * HIGHEST_HZ} to find mains hum, got ${modelRateHz}`,
      );
    }
    this.mains = MAINS_HZ.map(
      (hertz) =>
        new MainsLines({
          hertz,
          modelRateHz,
          lines: Math.floor(HIGHEST_HZ / hertz),
          blockSeconds: BLOCK_SECONDS,
          contextBlocks: CONTEXT_BLOCKS,
        }),
    );
    this.numbers = new Float64Array(this.mains.reduce((sum, { length }) => sum + length, FIRST));
    this.eachOf(this.numbers, (lines, own) => lines.fill(own));
  }

  /** @param samples conditioned, contiguous with those before */
  execute(samples: Float64Array): void {
    for (let from = 0; from < samples.length; from += MOST_SAMPLES) {
      this.take(samples.length <= MOST_SAMPLES ? samples : samples.subarray(from, from + MOST_SAMPLES));
    }
  }

  private take(samples: Float64Array): void {
    const { kernel, mains, blockSamples } = this;
    const { length } = samples;
    const begun = this.position % blockSamples;
    const input = kernel.input.room(8 * length);
    const output = kernel.output.room(8 * (length / blockSamples + 1));
    let at = kernel.mainsHum.of(this);
    kernel.put(samples, input);
    const ended = kernel.functions.blockPowers(input, length, begun, blockSamples, at, output);
    for (let i = 0; i < ended; i++) this.blockPowers.push(kernel.numbers[output / 8 + i]);
    at += 8 * FIRST;
    for (const lines of mains) {
      lines.execute(input, length, begun, at);
      at += 8 * lines.length;
    }
    this.position += length;
  }

  /**
   * @param atLeast power that is looked for: where there is less, `null` may say so
   * @returns the stronger of the two, or `null` where neither is there
   */
  hum(atLeast = 0): Hum | null {
    const powers = this.blockPowers.last();
    let total = 0;
    for (let i = 0; i < powers.length; i++) total += powers[i];
    const least = (LEAST_SHARE * total) / powers.length;
    let strongest: Hum | null = null;
    let at = this.kernel.mainsHum.of(this) + 8 * FIRST;
    for (const lines of this.mains) {
      const power = lines.power(at, atLeast);
      at += 8 * lines.length;
      if (power > Math.max(least, strongest?.power ?? 0)) strongest = { hertz: lines.hertz, power };
    }
    return strongest;
  }

  reset(): void {
    this.position = 0;
    this.blockPowers.reset();
    const numbers = this.kernel.float64s(this.kernel.mainsHum.of(this), this.numbers.length);
    numbers[0] = 0;
    this.eachOf(numbers, (lines, own) => lines.reset(own));
  }

  private eachOf(numbers: Float64Array, act: (lines: MainsLines, own: Float64Array) => void): void {
    let from = FIRST;
    for (const lines of this.mains) {
      act(lines, numbers.subarray(from, from + lines.length));
      from += lines.length;
    }
  }
}
