import { createRequire } from 'node:module';
import type NodeWav from 'node-wav';
import { RecordingError } from '../../errors.js';
import { A_LAW, MU_LAW } from './companding.js';
import { int16Amplitudes } from './int16-amplitudes.js';
import type { WavFormat } from './wav-format.js';
import { WAV_HEADER_BYTES, wavHeader } from './wav-writer.js';

/** Loaded with the first file that needs it: imported, it took 14 ms of processor time of every thread that screens. */
let nodeWav: typeof NodeWav | undefined;

/**
 * Decodes frames of a WAV file to the amplitudes of one channel.
 *
 * Integers are divided by full scale, exactly: a 16-bit sample k gives k / 32768, bit for bit what the training tools
 * compute, and so for 8 (less the offset of 128), 24 and 32 bits. Floats come out as they are.
 *
 * @param frames whole frames: a multiple of `format.bytesPerFrame` bytes, at any offset in their buffer
 * @param channel 0 for the first
 * @returns one amplitude a frame, in a new array that the caller owns; a float file's may be beyond ±1 or NaN, which
 *   {@link FloatCheck} is there to find
 */
export function decodeChannel(frames: Uint8Array, format: WavFormat, channel = 0): Float64Array {
  const at = channel * format.bytesPerSample;
  if (format.encoding === 'mulaw') return expand(frames, format, at, MU_LAW);
  if (format.encoding === 'alaw') return expand(frames, format, at, A_LAW);
  if (format.isBigEndian === true || format.isSigned8 === true) {
    return decodeChannel(
      asInWav(frames, format),
      { ...format, isBigEndian: false, isSigned8: false },
      channel,
    );
  }
  // node-wav gives 32-bit floats whatever the file holds: 2147483584 and 2147483647 of a 32-bit file both come out as
  // 1, and 0.1 of a 64-bit one as 0.10000000149011612. These two are read here.
  if (format.bytesPerSample === 4 && format.encoding === 'integer') return readInt32(frames, format, at);
  if (format.bytesPerSample === 8) return readFloat64(frames, format, at);
  // What nearly every file holds; by way of node-wav it took twice as long.
  if (format.bytesPerSample === 2) return int16Amplitudes(frames, format.bytesPerFrame, at, 2 ** -15);

  nodeWav ??= createRequire(import.meta.url)('node-wav') as typeof NodeWav;
  const decoded = nodeWav.decode(monoFile(frames, format, at)).channelData[0];
  return format.encoding === 'float'
    ? new Float64Array(decoded)
    : divideByFullScale(decoded, format.bytesPerSample * 8);
}

function expand(frames: Uint8Array, { bytesPerFrame }: WavFormat, at: number, law: Int16Array): Float64Array {
  const amplitudes = new Float64Array(frames.length / bytesPerFrame);
  for (let i = 0; i < amplitudes.length; i++) amplitudes[i] = law[frames[at + i * bytesPerFrame]] / 2 ** 15;
  return amplitudes;
}

/** The bytes in WAV's order, and single bytes with its offset. */
function asInWav(frames: Uint8Array, { bytesPerSample, isBigEndian, isSigned8 }: WavFormat): Uint8Array {
  const bytes = frames.slice();
  if (bytesPerSample === 1) {
    if (isSigned8 === true) for (let i = 0; i < bytes.length; i++) bytes[i] ^= 0x80;
    return bytes;
  }
  if (isBigEndian === true) {
    for (let at = 0; at < bytes.length; at += bytesPerSample)
      bytes.subarray(at, at + bytesPerSample).reverse();
  }
  return bytes;
}

/**
 * Undoes node-wav's scaling. It divides negative samples by full scale, as we do, but the others by full scale less
 * one: 16384 and -16384 come out as 0.5000152 and -0.5. It also reads the 24-bit integer -8388608 as +8388608.
 *
 * A 32-bit float tells up to 24-bit integers apart, so that rounding finds the very integer again: it does for each of
 * the 8-, 16- and 24-bit ones (the tests try them all but for the 24-bit ones, of which they try a part).
 */
function divideByFullScale(decoded: Float32Array, bits: number): Float64Array {
  const fullScale = 2 ** (bits - 1);
  const amplitudes = new Float64Array(decoded.length);
  for (let i = 0; i < decoded.length; i++) {
    const value = decoded[i];
    if (value < 0) {
      amplitudes[i] = value;
    } else {
      const integer = Math.round(value * (fullScale - 1));
      amplitudes[i] = integer === fullScale ? -1 : integer / fullScale;
    }
  }
  return amplitudes;
}

/**
 * The channel whose samples stand at byte `at` of a frame, as a WAV file that node-wav reads right: alone in its ArrayBuffer (it fails or stops early on a
 * view with an offset), with a plain 44-byte header (it refuses an extensible one) that claims just what follows.
 */
function monoFile(
  frames: Uint8Array,
  { bytesPerSample, bytesPerFrame, encoding: coding }: WavFormat,
  at: number,
): ArrayBuffer {
  const encoding = coding === 'float' ? 'float' : 'integer';
  const dataBytes = (frames.length / bytesPerFrame) * bytesPerSample;
  const file = new Uint8Array(WAV_HEADER_BYTES + dataBytes);
  const bitsPerSample = (bytesPerSample * 8) as 8 | 16 | 24 | 32;
  // The rate is not handed on: node-wav only repeats it.
  file.set(wavHeader({ sampleRateHz: 1000, bitsPerSample, dataBytes, encoding }));
  if (bytesPerSample === bytesPerFrame) {
    file.set(frames, WAV_HEADER_BYTES);
    return file.buffer;
  }
  let to = WAV_HEADER_BYTES;
  for (let from = at; from < frames.length; from += bytesPerFrame) {
    for (let byte = 0; byte < bytesPerSample; byte++) file[to++] = frames[from + byte];
  }
  return file.buffer;
}

function readInt32(frames: Uint8Array, { bytesPerFrame }: WavFormat, at: number): Float64Array {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
  const amplitudes = new Float64Array(frames.length / bytesPerFrame);
  for (let i = 0; i < amplitudes.length; i++)
    amplitudes[i] = view.getInt32(at + i * bytesPerFrame, true) / 2 ** 31;
  return amplitudes;
}

function readFloat64(frames: Uint8Array, { bytesPerFrame }: WavFormat, at: number): Float64Array {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
  const amplitudes = new Float64Array(frames.length / bytesPerFrame);
  for (let i = 0; i < amplitudes.length; i++) amplitudes[i] = view.getFloat64(at + i * bytesPerFrame, true);
  return amplitudes;
}

/** Floats of unscaled 32-bit integers reach this far; what lies beyond comes from bytes that are no samples. */
const MAX_MAGNITUDE = 2 ** 31;

/**
 * Looks through the samples of a float file for what is no amplitude: NaN, infinite, or beyond any converter's scale.
 * One such value in a recursive filter would stay there for ever.
 */
export class FloatCheck {
  private readonly name: string;
  private readonly sampleRateHz: number;
  private checked = 0;
  private unusable = 0;
  private firstUnusable: { sample: number; value: number } | undefined;
  private peak = 0;

  constructor(name: string, sampleRateHz: number) {
    this.name = name;
    this.sampleRateHz = sampleRateHz;
  }

  push(samples: Float64Array): void {
    for (let i = 0; i < samples.length; i++) {
      const magnitude = Math.abs(samples[i]);
      if (magnitude <= MAX_MAGNITUDE) {
        if (magnitude > this.peak) this.peak = magnitude;
      } else {
        this.unusable++;
        this.firstUnusable ??= { sample: this.checked + i, value: samples[i] };
      }
    }
    this.checked += samples.length;
  }

  /**
   * @returns what a person should know: that samples go beyond full scale
   * @throws RecordingError where a sample is unusable, with their number and the first one's place
   */
  finish(): string[] {
    if (this.firstUnusable !== undefined) {
      const { sample, value } = this.firstUnusable;
      throw new RecordingError(
        `${this.name}: samples must be finite numbers within ±${MAX_MAGNITUDE}, got ${this.unusable} of ${this.checked} that are not, ` +
          `the first at sample ${sample} (${(sample / this.sampleRateHz).toFixed(3)} s): ${value}; ` +
          'the program that wrote the file made them: export it again, best as 16-bit integers',
      );
    }
    // +1 itself is what many programs take for full scale.
    return this.peak > 1
      ? [`samples reach ${this.peak.toPrecision(3)} times full scale; they are screened as they are`]
      : [];
  }
}
