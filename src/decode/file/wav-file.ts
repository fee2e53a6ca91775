import { checkWholeLength, inChunks, readWhole } from './recording-chunks.js';
import type { RecordingFile, RecordingInfo } from './recording.js';
import type { SampleChunk } from '../samples.js';
import { scanBytes } from './scan.js';
import { FileBytes } from './file-bytes.js';
import { scanWav, type WavLayout } from './wav-riff.js';
import { decodeChannel, FloatCheck } from './wav-samples.js';

/** A WAV file decoded whole. */
export interface DecodedWav extends RecordingInfo {
  /** The first channel, integers divided by full scale. The receiver owns the array. */
  readonly samples: Float64Array;
}

/**
 * One read from the disk, and so what a recording of any length takes in memory, but for the chunk itself. A frame has
 * 65,535 bytes at most, so that some always fit.
 */
const READ_BYTES = 256 * 1024;
/**
 * Reads a WAV file that is in memory.
 *
 * @param bytes the whole file; any view into any buffer
 * @param name what error messages call it
 * @throws RecordingError for a file that cannot be read, or of more than `MAX_WHOLE_SAMPLES` samples
 */
export function decodeWav(bytes: Uint8Array, name = 'WAV data'): DecodedWav {
  const { format, dataOffset, totalSamples, notices } = scanBytes(scanWav(name, bytes.length), bytes);
  checkWholeLength(name, totalSamples);
  const dataEnd = dataOffset + totalSamples * format.bytesPerFrame;
  const samples = decodeChannel(bytes.subarray(dataOffset, dataEnd), format);
  const { sampleRateHz, bitsPerSample, channels } = format;
  const info = { sampleRateHz, bitsPerSample, channels, totalSamples, samples };
  if (format.encoding === 'integer') return { ...info, notices };
  const check = new FloatCheck(name, sampleRateHz);
  check.push(samples);
  return { ...info, notices: [...notices, ...check.finish()] };
}

/**
 * Opens a WAV file and checks it; the samples of its first channel are then read chunk by chunk, in memory that does not
 * grow with the file. A float file is read through once here, so that what is no number is found before the first chunk.
 *
 * @throws RecordingError for a file that cannot be read, with what is wrong with it and the remedy
 */
export async function openWav(path: string): Promise<WavRecording> {
  const bytes = await FileBytes.open(path);
  try {
    return await (await WavRecording.scan(bytes)).select(0);
  } catch (error) {
    await bytes.close();
    throw error;
  }
}

/**
 * Reads a WAV file whole.
 *
 * @throws RecordingError as {@link openWav} does, and for more than `MAX_WHOLE_SAMPLES` samples
 */
export async function readWav(path: string): Promise<DecodedWav> {
  const recording = await openWav(path);
  try {
    const { sampleRateHz, bitsPerSample, channels, totalSamples, notices } = recording;
    const samples = await readWhole(path, recording);
    return { sampleRateHz, bitsPerSample, channels, totalSamples, notices, samples };
  } finally {
    await recording.close();
  }
}

/** An open WAV file, of which one channel is read. Whoever has it closes it. */
export class WavRecording implements RecordingFile {
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
  readonly channels: number;
  readonly channel: number;
  readonly totalSamples: number;
  readonly notices: readonly string[];
  readonly lossyCodec: string | null;
  private readonly bytes: FileBytes;
  private readonly layout: WavLayout;
  private readonly index: number;

  private constructor(
    bytes: FileBytes,
    layout: WavLayout,
    index: number,
    notices: readonly string[],
    lossyCodec: string | null,
  ) {
    this.lossyCodec = lossyCodec;
    this.sampleRateHz = layout.format.sampleRateHz;
    this.bitsPerSample = layout.format.bitsPerSample;
    this.channels = layout.format.channels;
    this.channel = index + 1;
    this.totalSamples = layout.totalSamples;
    this.notices = notices;
    this.bytes = bytes;
    this.layout = layout;
    this.index = index;
  }

  /** @returns the file, whose samples have not been looked at; {@link select} does that */
  static async scan(bytes: FileBytes): Promise<WavRecording> {
    const layout = await bytes.scan(scanWav(bytes.path, bytes.size));
    return WavRecording.laidOut(bytes, layout);
  }

  /**
   * A file whose samples were found otherwise, as {@link scan} gives it.
   *
   * @param lossyCodec the codec that they went through
   */
  static laidOut(bytes: FileBytes, layout: WavLayout, lossyCodec: string | null = null): WavRecording {
    return new WavRecording(bytes, layout, 0, layout.notices, lossyCodec);
  }

  /**
   * The same open file with another channel, checked.
   *
   * @param index 0 for the first channel
   * @throws RecordingError where a sample of a float file is no usable number
   */
  async select(index: number, notices: readonly string[] = []): Promise<WavRecording> {
    const check = this.floatCheck();
    if (check !== undefined) for await (const [block] of this.blocks([index])) check.push(block);
    const all = [...this.layout.notices, ...notices, ...(check?.finish() ?? [])];
    return new WavRecording(this.bytes, this.layout, index, all, this.lossyCodec);
  }

  /**
   * Samples of some channels, in new arrays.
   *
   * @param wanted samples at a time; default and at most what one read from the disk brings
   */
  async *blocks(
    indices: readonly number[],
    wanted = Infinity,
  ): AsyncGenerator<Float64Array[], void, undefined> {
    const { totalSamples } = this;
    const { format, dataOffset } = this.layout;
    const { bytesPerFrame } = format;
    const most = Math.floor(READ_BYTES / bytesPerFrame);
    const atOnce = Math.min(wanted, most);
    const readAtOnce = atOnce * Math.floor(most / atOnce);
    for (let at = 0; at < totalSamples; at += readAtOnce) {
      const length = Math.min(readAtOnce, totalSamples - at);
      const frames = await this.bytes.read(dataOffset + at * bytesPerFrame, length * bytesPerFrame);
      for (let from = 0; from < length; from += atOnce) {
        const piece = frames.subarray(from * bytesPerFrame, (from + atOnce) * bytesPerFrame);
        yield indices.map((index) => decodeChannel(piece, format, index));
      }
    }
  }

  /** The samples from the first to the last, as fast as they are asked for; see {@link inChunks}. Every call begins anew. */
  chunks(chunkSamples?: number): AsyncGenerator<SampleChunk, void, undefined> {
    const { totalSamples } = this;
    return inChunks(
      {
        totalSamples,
        blocks: (wanted) => this.checkedBlocks(wanted),
        checkUnchanged: () => this.bytes.checkUnchanged(),
      },
      chunkSamples,
    );
  }

  async close(): Promise<void> {
    await this.bytes.close();
  }

  /** Floats are checked once more than when the channel was selected: somebody may have written to the file since. */
  private async *checkedBlocks(wanted: number): AsyncGenerator<Float64Array, void, undefined> {
    const check = this.floatCheck();
    for await (const [block] of this.blocks([this.index], wanted)) {
      check?.push(block);
      check?.finish();
      yield block;
    }
  }

  private floatCheck(): FloatCheck | undefined {
    if (this.layout.format.encoding !== 'float') return undefined;
    return new FloatCheck(this.bytes.path, this.sampleRateHz);
  }
}
