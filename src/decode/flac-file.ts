import { createHash, type Hash } from 'node:crypto';

import { ConfigurationError, RecordingError } from '../errors.js';
import { FlacDamage } from './flac-bits.js';
import { FlacFrameDecoder, maxFrameBytes, type FlacFrame } from './flac-frame.js';
import { scanFlac, type FlacStreamInfo } from './flac-stream-info.js';
import type { SampleChunk } from './samples.js';
import { WavBytes } from './wav-bytes.js';
import type { WavInfo } from './wav-file.js';

const DEFAULT_CHUNK_SAMPLES = 4096;
const MAX_CHUNK_SAMPLES = 2 ** 20;
/** One read from the disk. */
const READ_BYTES = 256 * 1024;

/**
 * Opens a FLAC file and reads it through once, so that what is damaged is known before the first sample is believed:
 * every frame's checksums, the announced length and the checksum of all samples (MD5) must fit. A file that was cut
 * short or changed is refused, since nothing in it says what else is wrong.
 *
 * The samples are then decoded again chunk by chunk, in memory that does not grow with the file.
 *
 * There is no package behind this: of those for Node, one hands out damaged files as good ones and does not keep the
 * integers (measured: samples off by up to half a step), the other weighs more than the rest of lubdub together.
 *
 * @throws RecordingError with what is wrong and the remedy
 * @see RFC 9639
 */
export async function openFlac(path: string): Promise<FlacRecording> {
  const bytes = await WavBytes.open(path);
  try {
    const info = await scanFile(bytes);
    return new FlacRecording(bytes, info, await verify(bytes, info));
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/** An open FLAC file. {@link openFlac} makes it; whoever has it closes it. */
export class FlacRecording implements WavInfo {
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
  readonly channels: number;
  readonly totalSamples: number;
  readonly notices: readonly string[];
  private readonly bytes: WavBytes;
  private readonly info: FlacStreamInfo;

  constructor(bytes: WavBytes, info: FlacStreamInfo, totalSamples: number) {
    this.sampleRateHz = info.sampleRateHz;
    this.bitsPerSample = info.bitsPerSample;
    this.channels = info.channels;
    this.totalSamples = totalSamples;
    this.notices =
      info.channels > 1 ? [`${info.channels} channels: the first is screened, the others are not read`] : [];
    this.bytes = bytes;
    this.info = info;
  }

  /**
   * The first channel from the first sample to the last, integers divided by full scale, exactly: a 16-bit sample k
   * gives k / 32768. Every call begins anew; the receiver owns the arrays.
   *
   * @param chunkSamples samples a chunk, 1..1,048,576; the last chunk may be shorter
   * @throws RecordingError where the file can no longer be read or changed since it was opened
   */
  async *chunks(chunkSamples = DEFAULT_CHUNK_SAMPLES): AsyncGenerator<SampleChunk, void, undefined> {
    if (!Number.isInteger(chunkSamples) || chunkSamples < 1 || chunkSamples > MAX_CHUNK_SAMPLES) {
      throw new ConfigurationError(
        `chunkSamples must be an integer in 1..${MAX_CHUNK_SAMPLES}, got ${chunkSamples}`,
      );
    }
    const fullScale = 2 ** (this.bitsPerSample - 1);
    const chunkLength = (firstSample: number) => Math.min(chunkSamples, this.totalSamples - firstSample);
    let firstSample = 0;
    let samples = new Float64Array(chunkLength(0));
    let filled = 0;
    for await (const { channels, blockSize } of frames(this.bytes, this.info)) {
      const integers = channels[0];
      for (let used = 0; used < blockSize;) {
        const count = Math.min(blockSize - used, samples.length - filled);
        for (let i = 0; i < count; i++) samples[filled + i] = integers[used + i] / fullScale;
        used += count;
        filled += count;
        if (filled < samples.length) continue;
        yield { kind: 'samples', firstSample, samples };
        firstSample += filled;
        filled = 0;
        samples = new Float64Array(chunkLength(firstSample));
      }
    }
  }

  async close(): Promise<void> {
    await this.bytes.close();
  }
}

async function scanFile(bytes: WavBytes): Promise<FlacStreamInfo> {
  const scan = scanFlac(bytes.path, bytes.size);
  let step = scan.next();
  while (!step.done) step = scan.next(await bytes.read(step.value.offset, step.value.length));
  return step.value;
}

/** @returns samples of one channel that the file holds, at least 1 */
async function verify(bytes: WavBytes, info: FlacStreamInfo): Promise<number> {
  const md5 = info.md5 === null ? undefined : openMd5();
  let totalSamples = 0;
  for await (const frame of frames(bytes, info)) {
    totalSamples += frame.blockSize;
    md5?.update(storedBytes(frame, info.bitsPerSample));
  }
  if (totalSamples === 0) throw new RecordingError(`${bytes.path}: must hold one sample or more, got none`);
  if (md5 !== undefined && md5.digest('hex') !== info.md5) {
    throw new RecordingError(
      `${bytes.path}: its samples are not those that were written (the MD5 checksum does not fit); ` +
        'fetch or record it again',
    );
  }
  return totalSamples;
}

/** `undefined` where the operating system's security policy (FIPS) forbids MD5; the frames' own checksums remain. */
function openMd5(): Hash | undefined {
  try {
    return createHash('md5');
  } catch {
    return undefined;
  }
}

/** The samples of all channels in turn as FLAC's MD5 sees them: little-endian, in as few bytes as hold them. */
function storedBytes({ blockSize, channels }: FlacFrame, bitsPerSample: number): Uint8Array {
  const bytesPerSample = Math.ceil(bitsPerSample / 8);
  const bytes = new Uint8Array(blockSize * channels.length * bytesPerSample);
  let at = 0;
  for (let i = 0; i < blockSize; i++) {
    for (const samples of channels) {
      for (let byte = 0; byte < bytesPerSample; byte++) bytes[at++] = samples[i] >> (8 * byte);
    }
  }
  return bytes;
}

/**
 * Decodes all frames. Each is valid until the next.
 *
 * @throws RecordingError naming the time at which the file is damaged
 */
async function* frames(bytes: WavBytes, info: FlacStreamInfo): AsyncGenerator<FlacFrame, void, undefined> {
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
  { path, size }: WavBytes,
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
