import { ConfigurationError } from '../errors.js';

/** Mains frequencies of the world. */
const MAINS_HZ = [50, 60] as const;
/** Above this, conditioning leaves nothing. */
const HIGHEST_HZ = 400;
/** One block's length: 5 Hz wide, short enough to fall between heart sounds, and a whole period of any two lines' beat. */
const BLOCK_SECONDS = 0.2;
/** Blocks that are looked back on. Mains drifts by tenths of a hertz in minutes; a chest piece is moved in seconds. */
const CONTEXT_SECONDS = 8;
/** What the mains and the sampling clock together are off by, at most, in hertz at the fundamental. */
const FURTHEST_OFF_HZ = 0.6;
/** Blocks' phases advance as one: 1 for a pure tone; noise and heart sounds stay below. */
const LEAST_COHERENCE = 0.75;
/** With fewer blocks, phases agree by chance. */
const LEAST_BLOCKS = 12;

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
 * Each line is demodulated to a complex number every 0.2 s. In hum these keep their size and turn by the same small
 * angle from one to the next, drifting as slowly as the mains do; heart sounds, noise and voices come and go with any
 * phase. A line's power is that of its median block, so what is as short as a heart sound does not count. Causal,
 * incremental, any chunking. `reset()` starts a new stretch.
 */
export class MainsHum {
  private readonly blockSamples: number;
  private readonly lines: readonly Line[];
  private readonly cosine: Float64Array;
  private position = 0;
  private blocks = 0;

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
      this.position += to - from;
      from = to;
      if (this.position % blockSamples !== 0) continue;
      for (const line of lines) line.endBlock(this.blocks, blockSamples);
      this.blocks++;
    }
  }

  /** @returns the stronger of the two, or `null` where neither is there */
  hum(): Hum | null {
    if (this.blocks < LEAST_BLOCKS) return null;
    let strongest: Hum | null = null;
    for (const hertz of MAINS_HZ) {
      let power = 0;
      for (const line of this.lines) if (line.mains === hertz) power += line.power(this.blocks);
      if (power > (strongest?.power ?? 0)) strongest = { hertz, power };
    }
    return strongest;
  }

  reset(): void {
    this.position = this.blocks = 0;
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
    const squares = new Float64Array(count);
    let turnRe = 0;
    let turnIm = 0;
    for (let i = 0, last = -1; i < count; i++) {
      const at = (blocks - count + i) % length;
      squares[i] = res[at] ** 2 + ims[at] ** 2;
      if (last >= 0) {
        // Each turn counts the same, so that loud sounds do not outvote the pauses.
        const size = Math.hypot(res[at], ims[at]) * Math.hypot(res[last], ims[last]);
        if (size > 0) {
          turnRe += (res[at] * res[last] + ims[at] * ims[last]) / size;
          turnIm += (ims[at] * res[last] - res[at] * ims[last]) / size;
        }
      }
      last = at;
    }
    const offHz = Math.atan2(turnIm, turnRe) / (2 * Math.PI * BLOCK_SECONDS);
    if (Math.hypot(turnRe, turnIm) < LEAST_COHERENCE * (count - 1)) return 0;
    if (Math.abs(offHz) > FURTHEST_OFF_HZ * multiple) return 0;
    squares.sort();
    return 2 * squares[count >> 1];
  }

  reset(): void {
    this.re = this.im = 0;
  }
}
