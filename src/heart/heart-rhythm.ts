import { SignalKernel } from '../compute/signal-kernel.js';
import { FRAME_RATE_HZ } from './envelope-bank.js';

/** Longest lag, in frames: a little more than one beat at 30 a minute, so that its peak has two sides. */
export const MAX_LAG_FRAMES = 2 * FRAME_RATE_HZ + 3;

/** Lags from 0 on; the module takes them by eights. */
const LAGS = MAX_LAG_FRAMES + 1;

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
 * depends only on the frames, not on how they were handed in. `reset()` starts a new stretch.
 */
export class RollingAutocorrelation {
  private readonly kernel = SignalKernel.get();
  private readonly blocks: number;
  /** Frames of the context and the longest lag before it. */
  private readonly keep: number;
  /** `[blocks][lags]`, the longest lag first: sums of products of a frame in the block with the one `lag` earlier. */
  private readonly products: Float64Array;
  /** Frames up to `end`, newest last; moved to the front when it is full, so that no run of frames is cut in two. */
  private readonly history: Float64Array;
  private end = MAX_LAG_FRAMES;
  private count = 0;

  constructor(contextBlocks = 8) {
    this.blocks = contextBlocks;
    this.products = new Float64Array(contextBlocks * LAGS);
    this.keep = contextBlocks * BLOCK_FRAMES + MAX_LAG_FRAMES;
    this.history = new Float64Array(2 * this.keep);
  }

  /** Frames that the next estimate stands on. */
  get contextFrames(): number {
    return this.count - this.contextStart();
  }

  /** @param values of frames, contiguous with those before */
  push(values: Float64Array): void {
    for (let at = 0; at < values.length;) {
      const most = Math.min(values.length - at, BLOCK_FRAMES - (this.count % BLOCK_FRAMES));
      this.pushWithinBlock(values.subarray(at, at + most));
      at += most;
    }
  }

  private pushWithinBlock(values: Float64Array): void {
    const { kernel, history, products } = this;
    if (this.end + values.length > history.length) {
      history.copyWithin(0, this.end - this.keep, this.end);
      this.end = this.keep;
    }
    history.set(values, this.end);
    const from = (Math.floor(this.count / BLOCK_FRAMES) % this.blocks) * LAGS;
    const row = products.subarray(from, from + LAGS);
    if (this.count % BLOCK_FRAMES === 0) row.fill(0);
    const at = kernel.input.room(8 * (LAGS + MAX_LAG_FRAMES + values.length));
    const given = kernel.float64s(at, LAGS + MAX_LAG_FRAMES + values.length);
    given.set(row);
    given.set(history.subarray(this.end - MAX_LAG_FRAMES, this.end + values.length), LAGS);
    kernel.functions.lagProducts(at + 8 * (LAGS + MAX_LAG_FRAMES), values.length, LAGS, at);
    row.set(kernel.float64s(at, LAGS));
    this.end += values.length;
    this.count += values.length;
  }

  /**
   * @param output `[MAX_LAG_FRAMES + 1]`, correlations in [-1, 1] by lag in frames; 0 where there is less than a
   * second of pairs, or no variation
   */
  estimate(output: Float64Array): void {
    const { kernel, history, products } = this;
    const contextStart = this.contextStart();
    const oldest = Math.max(0, contextStart - MAX_LAG_FRAMES);
    const held = this.count - oldest;
    const at = kernel.input.room(8 * (products.length + held));
    const work = kernel.work.room(8 * 2 * (held + 1));
    const result = kernel.output.room(8 * LAGS);
    const given = kernel.float64s(at, products.length + held);
    given.set(products);
    given.set(history.subarray(this.end - held, this.end), products.length);
    kernel.functions.correlate(
      at + 8 * products.length,
      held,
      contextStart - oldest,
      at,
      this.blocks,
      LAGS,
      LEAST_PAIRS,
      LEAST_MODULATION ** 2,
      work,
      result,
    );
    output.set(kernel.float64s(result, LAGS));
  }

  private contextStart(): number {
    return Math.max(0, Math.ceil(this.count / BLOCK_FRAMES) - this.blocks) * BLOCK_FRAMES;
  }

  reset(): void {
    this.products.fill(0);
    this.history.fill(0, 0, MAX_LAG_FRAMES);
    this.count = 0;
    this.end = MAX_LAG_FRAMES;
  }
}
