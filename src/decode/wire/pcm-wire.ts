import { ConfigurationError } from '../../errors.js';
import { ChannelChoice, type ChosenChannel } from '../channel-choice.js';
import { PCM_FORMATS, type PcmFormat } from './pcm-formats.js';
import type { PlainWireDecoder } from './plain-wire.js';
import type { Sampled } from '../samples.js';

export interface PcmWireOptions {
  readonly format: PcmFormat;
  /** That stand in turn, default 1. */
  readonly channels?: number;
  /** The one that is read, 0 for the first. */
  readonly channel?: number;
  /** Compare the channels as they come, so that {@link PcmWire.chooseChannel} can tell; needs the rate. */
  readonly comparedAtHz?: number;
}

export const MAX_CHANNELS = 64;
/** Amplitudes beyond come from bytes that are no samples. */
const MAX_MAGNITUDE = 2 ** 31;

/**
 * Raw little-endian samples of one or more channels in turn, of which one is read; see {@link PCM_FORMATS}.
 *
 * 16- and 24-bit integers are divided by full scale, exactly. 32-bit integers and floats are rounded to 24 bits, as
 * sessions store them, so that a stored recording is the one that was screened; what is beyond full scale becomes full
 * scale. A float that is no number is a lost sample. As on any wire without marks, nothing tells where a sample begins:
 * the first byte is taken for the first of a frame.
 */
export class PcmWire implements PlainWireDecoder {
  readonly bitsPerSample: 16 | 24;
  readonly fullScale: number;
  private readonly format: PcmFormat;
  private readonly frameBytes: number;
  private readonly channels: number;
  private readonly channel: number;
  private readonly choice: ChannelChoice | undefined;
  /** Beginning of a frame whose rest has not come yet. */
  private rest = new Uint8Array(0);
  private next = 0;

  constructor({ format, channels = 1, channel = 0, comparedAtHz }: PcmWireOptions) {
    if (!Number.isInteger(channels) || channels < 1 || channels > MAX_CHANNELS) {
      throw new ConfigurationError(`channels must be an integer in 1..${MAX_CHANNELS}, got ${channels}`);
    }
    if (!Number.isInteger(channel) || channel < 0 || channel >= channels) {
      throw new ConfigurationError(`the channel must be one of 1..${channels}, got ${channel + 1}`);
    }
    this.format = format;
    this.bitsPerSample = PCM_FORMATS[format].bits;
    this.fullScale = 2 ** (this.bitsPerSample - 1);
    this.channels = channels;
    this.channel = channel;
    this.frameBytes = channels * PCM_FORMATS[format].bytes;
    if (comparedAtHz !== undefined && channels > 1) this.choice = new ChannelChoice(channels, comparedAtHz);
  }

  push(bytes: Uint8Array): Sampled[] {
    let whole = bytes;
    if (this.rest.length > 0) {
      whole = new Uint8Array(this.rest.length + bytes.length);
      whole.set(this.rest);
      whole.set(bytes, this.rest.length);
    }
    const frames = Math.floor(whole.length / this.frameBytes);
    this.rest = whole.slice(frames * this.frameBytes);
    if (frames === 0) return [];
    const samples = this.read(whole, frames, this.channel);
    this.choice?.push(
      Array.from({ length: this.channels }, (_, channel) =>
        channel === this.channel ? samples : this.read(whole, frames, channel),
      ),
    );
    return this.place(samples);
  }

  /** What came of a last frame that was cut is one lost sample. */
  finish(): Sampled[] {
    if (this.rest.length === 0) return [];
    this.rest = new Uint8Array(0);
    this.next += 1;
    return [{ kind: 'gap', atSample: this.next - 1, lostSamples: 1, cause: 'lost' }];
  }

  /** As new, but for the comparison of channels. */
  reset(): void {
    this.rest = new Uint8Array(0);
    this.next = 0;
  }

  /** The channel to read, by all that has come; the first where they were not compared or nothing has come. */
  chooseChannel(): ChosenChannel {
    return this.choice === undefined || this.next === 0 ? { index: 0, passedOver: [] } : this.choice.decide();
  }

  private read(bytes: Uint8Array, frames: number, channel: number): Float64Array {
    const { format, frameBytes } = this;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const samples = new Float64Array(frames);
    let at = channel * PCM_FORMATS[format].bytes;
    for (let i = 0; i < frames; i++, at += frameBytes) samples[i] = readSample(view, at, format);
    return samples;
  }

  /** Chunks and, where floats are no numbers, gaps. */
  private place(samples: Float64Array): Sampled[] {
    const placed: Sampled[] = [];
    let begin = 0;
    while (begin < samples.length) {
      const isLost = Number.isNaN(samples[begin]);
      let end = begin + 1;
      while (end < samples.length && Number.isNaN(samples[end]) === isLost) end++;
      if (isLost) placed.push({ kind: 'gap', atSample: this.next, lostSamples: end - begin, cause: 'lost' });
      else {
        const whole = begin === 0 && end === samples.length;
        placed.push({
          kind: 'samples',
          firstSample: this.next,
          samples: whole ? samples : samples.slice(begin, end),
        });
      }
      this.next += end - begin;
      begin = end;
    }
    return placed;
  }
}

function readSample(view: DataView, at: number, format: PcmFormat): number {
  switch (format) {
    case 's16le':
      return view.getInt16(at, true) / 2 ** 15;
    case 's24le':
      return ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 2 ** 23;
    case 's32le':
      return to24Bits(view.getInt32(at, true) / 2 ** 31);
    case 'f32le': {
      const value = view.getFloat32(at, true);
      return Math.abs(value) <= MAX_MAGNITUDE ? to24Bits(value) : NaN;
    }
  }
}

function to24Bits(amplitude: number): number {
  return Math.min(Math.max(Math.round(amplitude * 2 ** 23), -(2 ** 23)), 2 ** 23 - 1) / 2 ** 23;
}
