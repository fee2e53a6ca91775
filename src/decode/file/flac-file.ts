import { createHash, type Hash } from 'node:crypto';

import { RecordingError } from '../../errors.js';
import { flacAmplitudes, flacFrameBytes } from './flac-amplitudes.js';
import { FlacDamage } from './flac-bits.js';
import { FlacFrameDecoder, maxFrameBytes, type FlacFrame } from './flac-frame.js';
import { scanFlac, type FlacStreamInfo } from './flac-stream-info.js';
import { inChunks } from './recording-chunks.js';
import type { RecordingFile } from './recording.js';
import type { SampleChunk } from '../samples.js';
import { FileBytes } from './file-bytes.js';

/** Samples of up to so many bytes are kept from the check for the reading: 35 minutes of 16 bits at 2,000 Hz. */
const MOST_KEPT_BYTES = 8 * 2 ** 20;

/** One read from the disk. */
const READ_BYTES = 256 * 1024;

/**
 * Opens a FLAC file, of which the first channel is read, and reads it through once, so that what is damaged is known before the first sample is believed:
 * every frame's checksums, the announced length and the checksum of all samples (MD5) must fit. A file that was cut
 * short or changed is refused, since nothing in it says what else is wrong.
 *
 * The samples of a longer file are then decoded again chunk by chunk, in memory that does not grow with it.
 *
 * There is no package behind this: of those for Node, one hands out damaged files as good ones and does not keep the
 * integers (measured: samples off by up to half a step), the other weighs more than the rest of lubdub together.
 *
 * @throws RecordingError with what is wrong and the remedy
 * @see RFC 9639
 */
export async function openFlac(path: string): Promise<FlacRecording> {
  const bytes = await FileBytes.open(path);
  try {
    return await FlacRecording.scan(bytes);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/** An open FLAC file, of which one channel is read. Whoever has it closes it. */
export class FlacRecording implements RecordingFile {
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
  readonly channels: number;
  readonly channel: number;
  readonly totalSamples: number;
  readonly notices: readonly string[];
  private readonly bytes: FileBytes;
  private readonly info: FlacStreamInfo;
  private readonly checked: CheckedFlac;
  private readonly index: number;

  private constructor(
    bytes: FileBytes,
    info: FlacStreamInfo,
    checked: CheckedFlac,
    index: number,
    notices: readonly string[],
  ) {
    this.sampleRateHz = info.sampleRateHz;
    this.bitsPerSample = info.bitsPerSample;
    this.channels = info.channels;
    this.channel = index + 1;
    this.totalSamples = checked.totalSamples;
    this.checked = checked;
    this.notices = notices;
    this.bytes = bytes;
    this.info = info;
    this.index = index;
  }

  /** @returns the file, all of it checked */
  static async scan(bytes: FileBytes): Promise<FlacRecording> {
    const info = await bytes.scan(scanFlac(bytes.path, bytes.size));
    return new FlacRecording(bytes, info, await verify(bytes, info), 0, []);
  }

  /** The same open file with another channel. @param index 0 for the first channel */
  select(index: number, notices: readonly string[] = []): Promise<FlacRecording> {
    return Promise.resolve(new FlacRecording(this.bytes, this.info, this.checked, index, notices));
  }

  /**
   * Samples of some channels, a frame at a time, integers divided by full scale, exactly: a 16-bit sample k gives
   * k / 32768.
   *
   * @param wanted samples at a time, of a file that was kept from its check; default all
   */
  async *blocks(
    indices: readonly number[],
    wanted = Infinity,
  ): AsyncGenerator<Float64Array[], void, undefined> {
    const { kept } = this.checked;
    if (kept === null) {
      for await (const { stored } of frames(this.bytes, this.info)) {
        yield indices.map((index) => flacAmplitudes(stored, this.info, index));
      }
      return;
    }
    const frameBytes = flacFrameBytes(this.info);
    for (let at = 0; at < this.totalSamples; at += wanted) {
      const piece = kept.subarray(at * frameBytes, (at + wanted) * frameBytes);
      yield indices.map((index) => flacAmplitudes(piece, this.info, index));
    }
  }

  /** The samples from the first to the last, as fast as they are asked for; see {@link inChunks}. Every call begins anew. */
  chunks(chunkSamples?: number): AsyncGenerator<SampleChunk, void, undefined> {
    const { totalSamples } = this;
    return inChunks(
      {
        totalSamples,
        blocks: (wanted) => this.selectedBlocks(wanted),
        checkUnchanged: () => this.bytes.checkUnchanged(),
      },
      chunkSamples,
    );
  }

  async close(): Promise<void> {
    await this.bytes.close();
  }

  private async *selectedBlocks(wanted: number): AsyncGenerator<Float64Array, void, undefined> {
    for await (const [block] of this.blocks([this.index], wanted)) yield block;
  }
}

/** What the check of a whole file found. */
interface CheckedFlac {
  /** Samples of one channel, at least 1. */
  readonly totalSamples: number;
  /** As a frame has them `stored`, `null` where they are too many to keep. */
  readonly kept: Uint8Array | null;
}

async function verify(bytes: FileBytes, info: FlacStreamInfo): Promise<CheckedFlac> {
  const md5 = info.md5 === null ? undefined : openMd5();
  let totalSamples = 0;
  const kept = roomFor(info);
  let used = 0;
  for await (const { blockSize, stored } of frames(bytes, info)) {
    totalSamples += blockSize;
    md5?.update(stored);
    kept?.set(stored, used);
    used += stored.length;
  }
  if (totalSamples === 0) throw new RecordingError(`${bytes.path}: must hold one sample or more, got none`);
  if (md5 !== undefined && md5.digest('hex') !== info.md5) {
    throw new RecordingError(
      `${bytes.path}: its samples are not those that were written (the MD5 checksum does not fit); ` +
        'fetch or record it again',
    );
  }
  return { totalSamples, kept };
}

/** Room for what is kept; `null` where the file does not say how many samples it has, or has more than is sensible. */
function roomFor(info: FlacStreamInfo): Uint8Array | null {
  const bytes = (info.totalSamples ?? Infinity) * flacFrameBytes(info);
  return bytes <= MOST_KEPT_BYTES ? new Uint8Array(bytes) : null;
}

/** `undefined` where the operating system's security policy (FIPS) forbids MD5; the frames' own checksums remain. */
function openMd5(): Hash | undefined {
  try {
    return createHash('md5');
  } catch {
    return undefined;
  }
}

/**
 * Decodes all frames. Each is valid until the next.
 *
 * @throws RecordingError naming the time at which the file is damaged
 */
async function* frames(bytes: FileBytes, info: FlacStreamInfo): AsyncGenerator<FlacFrame, void, undefined> {
  const decoder = new FlacFrameDecoder(info);
  const frameBytes = maxFrameBytes(info);
  let buffer: Uint8Array = new Uint8Array(0);
  let bufferOffset = info.framesOffset;
  let used = 0;
  let samples = 0;
  // What follows the announced samples is no audio: some taggers append an ID3v1 tag.
  while (info.totalSamples === null ? bufferOffset + used < bytes.size : samples < info.totalSamples) {
    if (buffer.length - used < frameBytes && bufferOffset + buffer.length < bytes.size) {
      bufferOffset += used;
      buffer = await bytes.read(bufferOffset, frameBytes + READ_BYTES);
      used = 0;
    }
    let frame: FlacFrame;
    try {
      frame = decoder.execute(buffer, used, buffer.length);
      samples += frame.blockSize;
      if (info.totalSamples !== null && samples > info.totalSamples) {
        throw new FlacDamage(`it goes beyond the ${info.totalSamples} samples that the file announces`);
      }
    } catch (error) {
      if (!(error instanceof FlacDamage)) throw error;
      throw damagedFrame(bytes, info, bufferOffset + used, samples, error);
    }
    used += frame.byteLength;
    yield frame;
  }
}

function damagedFrame(
  { path, size }: FileBytes,
  { sampleRateHz, totalSamples }: FlacStreamInfo,
  offset: number,
  samples: number,
  damage: FlacDamage,
): RecordingError {
  const seconds = (count: number) => `${(count / sampleRateHz).toFixed(2)} s`;
  const announced = totalSamples === null ? '' : ` of ${seconds(totalSamples)} announced`;
  const what = offset >= size ? 'it ends before its last samples' : damage.message;
  return new RecordingError(
    `${path}: is a damaged or incomplete FLAC file: after ${seconds(samples)}${announced}, at byte ${offset} of ${size}, ` +
      `${what}; fetch or record it again`,
    { cause: damage },
  );
}
