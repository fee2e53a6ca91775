import { openRecording, type OpenRecordingOptions } from '../decode/file/recording-file.js';
import type { Emit, StoredScreening, StoredScreeningOptions } from './stored-screening.js';

/** So many samples at a time: enough to cost nothing a piece, and so few that they stay in the processor's cache. */
const CHUNK_SAMPLES = 16_384;

/**
 * Screens one stored recording through the same stages as a live one, as fast as the machine allows.
 *
 * @throws RecordingError for a file that cannot be read
 */
export async function screenFile(
  path: string,
  screener: Pick<StoredScreening, 'screenStored'>,
  emit: Emit,
  { channel, ...options }: OpenRecordingOptions & StoredScreeningOptions = {},
): Promise<void> {
  const recording = await openRecording(path, { channel });
  try {
    for (const message of recording.notices) emit({ kind: 'notice', file: path, message });
    await screener.screenStored(path, recording, recording.chunks(CHUNK_SAMPLES), emit, options);
  } finally {
    await recording.close();
  }
}
