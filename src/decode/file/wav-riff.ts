import { RecordingError } from '../../errors.js';
import { KIND_BYTES, latin1, notWanted } from './file-kind.js';
import type { Scan } from './scan.js';
import { CONVERT, FMT_BYTES, parseFormat, type WavFormat } from './wav-format.js';

/** Where the samples stand in the file, and what they are. */
export interface WavLayout {
  readonly format: WavFormat;
  readonly dataOffset: number;
  /** Samples of one channel that the file really holds, whatever its header claims. At least 1. */
  readonly totalSamples: number;
  /** What a person should know of the file before believing a result, a sentence each. */
  readonly notices: readonly string[];
}

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** Real files have fewer than ten; without a bound, a file of empty chunks would be walked for minutes. */
const MAX_CHUNKS = 1000;
/**
 * Sizes from here on are what writers put that do not know the length yet: 0xFFFFFFFF (ffmpeg), 0x80000000 (arecord),
 * 0x7FFFF000 (SoX), 0x7FFF0000 (GStreamer).
 */
const OPEN_SIZE = 0x7fff0000;

/**
 * Finds the format and the samples of a WAV file: little-endian RIFF, any chunks before the samples, odd chunks padded
 * or not, sizes as streaming writers leave them, files cut short.
 *
 * @param name what messages call the file
 * @param fileBytes the file's real size
 * @throws RecordingError for a file without samples that can be read, with what is wrong and the remedy
 * @see IBM and Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (RIFF, WAVE)
 */
export function* scanWav(name: string, fileBytes: number): Scan<WavLayout> {
  const magic = yield { offset: 0, length: RIFF_HEADER_BYTES };
  if (!/^RIFF....WAVE/s.test(latin1(magic)))
    throw notWanted(name, 'a WAV file', yield { offset: 0, length: KIND_BYTES });
  let format: WavFormat | undefined;
  let offset = RIFF_HEADER_BYTES;
  for (let count = 0; offset + CHUNK_HEADER_BYTES <= fileBytes; count++) {
    if (count === MAX_CHUNKS) {
      throw new RecordingError(
        `${name}: must have its samples within the first ${MAX_CHUNKS} chunks; ${CONVERT}`,
      );
    }
    const { id, size } = chunkHeader(yield { offset, length: CHUNK_HEADER_BYTES });
    const body = offset + CHUNK_HEADER_BYTES;
    if (id === 'data') {
      if (format === undefined) {
        throw new RecordingError(
          `${name}: the format (fmt) chunk must stand before the samples (data), got none; ${CONVERT}`,
        );
      }
      return yield* layOut(name, fileBytes, format, body, size);
    }
    if (!isPrintable(id)) {
      throw new RecordingError(
        `${name}: a chunk's name must stand at byte ${offset}, got ${JSON.stringify(id)}; the file is damaged, fetch it again`,
      );
    }
    if (id === 'fmt ') {
      if (format !== undefined) {
        throw new RecordingError(`${name}: must have one format (fmt) chunk, got two; ${CONVERT}`);
      }
      format = parseFormat(name, yield { offset: body, length: Math.min(size, FMT_BYTES) });
    }
    offset = yield* endOfChunk(body, size);
  }
  throw new RecordingError(
    `${name}: has no samples (no data chunk in its ${fileBytes} bytes); it was cut off before them or never finished: fetch or record it again`,
  );
}

function chunkHeader(bytes: Uint8Array): { id: string; size: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { id: latin1(bytes.subarray(0, 4)), size: view.getUint32(4, true) };
}

/**
 * Where the next chunk begins. A chunk of odd size is followed by a pad byte, but some writers leave it out: a chunk
 * that matters is looked for at both places.
 */
function* endOfChunk(body: number, size: number): Scan<number> {
  const end = body + size;
  if (size % 2 === 0) return end;
  const id = latin1(yield { offset: end, length: 4 });
  return id === 'data' || id === 'fmt ' ? end : end + 1;
}

function* layOut(
  name: string,
  fileBytes: number,
  format: WavFormat,
  dataOffset: number,
  size: number,
): Scan<WavLayout> {
  const heldBytes = fileBytes - dataOffset;
  const openEnded =
    (size >= OPEN_SIZE && size > heldBytes) || (size === 0 && !(yield* isChunkList(dataOffset, fileBytes)));
  const dataBytes = openEnded ? heldBytes : Math.min(size, heldBytes);
  const totalSamples = Math.floor(dataBytes / format.bytesPerFrame);
  if (totalSamples === 0) {
    throw new RecordingError(
      `${name}: must hold one sample or more, got ${dataBytes} bytes of ${size} announced; it was cut off or never finished: fetch or record it again`,
    );
  }

  const notices: string[] = [];
  const seconds = (samples: number): string => `${(samples / format.sampleRateHz).toFixed(2)} s`;
  if (openEnded) {
    notices.push(
      `the header leaves the length open, as a streaming or interrupted writer does: all ${totalSamples} samples ` +
        `(${seconds(totalSamples)}) up to the end of the file are read, and whether more were lost cannot be known`,
    );
  } else if (size > heldBytes) {
    const announced = Math.floor(size / format.bytesPerFrame);
    notices.push(
      `cut short: the header announces ${announced} samples (${seconds(announced)}), the file holds ${totalSamples} (${seconds(totalSamples)})`,
    );
  } else if (dataBytes % format.bytesPerFrame !== 0) {
    notices.push(
      `the last ${dataBytes % format.bytesPerFrame} of ${dataBytes} bytes of samples are no whole sample and are not read`,
    );
  }
  return { format, dataOffset, totalSamples, notices };
}

/**
 * Whether chunks, whole ones, fill the file from `offset` on. It tells a data chunk that is empty and followed by
 * others from one whose size a streaming writer left at 0, followed by samples.
 */
function* isChunkList(offset: number, fileBytes: number): Scan<boolean> {
  let at = offset;
  for (let count = 0; count < MAX_CHUNKS && at + CHUNK_HEADER_BYTES <= fileBytes; count++) {
    const { id, size } = chunkHeader(yield { offset: at, length: CHUNK_HEADER_BYTES });
    if (!isPrintable(id)) return false;
    at = yield* endOfChunk(at + CHUNK_HEADER_BYTES, size);
  }
  return at === fileBytes || at === fileBytes + 1;
}

function isPrintable(id: string): boolean {
  return /^[\x20-\x7e]{4}$/.test(id);
}
