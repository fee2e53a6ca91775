import { ConfigurationError, RecordingError } from '../../errors.js';
import type { SampleChunk } from '../samples.js';

export const DEFAULT_CHUNK_SAMPLES = 4096;
export const MAX_CHUNK_SAMPLES = 2 ** 20;
/** What is read whole takes 8 bytes a sample: 256 MiB at this length, 4.6 hours at 2,000 Hz. */
export const MAX_WHOLE_SAMPLES = 2 ** 25;

/** What a recording's format has to offer so that it can be read in chunks. */
export interface BlockSource {
  readonly totalSamples: number;
  /**
   * One channel's samples from the first to the last, in new arrays of whatever length the format brings, `wanted` where it
   * can choose.
   */
  blocks(wanted: number): AsyncIterable<Float64Array>;
  /** @throws RecordingError where somebody wrote to the file since it was opened */
  checkUnchanged(): Promise<void>;
}

/**
 * Samples in chunks of one length, whatever the blocks. The receiver owns the arrays.
 *
 * The last chunk is handed on only once it is sure that the file stayed as it was: else its parts might belong to
 * different recordings.
 *
 * @param chunkSamples samples a chunk, 1..1,048,576; the last chunk may be shorter
 * @throws ConfigurationError for another chunk length; RecordingError where the file fails or has changed
 */
export async function* inChunks(
  source: BlockSource,
  chunkSamples = DEFAULT_CHUNK_SAMPLES,
): AsyncGenerator<SampleChunk, void, undefined> {
  if (!Number.isInteger(chunkSamples) || chunkSamples < 1 || chunkSamples > MAX_CHUNK_SAMPLES) {
    throw new ConfigurationError(
      `chunkSamples must be an integer in 1..${MAX_CHUNK_SAMPLES}, got ${chunkSamples}`,
    );
  }
  const { totalSamples } = source;
  let firstSample = 0;
  let begun: Float64Array | undefined;
  let filled = 0;
  for await (const block of source.blocks(chunkSamples)) {
    for (let used = 0; used < block.length;) {
      const length = Math.min(chunkSamples, totalSamples - firstSample);
      let samples = block;
      // A block that is a chunk already is handed on as it is.
      if (used > 0 || begun !== undefined || block.length !== length) {
        samples = begun ??= new Float64Array(length);
        const part = block.subarray(used, used + length - filled);
        samples.set(part, filled);
        filled += part.length;
        used += part.length;
        if (filled < length) continue;
      } else used = length;
      const next = firstSample + length;
      if (next === totalSamples) await source.checkUnchanged();
      yield { kind: 'samples', firstSample, samples };
      if (next === totalSamples) return;
      firstSample = next;
      filled = 0;
      begun = undefined;
    }
  }
}

/** @throws RecordingError for more than {@link MAX_WHOLE_SAMPLES} samples */
export function checkWholeLength(name: string, totalSamples: number): void {
  if (totalSamples <= MAX_WHOLE_SAMPLES) return;
  throw new RecordingError(
    `${name}: must hold at most ${MAX_WHOLE_SAMPLES} samples to be read whole, got ${totalSamples}; cut it into ` +
      'shorter files (`lubdub classify` takes it as it is)',
  );
}

/**
 * Reads all samples into one array that the caller owns.
 *
 * @param name what messages call the recording
 * @throws RecordingError as {@link checkWholeLength} and `chunks` do
 */
export async function readWhole(
  name: string,
  recording: {
    readonly totalSamples: number;
    chunks(chunkSamples: number): AsyncIterable<SampleChunk>;
  },
): Promise<Float64Array> {
  checkWholeLength(name, recording.totalSamples);
  const whole = new Float64Array(recording.totalSamples);
  for await (const { firstSample, samples } of recording.chunks(2 ** 16)) whole.set(samples, firstSample);
  return whole;
}
