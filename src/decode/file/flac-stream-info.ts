import { RecordingError } from '../../errors.js';
import { KIND_BYTES, latin1, notWanted, skipId3 } from './file-kind.js';
import type { Scan } from './scan.js';
import { sourceRateFault } from '../source-rate.js';

/** What a FLAC file says of itself before its first frame. */
export interface FlacStreamInfo {
  readonly sampleRateHz: number;
  /** 1..8. */
  readonly channels: number;
  /** 4..32. */
  readonly bitsPerSample: number;
  /** No frame has more samples of one channel. */
  readonly maxBlockSize: number;
  /** Samples of one channel, `null` where the writer did not know. */
  readonly totalSamples: number | null;
  /** Of all samples as little-endian integers, in hexadecimal; `null` where the writer left it out. */
  readonly md5: string | null;
  /** Where the first frame begins. */
  readonly framesOffset: number;
}

const BLOCK_HEADER_BYTES = 4;
const STREAM_INFO_BYTES = 34;
/** Real files have a handful; without a bound, a file of empty blocks would be walked for minutes. */
const MAX_BLOCKS = 1000;

/**
 * Reads the metadata of a FLAC file up to its first frame; ID3 tags before it are skipped.
 *
 * @param name what messages call the file
 * @throws RecordingError for a file that is no FLAC file, is damaged, or has a rate that lubdub does not take
 * @see RFC 9639, section 8
 */
export function* scanFlac(name: string, fileBytes: number): Scan<FlacStreamInfo> {
  let offset = yield* skipId3();
  const head = yield { offset, length: KIND_BYTES };
  if (!latin1(head).startsWith('fLaC')) throw notWanted(name, 'a FLAC file', head);
  offset += 4;
  let info: Omit<FlacStreamInfo, 'framesOffset'> | undefined;
  for (let count = 0; count < MAX_BLOCKS && offset + BLOCK_HEADER_BYTES <= fileBytes; count++) {
    const header = yield { offset, length: BLOCK_HEADER_BYTES };
    const isLast = header[0] >= 0x80;
    const type = header[0] & 0x7f;
    const length = (header[1] << 16) | (header[2] << 8) | header[3];
    offset += BLOCK_HEADER_BYTES;
    if (type === 127) throw damaged(name, 'a metadata block has a forbidden type');
    if ((type === 0) !== (info === undefined)) {
      throw damaged(name, 'the first metadata block, and only it, must describe the stream');
    }
    if (type === 0) {
      if (length !== STREAM_INFO_BYTES) {
        throw damaged(
          name,
          `the description of the stream must have ${STREAM_INFO_BYTES} bytes, got ${length}`,
        );
      }
      info = parseStreamInfo(name, yield { offset, length });
    }
    offset += length;
    if (isLast) return { ...info!, framesOffset: offset };
  }
  throw damaged(
    name,
    `it ends or goes on for ever before its first samples (byte ${offset} of ${fileBytes})`,
  );
}

function parseStreamInfo(name: string, bytes: Uint8Array): Omit<FlacStreamInfo, 'framesOffset'> {
  if (bytes.length < STREAM_INFO_BYTES) throw damaged(name, 'it ends within its description of the stream');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const maxBlockSize = view.getUint16(2);
  // 20 bits of rate, 3 of channels less one, 5 of bits less one, 36 of length.
  const sampleRateHz = view.getUint32(10) >>> 12;
  const channels = ((bytes[12] >> 1) & 7) + 1;
  const bitsPerSample = (((bytes[12] & 1) << 4) | (bytes[13] >> 4)) + 1;
  const totalSamples = (bytes[13] & 15) * 2 ** 32 + view.getUint32(14);
  const md5 = Buffer.from(bytes.subarray(18, STREAM_INFO_BYTES)).toString('hex');
  if (maxBlockSize < 16) throw damaged(name, `blocks must have 16 samples or more, got ${maxBlockSize}`);
  if (bitsPerSample < 4) throw damaged(name, `a sample must have 4 bits or more, got ${bitsPerSample}`);
  const rateFault = sourceRateFault(sampleRateHz, 'flac');
  if (rateFault !== undefined) throw new RecordingError(`${name}: ${rateFault}`);
  return {
    sampleRateHz,
    channels,
    bitsPerSample,
    maxBlockSize,
    totalSamples: totalSamples === 0 ? null : totalSamples,
    md5: /^0+$/.test(md5) ? null : md5,
  };
}

function damaged(name: string, what: string): RecordingError {
  return new RecordingError(`${name}: is a damaged FLAC file: ${what}; fetch or record it again`);
}
