import { SignalKernel, type Address, type Resident } from '../compute/signal-kernel.js';
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
 * Autocorrelation of envelopes over the last seconds of a stretch, incrementally, of several bands at once.
 *
 * At every lag it is Pearson's correlation between the frames of the context and those `lag` earlier, so that neither
 * level nor gain matters and a lag is not favoured for being short. The context is `contextBlocks` blocks of a
 * second, the newest of which may be incomplete; less at the start of a stretch. It never looks ahead, and its value
 * depends only on the frames, not on how they were handed in. `reset()` starts a new stretch.
 */
export class RollingAutocorrelation implements Resident {
  /**
   * Band by band: `[blocks][lags]`, the longest lag first, sums of products of a frame in the block with the one `lag`
   * earlier; then frames up to `end`, newest last, moved to the front when they are full, so that no run is cut in two.
   */
  readonly numbers: Float64Array;
  private readonly kernel = SignalKernel.get();
  /** Frames of the context and the longest lag before it. */
  private readonly keep: number;
  /** Numbers of a band, and of its products among them. */
  private readonly bandLength: number;
  private readonly productsLength: number;
  private end = MAX_LAG_FRAMES;
  private count = 0;

  constructor(
    private readonly blocks = 8,
    private readonly bands = 1,
  ) {
    this.productsLength = blocks * LAGS;
    this.keep = blocks * BLOCK_FRAMES + MAX_LAG_FRAMES;
    this.bandLength = this.productsLength + 2 * this.keep;
    this.numbers = new Float64Array(bands * this.bandLength);
  }

  /** Frames that the next estimate stands on. */
  get contextFrames(): number {
    return this.count - this.contextStart();
  }

  /** @param values of frames, contiguous with those before, band by band */
  push(values: Float64Array): void {
    const frames = values.length / this.bands;
    for (let at = 0; at < frames;) {
      const most = Math.min(frames - at, BLOCK_FRAMES - (this.count % BLOCK_FRAMES));
      this.pushWithinBlock(values, at, most);
      at += most;
    }
  }

  private pushWithinBlock(values: Float64Array, from: number, count: number): void {
    const { kernel, bands, bandLength, productsLength, keep } = this;
    const input = kernel.input.room(8 * values.length);
    const address = kernel.heartRhythm.of(this);
    const isFull = this.end + count > 2 * keep;
    const isNew = this.count % BLOCK_FRAMES === 0;
    const row = address + 8 * LAGS * (Math.floor(this.count / BLOCK_FRAMES) % this.blocks);
    if (isFull || isNew) {
      const numbers = kernel.float64s(address, this.numbers.length);
      for (let band = 0; band < numbers.length; band += bandLength) {
        const history = band + productsLength;
        if (isFull) numbers.copyWithin(history, history + this.end - keep, history + this.end);
        const products = band + (row - address) / 8;
        if (isNew) numbers.fill(0, products, products + LAGS);
      }
    }
    kernel.put(values, input);
    const to = address + 8 * (productsLength + (isFull ? keep : this.end));
    const step = (8 * values.length) / bands;
    kernel.functions.lagProducts(input + 8 * from, step, to, row, bands, 8 * bandLength, count, LAGS);
    if (isFull) this.end = keep;
    this.end += count;
    this.count += count;
  }

  /**
   * @param output `[bands][MAX_LAG_FRAMES + 1]`, correlations in [-1, 1] by lag in frames; 0 where there is less than a
   * second of pairs, or no variation
   */
  estimate(output: Float64Array): void {
    const { kernel, bands } = this;
    output.set(kernel.float64s(this.correlate(), bands * LAGS));
  }

  /** As {@link estimate}, in the module's memory: valid until its next call. There is room behind it for one more band. */
  correlate(): Address {
    const { kernel, bands, bandLength } = this;
    const contextStart = this.contextStart();
    const oldest = Math.max(0, contextStart - MAX_LAG_FRAMES);
    const held = this.count - oldest;
    const work = kernel.work.room(8 * 6 * (held + 1));
    const result = kernel.output.room(8 * (bands + 1) * LAGS);
    const address = kernel.heartRhythm.of(this);
    kernel.functions.correlate(
      address + 8 * (this.productsLength + this.end - held),
      address,
      bands,
      8 * bandLength,
      held,
      contextStart - oldest,
      this.blocks,
      LAGS,
      LEAST_PAIRS,
      LEAST_MODULATION ** 2,
      work,
      result,
    );
    return result;
  }

  private contextStart(): number {
    return Math.max(0, Math.ceil(this.count / BLOCK_FRAMES) - this.blocks) * BLOCK_FRAMES;
  }

  reset(): void {
    const { kernel, bands, bandLength, productsLength } = this;
    const numbers = kernel.float64s(kernel.heartRhythm.of(this), this.numbers.length);
    for (let band = 0; band < bands; band++) {
      const from = band * bandLength;
      numbers.fill(0, from, from + productsLength + MAX_LAG_FRAMES);
    }
    this.count = 0;
    this.end = MAX_LAG_FRAMES;
  }
}
