import { openRecording } from '../decode/recording-file.js';
import { MAX_WHOLE_SAMPLES } from '../decode/wav-file.js';
import { RecordingError } from '../errors.js';
import type { SimulatedRecording } from '../simulate/simulated-recording.js';

/**
 * Reads a recording whole, for a simulated microphone to hear.
 *
 * @throws RecordingError for a file that cannot be read, or is too long to hold in memory
 */
export async function loadRecording(
  path: string,
): Promise<SimulatedRecording & { notices: readonly string[] }> {
  const recording = await openRecording(path);
  try {
    const { sampleRateHz, bitsPerSample, totalSamples, notices } = recording;
    if (totalSamples > MAX_WHOLE_SAMPLES) {
      throw new RecordingError(
        `${path}: a recording to be simulated must have at most ${MAX_WHOLE_SAMPLES} samples, got ${totalSamples}; ` +
          'cut it, or screen it with `lubdub classify`',
      );
    }
    const samples = new Float64Array(totalSamples);
    for await (const chunk of recording.chunks(65_536)) samples.set(chunk.samples, chunk.firstSample);
    return { sampleRateHz, bitsPerSample, samples, notices };
  } finally {
    await recording.close();
  }
}
