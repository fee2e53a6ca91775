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
export class MainsHum {
  private readonly blockSamples: number;
  private readonly mains: readonly MainsLines[];
  private position = 0;
  private readonly blockPowers = new RecentValues(CONTEXT_BLOCKS);
  private sumOfSquares = 0;

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
  }

  /** @param samples conditioned, contiguous with those before */
  execute(samples: Float64Array): void {
    const { blockSamples, mains } = this;
    for (let from = 0; from < samples.length;) {
      const begun = this.position % blockSamples;
      const to = Math.min(samples.length, from + blockSamples - begun);
      for (const lines of mains) lines.fold(samples, from, to, begun);
      let sum = this.sumOfSquares;
      for (let n = from; n < to; n++) sum += samples[n] * samples[n];
      this.sumOfSquares = sum;
      this.position += to - from;
      from = to;
      if (this.position % blockSamples !== 0) continue;
      for (const lines of mains) lines.endBlock();
      this.blockPowers.push(this.sumOfSquares / blockSamples);
      this.sumOfSquares = 0;
    }
  }

  /** @returns the stronger of the two, or `null` where neither is there */
  hum(): Hum | null {
    const powers = this.blockPowers.last();
    let total = 0;
    for (let i = 0; i < powers.length; i++) total += powers[i];
    const least = (LEAST_SHARE * total) / powers.length;
    let strongest: Hum | null = null;
    for (const lines of this.mains) {
      const power = lines.power();
      if (power > Math.max(least, strongest?.power ?? 0)) strongest = { hertz: lines.hertz, power };
    }
    return strongest;
  }

  reset(): void {
    this.position = this.sumOfSquares = 0;
    this.blockPowers.reset();
    for (const lines of this.mains) lines.reset();
  }
}
