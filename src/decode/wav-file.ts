import { ConfigurationError, RecordingError } from '../errors.js';
import type { SampleChunk, SourceFormat } from './samples.js';
import { WavBytes } from './wav-bytes.js';
import { scanWav, type WavLayout } from './wav-riff.js';
import { decodeFirstChannel, FloatCheck } from './wav-samples.js';

/** What a WAV file says of itself, checked against what it holds. */
export interface WavInfo extends SourceFormat {
  /** Channels of the file, of which the first is read. */
  readonly channels: number;
  /** Samples of the first channel that the file really holds. */
  readonly totalSamples: number;
  /** What a person should know before believing a result: cut short, further channels… A sentence each. */
  readonly notices: readonly string[];
}

/** A WAV file decoded whole. */
export interface DecodedWav extends WavInfo {
  /** The first channel, integers divided by full scale. The receiver owns the array. */
  readonly samples: Float64Array;
}

/** What is decoded whole takes 8 bytes a sample: 256 MiB at this length, 4.6 hours at 2,000 Hz. */
export const MAX_WHOLE_SAMPLES = 2 ** 25;

const DEFAULT_CHUNK_SAMPLES = 4096;
const MAX_CHUNK_SAMPLES = 2 ** 20;
/**
 * One read from the disk, and so what a recording of any length takes in memory, but for the chunk itself. A frame has
 * 65,535 bytes at most, so that some always fit.
 */
const READ_BYTES = 256 * 1024;
/** The first read, which in most files holds everything before the samples. */
const HEAD_BYTES = 4096;

/**
 * Reads a WAV file that is in memory.
 *
 * @param bytes the whole file; any view into any buffer
 * @param name what error messages call it
 * @throws RecordingError for a file that cannot be read, or of more than {@link MAX_WHOLE_SAMPLES} samples
 */
export function decodeWav(bytes: Uint8Array, name = 'WAV data'): DecodedWav {
  const scan = scanWav(name, bytes.length);
  let step = scan.next();
  while (!step.done) {
    const { offset, length } = step.value;
    step = scan.next(bytes.subarray(offset, offset + length));
  }
  const { format, dataOffset, totalSamples, notices } = step.value;
  checkWholeLength(name, totalSamples);
  const dataEnd = dataOffset + totalSamples * format.bytesPerFrame;
  const samples = decodeFirstChannel(bytes.subarray(dataOffset, dataEnd), format);
  const { sampleRateHz, bitsPerSample, channels } = format;
  const info = { sampleRateHz, bitsPerSample, channels, totalSamples, samples };
  if (format.encoding === 'integer') return { ...info, notices };
  const check = new FloatCheck(name, sampleRateHz);
  check.push(samples);
  return { ...info, notices: [...notices, ...check.finish()] };
}

/**
 * Opens a WAV file and checks it; its samples are then read chunk by chunk, in memory that does not grow with the
 * file. A float file is read through once here, so that what is no number is found before the first chunk.
 *
 * @throws RecordingError for a file that cannot be read, with what is wrong with it and the remedy
 */
export async function openWav(path: string): Promise<WavRecording> {
  const bytes = await WavBytes.open(path);
  try {
    const layout = await scanFile(bytes);
    const recording = new WavRecording(bytes, layout);
    if (layout.format.encoding === 'integer') return recording;
    const notices = [...layout.notices, ...(await recording.checkFloats())];
    return new WavRecording(bytes, { ...layout, notices });
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/**
 * Reads a WAV file whole.
 *
 * @throws RecordingError as {@link openWav} does, and for more than {@link MAX_WHOLE_SAMPLES} samples
 */
export async function readWav(path: string): Promise<DecodedWav> {
  const recording = await openWav(path);
  try {
    const { sampleRateHz, bitsPerSample, channels, totalSamples, notices } = recording;
    checkWholeLength(path, totalSamples);
    const samples = new Float64Array(totalSamples);
    for await (const chunk of recording.chunks(MAX_CHUNK_SAMPLES))
      samples.set(chunk.samples, chunk.firstSample);
    return { sampleRateHz, bitsPerSample, channels, totalSamples, notices, samples };
  } finally {
    await recording.close();
  }
}

/** An open WAV file. {@link openWav} makes it; whoever has it closes it. */
export class WavRecording implements WavInfo {
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
  readonly channels: number;
  readonly totalSamples: number;
  readonly notices: readonly string[];
  private readonly bytes: WavBytes;
  private readonly layout: WavLayout;

  constructor(bytes: WavBytes, layout: WavLayout) {
    this.sampleRateHz = layout.format.sampleRateHz;
    this.bitsPerSample = layout.format.bitsPerSample;
    this.channels = layout.format.channels;
    this.totalSamples = layout.totalSamples;
    this.notices = layout.notices;
    this.bytes = bytes;
    this.layout = layout;
  }

  /**
   * The samples from the first to the last, as fast as they are asked for. Every call begins anew.
   *
   * @param chunkSamples samples a chunk, 1..1,048,576; the last chunk may be shorter. What is read from the disk at
   *   once does not depend on it
   * @throws RecordingError where the file can no longer be read or became shorter since it was opened
   */
  async *chunks(chunkSamples = DEFAULT_CHUNK_SAMPLES): AsyncGenerator<SampleChunk, void, undefined> {
    if (!Number.isInteger(chunkSamples) || chunkSamples < 1 || chunkSamples > MAX_CHUNK_SAMPLES) {
      throw new ConfigurationError(
        `chunkSamples must be an integer in 1..${MAX_CHUNK_SAMPLES}, got ${chunkSamples}`,
      );
    }
    // Floats are checked once more than in openWav: somebody may have written to the file since.
    const check = this.floatCheck();
    let block: Float64Array = new Float64Array(0);
    let used = 0;
    let blockEnd = 0;
    for (let firstSample = 0; firstSample < this.totalSamples; firstSample += chunkSamples) {
      const samples = new Float64Array(Math.min(chunkSamples, this.totalSamples - firstSample));
      for (let filled = 0; filled < samples.length;) {
        if (used === block.length) {
          block = await this.readBlock(blockEnd);
          blockEnd += block.length;
          used = 0;
          check?.push(block);
          check?.finish();
        }
        const part = block.subarray(used, used + samples.length - filled);
        samples.set(part, filled);
        filled += part.length;
        used += part.length;
      }
      yield { kind: 'samples', firstSample, samples };
    }
  }

  /**
   * Reads a float file through.
   *
   * @returns notices; none for a file of integers
   * @throws RecordingError where a sample is no usable number
   */
  async checkFloats(): Promise<string[]> {
    const check = this.floatCheck();
    if (check === undefined) return [];
    for (let at = 0; at < this.totalSamples;) {
      const block = await this.readBlock(at);
      check.push(block);
      at += block.length;
    }
    return check.finish();
  }

  async close(): Promise<void> {
    await this.bytes.close();
  }

  private floatCheck(): FloatCheck | undefined {
    if (this.layout.format.encoding === 'integer') return undefined;
    return new FloatCheck(this.bytes.path, this.sampleRateHz);
  }

  private async readBlock(firstSample: number): Promise<Float64Array> {
    const { format, dataOffset } = this.layout;
    const wanted = Math.floor(READ_BYTES / format.bytesPerFrame);
    const length = Math.min(wanted, this.totalSamples - firstSample) * format.bytesPerFrame;
    const frames = await this.bytes.read(dataOffset + firstSample * format.bytesPerFrame, length);
    return decodeFirstChannel(frames, format);
  }
}

async function scanFile(bytes: WavBytes): Promise<WavLayout> {
  const scan = scanWav(bytes.path, bytes.size);
  const head = await bytes.read(0, HEAD_BYTES);
  let step = scan.next();
  while (!step.done) {
    const { offset, length } = step.value;
    step = scan.next(
      offset + length <= head.length
        ? head.subarray(offset, offset + length)
        : await bytes.read(offset, length),
    );
  }
  return step.value;
}

function checkWholeLength(name: string, totalSamples: number): void {
  if (totalSamples <= MAX_WHOLE_SAMPLES) return;
  throw new RecordingError(
    `${name}: must hold at most ${MAX_WHOLE_SAMPLES} samples to be read whole, got ${totalSamples}; cut it into shorter files`,
  );
}
