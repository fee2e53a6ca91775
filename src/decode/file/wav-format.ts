import { RecordingError } from '../../errors.js';
import { sourceRateFault } from '../source-rate.js';

/** How the bytes of a WAV file become samples: what its `fmt ` chunk says, checked. */
export interface WavFormat {
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Integers in two's complement (unsigned where they take one byte), IEEE 754 floating point, or the codes of G.711. */
  readonly encoding: 'integer' | 'float' | 'mulaw' | 'alaw';
  /** Significant bits of a sample; they stand at the top of its bytes. */
  readonly bitsPerSample: number;
  /** Bytes that one sample of one channel takes: 1 to 4, or 8. */
  readonly bytesPerSample: number;
  /** Bytes that one sample of every channel takes. */
  readonly bytesPerFrame: number;
  /** Of containers that are no WAV; default no. */
  readonly isBigEndian?: boolean;
  /** Whether integers of one byte are in two's complement too; default no. */
  readonly isSigned8?: boolean;
}

/** A WAV file whose samples are coded so that another program has to decode them. */
export class CodedWavError extends RecordingError {}

/** The part of a `fmt ` chunk that is read; what is longer holds nothing that lubdub needs. */
export const FMT_BYTES = 40;
const PLAIN_FMT_BYTES = 16;

const TAG_PCM = 0x0001;
const TAG_FLOAT = 0x0003;
const TAG_EXTENSIBLE = 0xfffe;
/** What follows the two bytes of the format tag in an extensible header's sub-format GUID (KSDATAFORMAT_SUBTYPE_*). */
const GUID_TAIL = '000000001000800000aa00389b71';

/** Names for the format tags that people meet (RFC 2361 and mmreg.h); all of them are refused. */
const COMPRESSED: Readonly<Record<number, string>> = {
  0x0002: 'Microsoft ADPCM',
  0x0006: 'A-law',
  0x0007: 'mu-law',
  0x0011: 'IMA ADPCM',
  0x0014: 'G.723 ADPCM',
  0x0031: 'GSM 6.10',
  0x0038: 'NMS ADPCM',
  0x0040: 'G.721 ADPCM',
  0x0050: 'MPEG audio',
  0x0055: 'MP3',
  0x00ff: 'AAC',
  0x0160: 'Windows Media Audio',
  0x0161: 'Windows Media Audio',
  0x0162: 'Windows Media Audio',
  0x1610: 'AAC',
  0x704f: 'Opus',
  0xf1ac: 'FLAC',
};

export const CONVERT = 'convert it, for example with: ffmpeg -i IN -c:a pcm_s16le OUT.wav';

/**
 * Reads and checks a `fmt ` chunk.
 *
 * @param name what the error messages call the file
 * @param chunk the chunk's first {@link FMT_BYTES} bytes, or all of it where it is shorter
 * @throws RecordingError for a chunk that is too short, contradicts itself, or describes what lubdub does not read
 * @see Microsoft, "Multiple channel audio data and WAVE files" (WAVEFORMATEX, WAVEFORMATEXTENSIBLE)
 */
export function parseFormat(name: string, chunk: Uint8Array): WavFormat {
  if (chunk.length < PLAIN_FMT_BYTES) {
    throw new RecordingError(
      `${name}: the format (fmt) chunk must have ${PLAIN_FMT_BYTES} bytes or more, got ${chunk.length}; the file is damaged, fetch it again`,
    );
  }
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const outerTag = view.getUint16(0, true);
  const channels = view.getUint16(2, true);
  const sampleRateHz = view.getUint32(4, true);
  // The byte rate at offset 8 is skipped: many writers leave it wrong, and nothing depends on it.
  const bytesPerFrame = view.getUint16(12, true);
  const outerBits = view.getUint16(14, true);

  const extension = outerTag === TAG_EXTENSIBLE ? parseExtension(name, chunk, view) : undefined;
  const tag = extension?.tag ?? outerTag;
  if (tag !== TAG_PCM && tag !== TAG_FLOAT) throw refusedTag(name, tag);
  const encoding = tag === TAG_FLOAT ? 'float' : 'integer';

  if (channels === 0) {
    throw new RecordingError(`${name}: must have one channel or more, got 0; the file's header is damaged`);
  }
  const bytesPerSample = bytesPerFrame / channels;
  if (!holdsBits(encoding, bytesPerSample, outerBits, extension !== undefined)) {
    throw new RecordingError(
      `${name}: samples must be integers of 8 to 32 bits or floats of 32 or 64 bits, each in as few bytes as hold it, got ${encoding}s of ${outerBits} bits ` +
        `with ${channels} channel(s) in ${bytesPerFrame} bytes; ${CONVERT}`,
    );
  }
  // 0 is what writers leave that do not know the field.
  const bitsPerSample = extension?.validBits || outerBits;
  if (bitsPerSample > outerBits) {
    throw new RecordingError(
      `${name}: a sample of ${outerBits} bits cannot have ${bitsPerSample} significant ones; the file's header is damaged`,
    );
  }
  const rateFault = sourceRateFault(sampleRateHz, 'wav');
  if (rateFault !== undefined) throw new RecordingError(`${name}: ${rateFault}`);
  return { sampleRateHz, channels, encoding, bitsPerSample, bytesPerSample, bytesPerFrame };
}

/** Whether samples of so many bits take so many bytes. A plain header may say 12 bits in 2 bytes, an extensible one never. */
function holdsBits(
  encoding: 'integer' | 'float',
  bytesPerSample: number,
  bits: number,
  extensible: boolean,
): boolean {
  if (encoding === 'float') return (bits === 32 || bits === 64) && bytesPerSample * 8 === bits;
  if (bits < 8 || bits > 32 || bytesPerSample !== Math.ceil(bits / 8)) return false;
  return !extensible || bits % 8 === 0;
}

interface Extension {
  readonly tag: number;
  readonly validBits: number;
}

function parseExtension(name: string, chunk: Uint8Array, view: DataView): Extension {
  if (chunk.length < FMT_BYTES) {
    throw new RecordingError(
      `${name}: an extensible format (fmt) chunk must have ${FMT_BYTES} bytes or more, got ${chunk.length}; the file is damaged, fetch it again`,
    );
  }
  const tail = Buffer.from(chunk.subarray(26, FMT_BYTES)).toString('hex');
  if (tail !== GUID_TAIL) {
    const guid = Buffer.from(chunk.subarray(24, FMT_BYTES)).toString('hex');
    throw new RecordingError(`${name}: the sample format with GUID bytes ${guid} is not known; ${CONVERT}`);
  }
  return { validBits: view.getUint16(18, true), tag: view.getUint16(24, true) };
}

function refusedTag(name: string, tag: number): RecordingError {
  const called = COMPRESSED[tag];
  const hex = `0x${tag.toString(16).padStart(4, '0')}`;
  if (called === undefined) {
    return new RecordingError(
      `${name}: samples must be integers or floats (format 1 or 3), got the unknown format ${hex}; ${CONVERT}`,
    );
  }
  return new CodedWavError(
    `${name}: holds ${called} (format ${hex}), and samples must be plain integers or floats; ${CONVERT} ` +
      '(better: let the recorder write uncompressed WAV, since compression changes faint sounds)',
  );
}
