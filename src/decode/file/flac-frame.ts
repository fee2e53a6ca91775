import { flacFrameBytes } from './flac-amplitudes.js';
import { FlacBits, FlacDamage } from './flac-bits.js';
import { FlacChannels, type FlacLayout } from './flac-channels.js';
import { flacCrc8 } from './flac-crc8.js';
import type { FlacStreamInfo } from './flac-stream-info.js';

/** One decoded frame, valid until the next. */
export interface FlacFrame {
  /** Samples of one channel. */
  readonly blockSize: number;
  /** All samples, see {@link FlacChannels.stored}; the decoder's own array. */
  readonly stored: Uint8Array;
  /** Bytes that the frame takes. */
  readonly byteLength: number;
}

/** A header of the longest kind: sync and codes 4, number 7, block size 2, rate 2, checksum 1. */
const MAX_HEADER_BYTES = 16;
/** A subframe's header with its predictor: type 1, wasted bits up to 5, 32 taps of 15 bits, and 2^15 parameters. */
const MAX_SUBFRAME_OVERHEAD_BYTES = 64 + 2 ** 15;

/** More bytes than any sensible frame of the stream takes: what an encoder that gains nothing would store verbatim. */
export function maxFrameBytes(info: FlacStreamInfo): number {
  const sampleBytes = Math.ceil((info.maxBlockSize * (info.bitsPerSample + 1)) / 8);
  return MAX_HEADER_BYTES + info.channels * (sampleBytes + MAX_SUBFRAME_OVERHEAD_BYTES) + 2;
}

/**
 * Decodes FLAC frames, one after the other, and checks each: both checksums, that it is the one that must follow, and
 * that it has the format the stream announced.
 *
 * @see RFC 9639, section 9
 */
export class FlacFrameDecoder {
  private readonly bits = new FlacBits();
  private readonly channels = new FlacChannels();
  private frameIndex = 0;
  private samplesSoFar = 0;

  /** Out of the module's memory, which other files that are read meanwhile use too. */
  private readonly stored: Uint8Array;

  constructor(private readonly info: FlacStreamInfo) {
    this.stored = new Uint8Array(info.maxBlockSize * flacFrameBytes(info));
  }

  reset(): void {
    this.frameIndex = 0;
    this.samplesSoFar = 0;
  }

  /**
   * Decodes the frame at `offset`; nothing from `end` on is read. The bytes must not change from one frame to the next.
   *
   * @throws FlacDamage
   */
  execute(bytes: Uint8Array, offset: number, end: number): FlacFrame {
    const { bits } = this;
    bits.reset(bytes, offset, end);
    const layout = this.readHeader(bytes, offset);
    const { blockSize } = layout;
    this.channels.read(bits, bytes, end, layout);
    if (!bits.align()) throw new FlacDamage('its padding must be zero');
    const bodyEnd = bits.byteOffset;
    if (bits.unsigned(16) !== this.channels.crc16(bytes, offset, bodyEnd)) {
      throw new FlacDamage('its checksum does not fit');
    }
    const stored = this.channels.stored(layout, this.stored);
    this.frameIndex++;
    this.samplesSoFar += blockSize;
    return { blockSize, stored, byteLength: bits.byteOffset - offset };
  }

  private readHeader(bytes: Uint8Array, offset: number): FlacLayout {
    const { bits, info } = this;
    if (bits.unsigned(15) !== 0x7ffc) throw new FlacDamage('no frame begins here');
    const variableBlocks = bits.unsigned(1) === 1;
    const blockCode = bits.unsigned(4);
    const rateCode = bits.unsigned(4);
    const channelCode = bits.unsigned(4);
    const widthCode = bits.unsigned(3);
    if (bits.unsigned(1) !== 0) throw new FlacDamage("a reserved bit of the frame's header is set");
    const number = readCodedNumber(bits);
    const blockSize = blockSizeOf(blockCode, bits);
    const sampleRateHz = rateOf(rateCode, bits) ?? info.sampleRateHz;
    const headerEnd = bits.byteOffset;
    if (bits.unsigned(8) !== flacCrc8(bytes, offset, headerEnd)) {
      throw new FlacDamage('the checksum of its header does not fit');
    }

    const channels = channelCode < 8 ? channelCode + 1 : 2;
    if (channelCode > 10) throw new FlacDamage(`channels are arranged in the reserved way ${channelCode}`);
    const bitsPerSample = widthOf(widthCode) ?? info.bitsPerSample;
    if (
      channels !== info.channels ||
      bitsPerSample !== info.bitsPerSample ||
      sampleRateHz !== info.sampleRateHz
    ) {
      throw new FlacDamage(
        `the format must not change within a recording from ${formatText(info)} to ` +
          formatText({ channels, bitsPerSample, sampleRateHz }),
      );
    }
    if (blockSize > info.maxBlockSize) {
      throw new FlacDamage(`a block must have at most ${info.maxBlockSize} samples, got ${blockSize}`);
    }
    const expected = variableBlocks ? this.samplesSoFar : this.frameIndex;
    if (number !== expected) {
      throw new FlacDamage(
        `${variableBlocks ? 'sample' : 'frame'} ${expected} must follow, got ${number}: a part is missing`,
      );
    }
    return { blockSize, channels, bitsPerSample, arrangement: channelCode };
  }
}

function formatText(format: { channels: number; bitsPerSample: number; sampleRateHz: number }): string {
  return `${format.channels} channel(s) of ${format.bitsPerSample} bits at ${format.sampleRateHz} Hz`;
}

/** A number of up to 36 bits, coded as UTF-8 extends. See RFC 9639, section 9.1.5. */
function readCodedNumber(bits: FlacBits): number {
  const first = bits.unsigned(8);
  if (first < 0x80) return first;
  const length = Math.clz32(~(first << 24));
  if (length < 2 || length > 7) throw new FlacDamage('its number is not coded as it must be');
  let value = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const next = bits.unsigned(8);
    if (next >> 6 !== 2) throw new FlacDamage('its number is not coded as it must be');
    value = value * 64 + (next & 0x3f);
  }
  return value;
}

/** See RFC 9639, section 9.1.1. */
function blockSizeOf(code: number, bits: FlacBits): number {
  if (code === 0) throw new FlacDamage('the block size is coded in a reserved way');
  if (code === 1) return 192;
  if (code <= 5) return 144 * 2 ** code;
  if (code === 6) return bits.unsigned(8) + 1;
  if (code === 7) return bits.unsigned(16) + 1;
  return 2 ** code;
}

const RATES_HZ = [88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000];

/** `undefined` where the stream's own holds. See RFC 9639, section 9.1.2. */
function rateOf(code: number, bits: FlacBits): number | undefined {
  if (code === 0) return undefined;
  if (code <= 11) return RATES_HZ[code - 1];
  if (code === 12) return bits.unsigned(8) * 1000;
  if (code === 13) return bits.unsigned(16);
  if (code === 14) return bits.unsigned(16) * 10;
  throw new FlacDamage('the sample rate is coded in a forbidden way');
}

const WIDTHS = [undefined, 8, 12, NaN, 16, 20, 24, 32];

/** `undefined` where the stream's own holds. See RFC 9639, section 9.1.4. */
function widthOf(code: number): number | undefined {
  const width = WIDTHS[code];
  if (Number.isNaN(width)) throw new FlacDamage('the bits of a sample are coded in a reserved way');
  return width;
}
