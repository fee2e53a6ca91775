import { ConfigurationError } from '../errors.js';
import { RecentValues, median, quantile } from './recent-values.js';

/** Mains frequencies of the world. */
const MAINS_HZ = [50, 60] as const;
/** Above this, conditioning leaves nothing. */
const HIGHEST_HZ = 400;
/** One block's length: short enough to fall between heart sounds, and whole periods of every line and of what parts them. */
const BLOCK_SECONDS = 0.1;
/** Blocks that are looked back on. Mains drifts by tenths of a hertz in minutes; a chest piece is moved in seconds. */
const CONTEXT_SECONDS = 8;
/** What the mains and the sampling clock together are off by, at most, in hertz at the fundamental. */
const FURTHEST_OFF_HZ = 0.6;
/** A block up to so many times as large as the quiet quarter's is one without a heart sound. */
const QUIET_SIZE = 1.7;
/** How far the phases of quiet neighbours advance as one: 1 for a pure tone, about 0.2 for noise. */
const LEAST_COHERENCE = 0.7;
/** With fewer quiet neighbours, phases agree by chance. */
const LEAST_TURNS = 12;
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
  private readonly lines: readonly Line[];
  private readonly cosine: Float64Array;
  private position = 0;
  private blocks = 0;
  private readonly blockPowers = new RecentValues(Math.round(CONTEXT_SECONDS / BLOCK_SECONDS));
  private sumOfSquares = 0;

  /** @throws ConfigurationError where blocks would not be whole */
  constructor(options: { readonly modelRateHz: number }) {
    const { modelRateHz } = options;
    this.blockSamples = modelRateHz * BLOCK_SECONDS;
    // A quarter of a period must be whole too: the table serves as sine.
    if (!Number.isInteger(this.blockSamples) || modelRateHz % 4 !== 0 || modelRateHz <= 2 * HIGHEST_HZ) {
      throw new ConfigurationError(
        `modelRateHz must be a multiple of 20 above ${2 * HIGHEST_HZ} to find mains hum, got ${modelRateHz}`,
      );
    }
    this.cosine = Float64Array.from({ length: modelRateHz }, (_, n) =>
      Math.cos((2 * Math.PI * n) / modelRateHz),
    );
    this.lines = MAINS_HZ.flatMap((mains) =>
      Array.from(
        { length: Math.floor(HIGHEST_HZ / mains) },
        (_, k) => new Line(mains, k + 1, Math.round(CONTEXT_SECONDS / BLOCK_SECONDS)),
      ),
    );
  }

  /** @param samples conditioned, contiguous with those before */
  execute(samples: Float64Array): void {
    const { blockSamples, lines } = this;
    for (let from = 0; from < samples.length;) {
      const begun = this.position % blockSamples;
      const to = Math.min(samples.length, from + blockSamples - begun);
      for (const line of lines) this.demodulate(line, samples, from, to, begun);
      for (let n = from; n < to; n++) this.sumOfSquares += samples[n] * samples[n];
      this.position += to - from;
      from = to;
      if (this.position % blockSamples !== 0) continue;
      for (const line of lines) line.endBlock(this.blocks, blockSamples);
      this.blockPowers.push(this.sumOfSquares / blockSamples);
      this.sumOfSquares = 0;
      this.blocks++;
    }
  }

  /** @returns the stronger of the two, or `null` where neither is there */
  hum(): Hum | null {
    const powers = this.blockPowers.last();
    const least = (LEAST_SHARE * powers.reduce((sum, power) => sum + power, 0)) / powers.length;
    let strongest: Hum | null = null;
    for (const hertz of MAINS_HZ) {
      let power = 0;
      for (const line of this.lines) if (line.mains === hertz) power += line.power(this.blocks);
      if (power > Math.max(least, strongest?.power ?? 0)) strongest = { hertz, power };
    }
    return strongest;
  }

  reset(): void {
    this.position = this.blocks = this.sumOfSquares = 0;
    this.blockPowers.reset();
    for (const line of this.lines) line.reset();
  }

  private demodulate(line: Line, samples: Float64Array, from: number, to: number, begun: number): void {
    const { cosine } = this;
    const rate = cosine.length;
    const step = line.mains * line.multiple;
    // Every block holds whole periods, so that each begins at phase 0.
    let phase = (begun * step) % rate;
    let { re, im } = line;
    for (let n = from; n < to; n++) {
      re += samples[n] * cosine[phase];
      // sin(a) = cos(a - 90 degrees)
      im -= samples[n] * cosine[phase < rate / 4 ? phase + (3 * rate) / 4 : phase - rate / 4];
      phase += step;
      if (phase >= rate) phase -= rate;
    }
    line.re = re;
    line.im = im;
  }
}

/** One multiple of the mains: its complex amplitudes by block, the oldest overwritten. */
class Line {
  re = 0;
  im = 0;
  private readonly res: Float64Array;
  private readonly ims: Float64Array;

  constructor(
    readonly mains: number,
    readonly multiple: number,
    private readonly length: number,
  ) {
    this.res = new Float64Array(length);
    this.ims = new Float64Array(length);
  }

  endBlock(block: number, samples: number): void {
    this.res[block % this.length] = this.re / samples;
    this.ims[block % this.length] = this.im / samples;
    this.re = this.im = 0;
  }

  /** Mean square of the tone, 0 where it is none. */
  power(blocks: number): number {
    const { length, res, ims, multiple } = this;
    const count = Math.min(blocks, length);
    const first = blocks - count;
    const sizes = Float64Array.from({ length: count }, (_, i) =>
      Math.hypot(res[(first + i) % length], ims[(first + i) % length]),
    );
    const largest = QUIET_SIZE * quantile(sizes, 0.25, 0);
    let turns = 0;
    let turnRe = 0;
    let turnIm = 0;
    for (let i = 1; i < count; i++) {
      const size = sizes[i] * sizes[i - 1];
      if (!(size > 0) || sizes[i] > largest || sizes[i - 1] > largest) continue;
      const at = (first + i) % length;
      const last = (first + i - 1) % length;
      turns++;
      turnRe += (res[at] * res[last] + ims[at] * ims[last]) / size;
      turnIm += (ims[at] * res[last] - res[at] * ims[last]) / size;
    }
    const offHz = Math.atan2(turnIm, turnRe) / (2 * Math.PI * BLOCK_SECONDS);
    if (turns < LEAST_TURNS || Math.hypot(turnRe, turnIm) < LEAST_COHERENCE * turns) return 0;
    if (Math.abs(offHz) > FURTHEST_OFF_HZ * multiple) return 0;
    return (
      2 *
      median(
        sizes.filter((size) => size <= largest),
        0,
      ) **
        2
    );
  }

  reset(): void {
    this.re = this.im = 0;
  }
}
