import { RecordingError } from '../errors.js';
import { openFlac } from './flac-file.js';
import type { SampleChunk } from './samples.js';
import { WavBytes } from './wav-bytes.js';
import { openWav, type WavInfo } from './wav-file.js';
import { CONVERT } from './wav-format.js';

/** An open recording of any kind that lubdub reads. Whoever has it closes it. */
export interface RecordingFile extends WavInfo {
  /** The first channel's samples from the first to the last; every call begins anew. */
  chunks(chunkSamples?: number): AsyncGenerator<SampleChunk, void, undefined>;
  close(): Promise<void>;
}

/** WAV's relatives are left to the WAV reader, which knows them and says how each can be converted. */
const RIFF_KINDS = /^(RIFF|RIFX|RF64|BW64|riff)/;
/** An ID3 tag stands before MP3 files, and where a tagger did so, before FLAC files too. */
const FLAC_KINDS = /^(fLaC|ID3)/;

/**
 * Opens a WAV or a FLAC file, whatever its name, by what it begins with.
 *
 * @throws RecordingError for a file that is neither, or is damaged, with what is wrong and the remedy
 */
export async function openRecording(path: string): Promise<RecordingFile> {
  const head = await readHead(path);
  if (RIFF_KINDS.test(head)) return openWav(path);
  if (FLAC_KINDS.test(head)) return openFlac(path);
  throw new RecordingError(
    `${path}: must be a WAV or a FLAC file (beginning with RIFF or fLaC), but begins with ${JSON.stringify(head)}; ${CONVERT}`,
  );
}

async function readHead(path: string): Promise<string> {
  const bytes = await WavBytes.open(path);
  try {
    return Buffer.from(await bytes.read(0, 4)).toString('latin1');
  } finally {
    await bytes.close();
  }
}
