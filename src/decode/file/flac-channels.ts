import { SignalKernel, type Address } from '../../compute/signal-kernel.js';
import { flacSampleBytes } from './flac-amplitudes.js';
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
 * It keeps nothing from one frame to the next. What `read` found is there until anybody else uses the module, so
 * {@link stored} follows at once.
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
    const faults = kernel.input.room(16);
    const samples = kernel.work.room(8 * blockSize * channels);
    // The difference of two channels takes one bit more than either.
    const wide = arrangement === 8 || arrangement === 10 ? 1 : arrangement === 9 ? 0 : -1;
    const behind = kernel.functions.readFlacChannels(
      this.firstOf(bytes),
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

  /** The checksum that stands behind a frame, of its bytes from `from` to before `to`. */
  crc16(bytes: Uint8Array, from: number, to: number): number {
    return this.kernel.functions.flacCrc16(this.firstOf(bytes), from, to);
  }

  /**
   * The samples of the frame just read, stereo undone, as FLAC's MD5 sees them: little-endian, all channels in turn, each in
   * as few bytes as hold it.
   *
   * @param output room for them, written from its beginning
   * @returns a view of `output`
   * @throws FlacDamage
   */
  stored(layout: FlacLayout, output: Uint8Array): Uint8Array {
    const { kernel } = this;
    const { blockSize, channels, arrangement, bitsPerSample } = layout;
    const length = blockSize * channels * flacSampleBytes(bitsPerSample);
    const samples = kernel.work.room(8 * blockSize * channels);
    const at = kernel.output.room(length);
    const fault = kernel.functions.storeFlacSamples(
      samples,
      blockSize,
      channels,
      arrangement,
      bitsPerSample,
      at,
    );
    if (fault < 0) throw new FlacDamage(FAULTS[fault](0, 0));
    output.set(kernel.bytes(at, length));
    return output.subarray(0, length);
  }

  /** Where the first byte stands in the module's memory, each before the one that it follows. */
  private firstOf(bytes: Uint8Array): Address {
    const { fileBytes, functions } = this.kernel;
    return fileBytes.holding(bytes, functions.reverseBytes) + bytes.length - 1;
  }

  private numbersOf(faults: Address): [number, number] {
    const [first, second] = this.kernel.float64s(faults, 2);
    return [first, second];
  }
}
