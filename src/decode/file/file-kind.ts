import { RecordingError } from '../../errors.js';
import type { Scan } from './scan.js';
import { CONVERT } from './wav-format.js';

/** So many bytes from a file's beginning tell what it is. */
export const KIND_BYTES = 64;
const ID3_HEADER_BYTES = 10;
/** Taggers that do not know each other stack their tags; nobody has seen more than two. */
const MAX_ID3_TAGS = 8;

const LOSSY = `${CONVERT} (better: let the recorder write WAV or FLAC, since compression changes faint sounds)`;
const UNPACK = 'unpack it, and name the recording that was in it';
const NO_SOUND = 'name the recording itself';

/** Files that people take for recordings that lubdub reads, by their first bytes. The first that fits counts. */
const KINDS: readonly (readonly [pattern: RegExp, what: string, remedy: string])[] = [
  [/^RIFX/, 'a big-endian WAV file (RIFX)', CONVERT],
  [/^(RF64|BW64)/, 'a WAV file for more than 4 GiB (RF64)', CONVERT],
  [/^riff/, 'a Sony Wave64 file', CONVERT],
  [/^RIFF....AVI /s, 'a film (AVI)', CONVERT],
  [/^RIFF....(?!WAVE)/s, 'a RIFF file, but no WAVE', CONVERT],
  [/^RIFF....WAVE/s, 'a WAV file', CONVERT],
  [/^fLaC/, 'a FLAC file', CONVERT],
  [/^FORM....AIF/s, 'an AIFF file', CONVERT],
  [/^\.snd/, 'a Sun AU file', CONVERT],
  [/^caff/, 'a Core Audio (CAF) file', CONVERT],
  [/^wvpk/, 'a WavPack file', CONVERT],
  [/^OggS/, 'an Ogg file', LOSSY],
  [/^(ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/, 'an MP3 file', LOSSY],
  [/^\xff[\xf0\xf1\xf8\xf9]/, 'an AAC file', LOSSY],
  [/^....ftyp/s, 'an MP4 or M4A file', LOSSY],
  [/^0&\xb2u\x8ef\xcf/, 'a Windows Media file', LOSSY],
  [/^.E\xdf\xa3/s, 'a Matroska or WebM file', LOSSY],
  [/^#!AMR/, 'an AMR file', LOSSY],
  [/^PK[^\x20-\xff]{2}/, 'a ZIP archive', UNPACK],
  [/^[^\x20-\xff]\x8b[^\x20-\xff]/, 'a gzip archive', UNPACK],
  [/^7z\xbc\xaf/, 'a 7z archive', UNPACK],
  [/^Rar!/, 'a RAR archive', UNPACK],
  [/^%PDF/, 'a PDF document', NO_SOUND],
  [/^\x89PNG|^\xff\xd8\xff|^GIF8/, 'a picture', NO_SOUND],
  [/^MATLAB 5/, 'a MATLAB file', 'write its samples as WAV, for example with audiowrite'],
  [/^\x89HDF/, 'an HDF5 (or newer MATLAB) file', 'write its samples as WAV, for example with audiowrite'],
  [
    /^version https:\/\/git-lfs/,
    'a pointer of Git LFS in the place of a file',
    'fetch it with: git lfs pull',
  ],
  [
    /^\s*<(!doctype|html|\?xml)/i,
    'a web page or another XML document',
    'what was to be fetched was perhaps not there: fetch it again',
  ],
  [/^\0+$/, 'nothing but zeros at its beginning', 'a copy or a download was broken off: fetch it again'],
  [/^(?!RIFF|fLaC)[\t\n\r\x20-\x7e]{12,}$/, 'a text file', NO_SOUND],
];

/**
 * The error for a file that is none of those that are wanted: says by its first bytes what it is, and what helps.
 *
 * @param name what the message calls the file
 * @param wanted what it must be, in words
 * @param head its first {@link KIND_BYTES} bytes, or all where it is shorter
 */
export function notWanted(name: string, wanted: string, head: Uint8Array): RecordingError {
  const text = latin1(head);
  const kind = KINDS.find(([pattern]) => pattern.test(text));
  if (kind !== undefined) return new RecordingError(`${name}: must be ${wanted}, got ${kind[1]}; ${kind[2]}`);
  return new RecordingError(
    `${name}: must be ${wanted}, but begins with ${JSON.stringify(text.slice(0, 12))}, as no kind of file that lubdub ` +
      'knows: it is damaged or no recording; fetch or record it again, or if another program plays it, ' +
      CONVERT,
  );
}

/** Where the file proper begins: ID3 tags may stand before it. FLAC has tags of its own, but not every tagger knows. */
export function* skipId3(): Scan<number> {
  let offset = 0;
  for (let tags = 0; tags < MAX_ID3_TAGS; tags++) {
    const head = yield { offset, length: ID3_HEADER_BYTES };
    if (head.length < ID3_HEADER_BYTES || latin1(head.subarray(0, 3)) !== 'ID3') break;
    const [flags, a, b, c, d] = head.subarray(5);
    const hasFooter = (flags & 0x10) !== 0;
    offset += ID3_HEADER_BYTES + (a << 21) + (b << 14) + (c << 7) + d + (hasFooter ? ID3_HEADER_BYTES : 0);
  }
  return offset;
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
