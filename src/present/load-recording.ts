import { readWhole } from '../decode/file/recording-chunks.js';
import { openRecording, type OpenRecordingOptions } from '../decode/file/recording-file.js';
import type { SimulatedRecording } from '../simulate/simulated-recording.js';

/**
 * Reads a recording whole, for a simulated microphone to hear.
 *
 * @throws RecordingError for a file that cannot be read, or is too long to hold in memory
 */
export async function loadRecording(
  path: string,
  options: OpenRecordingOptions = {},
): Promise<SimulatedRecording & { notices: readonly string[] }> {
  const recording = await openRecording(path, options);
  try {
    const { sampleRateHz, bitsPerSample, notices } = recording;
    return { sampleRateHz, bitsPerSample, samples: await readWhole(path, recording), notices };
  } finally {
    await recording.close();
  }
}
