import { SignalKernel } from '../compute/signal-kernel.js';
import { FlacDamage, type FlacBits } from './flac-bits.js';

/** Words for a fault and the numbers that belong to it. */
type Fault = (first: number, second: number) => string;

/** What the compute module's negative answers mean. */
const FAULTS: Readonly<Record<number, Fault>> = {
  [-1]: () => 'it ends in the middle of a frame',
  [-2]: () => "a channel's first bit must be 0",
  [-3]: (wasted, width) => `${wasted} of ${width} bits are said to be unused`,
  [-4]: (kind) => `a channel is coded in the reserved way ${kind}`,
  [-5]: (blockSize, order) => `a block of ${blockSize} samples has a predictor of order ${order}`,
  [-6]: () => 'a predictor has the reserved precision',
  [-7]: (shift) => `a predictor must not be shifted by ${shift} bits`,
  [-8]: (coding) => `prediction errors are coded in the reserved way ${coding}`,
  [-9]: (blockSize, partitions) => `a block of ${blockSize} samples cannot have ${partitions} partitions`,
  [-10]: (width, sample) => `a sample must have at most ${width} bits, got ${sample}`,
  [-11]: () => 'the difference of two channels goes beyond full scale',
};

/** How the channels of a frame are stored. */
export interface FlacLayout {
  readonly blockSize: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** As a frame's header says it: below 8 each for itself, else 8 left and side, 9 side and right, 10 mid and side. */
  readonly arrangement: number;
}

/**
 * Reads the channels of FLAC frames in the compute module: in integers of 64 bits, where nothing overflows.
 *
 * It keeps nothing from one frame to the next. What `read` found is there until anybody else uses the module, so `samples`
 * and `stored` follow at once.
 *
 * @see RFC 9639, section 9
 */
export class FlacChannels {
  private readonly kernel = SignalKernel.get();

  /**
   * Reads all channels from where `bits` is, and leaves it behind them.
   *
   * @param bytes that `bits` reads; kept for the next frames, they must not change
   * @param end of the bytes that may be read
   * @throws FlacDamage
   */
  read(bits: FlacBits, bytes: Uint8Array, end: number, layout: FlacLayout): void {
    const { kernel } = this;
    const { blockSize, channels, bitsPerSample, arrangement } = layout;
    const file = kernel.fileBytes.holding(bytes);
    const faults = kernel.input.room(16);
    const samples = kernel.work.room(8 * blockSize * channels);
    // The difference of two channels takes one bit more than either.
    const wide = arrangement === 8 || arrangement === 10 ? 1 : arrangement === 9 ? 0 : -1;
    const behind = kernel.functions.readFlacChannels(
      file,
      bits.bitOffset,
      8 * end,
      blockSize,
      channels,
      bitsPerSample,
      wide,
      faults,
      samples,
    );
    if (behind < 0) throw new FlacDamage(FAULTS[behind](...this.numbersOf(faults)));
    bits.bitOffset = behind;
  }

  /**
   * The samples of the frame just read, stereo undone.
   *
   * @param output `[channels][at least blockSize]`
   * @throws FlacDamage
   */
  samples(layout: FlacLayout, output: readonly Int32Array[]): void {
    const { kernel } = this;
    const { blockSize, channels, arrangement, bitsPerSample } = layout;
    const samples = kernel.work.room(8 * blockSize * channels);
    const at = kernel.output.room(4 * blockSize * channels);
    const fault = kernel.functions.flacSamples(samples, blockSize, channels, arrangement, bitsPerSample, at);
    if (fault < 0) throw new FlacDamage(FAULTS[fault](0, 0));
    output.forEach((channel, i) => channel.set(kernel.int32s(at + 4 * blockSize * i, blockSize)));
  }

  /** The same samples as FLAC's MD5 sees them: little-endian, all channels in turn. Valid as long as what was read. */
  stored({ blockSize, channels, bitsPerSample }: FlacLayout): Uint8Array {
    const { kernel } = this;
    const bytesPerSample = Math.ceil(bitsPerSample / 8);
    const length = blockSize * channels * bytesPerSample;
    const samples = kernel.output.room(4 * blockSize * channels);
    const at = kernel.input.room(length);
    kernel.functions.flacBytes(samples, blockSize, channels, bytesPerSample, at);
    return kernel.bytes(at, length);
  }

  private numbersOf(faults: number): [number, number] {
    const [first, second] = this.kernel.float64s(faults, 2);
    return [first, second];
  }
}
