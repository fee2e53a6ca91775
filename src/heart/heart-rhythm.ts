import { FRAME_RATE_HZ } from './envelope-bank.js';

/** Longest lag, in frames: a little more than one beat at 30 a minute, so that its peak has two sides. */
export const MAX_LAG_FRAMES = 2 * FRAME_RATE_HZ + 3;

/** Frames of one block; products are summed per block, so that old ones leave exactly, without rounding drift. */
const BLOCK_FRAMES = FRAME_RATE_HZ;

/**
 * Modulation, as a share of the envelope's level, that a rhythm must exceed to count. Below it is a tone's envelope:
 * its last ripple repeats perfectly.
 */
const LEAST_MODULATION = 0.06;

/** A lag is judged from a second of pairs on: fewer agree by chance. */
const LEAST_PAIRS = FRAME_RATE_HZ;

/**
 * Autocorrelation of an envelope over the last seconds of a stretch, incrementally.
 *
 * At every lag it is Pearson's correlation between the frames of the context and those `lag` earlier, so that neither
 * level nor gain matters and a lag is not favoured for being short. The context is `contextBlocks` blocks of a
 * second, the newest of which may be incomplete; less at the start of a stretch. It never looks ahead, and its value
 * depends only on the frames, not on how they were handed in.
 */
export class RollingAutocorrelation {
  private readonly blocks: number;
  /** Frames of the context and the longest lag before it. */
  private readonly keep: number;
  /** `[blocks][lag]`: sums of products of a frame in the block with the one `lag` earlier. */
  private readonly products: Float64Array;
  /** Frames up to `end`, newest last; moved to the front when it is full, so that no run of frames is cut in two. */
  private readonly history: Float64Array;
  private end = 0;
  private readonly prefix: Float64Array;
  private readonly prefixOfSquares: Float64Array;
  private count = 0;

  constructor(contextBlocks = 8) {
    this.blocks = contextBlocks;
    this.products = new Float64Array(contextBlocks * (MAX_LAG_FRAMES + 1));
    this.keep = contextBlocks * BLOCK_FRAMES + MAX_LAG_FRAMES;
    this.history = new Float64Array(2 * this.keep);
    this.prefix = new Float64Array(this.keep + 1);
    this.prefixOfSquares = new Float64Array(this.keep + 1);
  }

  /** Frames that the next estimate stands on. */
  get contextFrames(): number {
    return this.count - this.contextStart();
  }

  push(value: number): void {
    const { history, products } = this;
    if (this.end === history.length) {
      history.copyWithin(0, this.end - this.keep);
      this.end = this.keep;
    }
    const block = Math.floor(this.count / BLOCK_FRAMES) % this.blocks;
    const row = block * (MAX_LAG_FRAMES + 1);
    if (this.count % BLOCK_FRAMES === 0) products.fill(0, row, row + MAX_LAG_FRAMES + 1);
    const at = this.end++;
    history[at] = value;
    const lags = Math.min(MAX_LAG_FRAMES, this.count);
    for (let lag = 0; lag <= lags; lag++) products[row + lag] += value * history[at - lag];
    this.count++;
  }

  /**
   * @param output `[MAX_LAG_FRAMES + 1]`, correlations in [-1, 1] by lag in frames; 0 where there is less than a
   * second of pairs, or no variation
   */
  estimate(output: Float64Array): void {
    const { history, prefix, prefixOfSquares, products } = this;
    const contextStart = this.contextStart();
    const oldest = Math.max(0, contextStart - MAX_LAG_FRAMES);
    const held = this.count - oldest;
    for (let n = 0; n < held; n++) {
      const value = history[this.end - held + n];
      prefix[n + 1] = prefix[n] + value;
      prefixOfSquares[n + 1] = prefixOfSquares[n] + value * value;
    }
    for (let lag = 0; lag <= MAX_LAG_FRAMES; lag++) {
      const first = Math.max(contextStart, oldest + lag);
      const pairs = this.count - first;
      output[lag] = 0;
      if (pairs < LEAST_PAIRS) continue;
      let product = 0;
      for (let i = lag; i < products.length; i += MAX_LAG_FRAMES + 1) product += products[i];
      const end = this.count - oldest;
      const start = first - oldest;
      const sumNew = prefix[end] - prefix[start];
      const sumOld = prefix[end - lag] - prefix[start - lag];
      const varianceNew = prefixOfSquares[end] - prefixOfSquares[start] - (sumNew * sumNew) / pairs;
      const varianceOld =
        prefixOfSquares[end - lag] - prefixOfSquares[start - lag] - (sumOld * sumOld) / pairs;
      const rest = LEAST_MODULATION ** 2 * (prefixOfSquares[end] - prefixOfSquares[start]);
      const scale = Math.sqrt(Math.max(0, varianceNew * varianceOld)) + rest;
      if (!(scale > 0)) continue;
      output[lag] = Math.max(-1, Math.min(1, (product - (sumNew * sumOld) / pairs) / scale));
    }
  }

  private contextStart(): number {
    return Math.max(0, Math.ceil(this.count / BLOCK_FRAMES) - this.blocks) * BLOCK_FRAMES;
  }

  reset(): void {
    this.products.fill(0);
    this.count = 0;
    this.end = 0;
  }
}
