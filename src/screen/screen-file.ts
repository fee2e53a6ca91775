import { openRecording, type OpenRecordingOptions } from '../decode/recording-file.js';
import type { Emit, Screener, StoredScreeningOptions } from './screener.js';

/** A file is read in chunks of about a second: large enough to cost nothing, small enough to keep nothing waiting. */
const CHUNK_SECONDS = 1;

/**
 * Screens one stored recording through the same stages as a live one, as fast as the machine allows.
 *
 * @throws RecordingError for a file that cannot be read
 */
export async function screenFile(
  path: string,
  screener: Screener,
  emit: Emit,
  { channel, ...options }: OpenRecordingOptions & StoredScreeningOptions = {},
): Promise<void> {
  const recording = await openRecording(path, { channel });
  try {
    for (const message of recording.notices) emit({ kind: 'notice', file: path, message });
    const chunkSamples = Math.round(CHUNK_SECONDS * recording.sampleRateHz);
    await screener.screenStored(path, recording, recording.chunks(chunkSamples), emit, options);
  } finally {
    await recording.close();
  }
}
