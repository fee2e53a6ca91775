import { RecordingError } from '../../errors.js';
import { latin1 } from './file-kind.js';
import type { Scan } from './scan.js';
import { sourceRateFault } from '../source-rate.js';
import type { WavFormat } from './wav-format.js';
import type { WavLayout } from './wav-riff.js';

/** Real files have fewer than ten; without a bound, a file of empty chunks would be walked for minutes. */
const MAX_CHUNKS = 1000;
const OPEN_SIZE = 0xffffffff;
const MAX_CHANNELS = 1024;

/** How samples are coded that this file lays out: a place of so many bits each, nothing between them. */
interface Coding {
  readonly encoding: WavFormat['encoding'];
  readonly bits: number;
  readonly isBigEndian: boolean;
  readonly isSigned8?: boolean;
}

interface Found {
  readonly coding: Coding;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly dataOffset: number;
  /** What the header announces; more than the file holds is cut short, Infinity is left open. */
  readonly dataBytes: number;
}

/**
 * Finds the samples in a container beside plain WAV: RF64 and BW64, big-endian RIFX, Sony Wave64, AIFF and AIFC, Core Audio
 * (CAF), Sun AU, and WAV with mu-law or A-law. Samples may be integers, floats, mu-law or A-law; others are another
 * program's to decode.
 *
 * @param name what messages call the file
 * @param fileBytes the file's real size
 * @returns undefined for a file that is none of these, or holds samples in another coding
 * @throws RecordingError for one of these that is damaged, or has a rate that cannot be screened
 * @see EBU Tech 3306 (RF64), Sony Wave64, Apple "AIFF-C draft 08/26/91" and "Core Audio Format Specification 1.0", G.711
 */
export function* scanOther(name: string, fileBytes: number): Scan<WavLayout | undefined> {
  const head = latin1(yield { offset: 0, length: 40 });
  let found: Found | undefined;
  if (/^(RIFF|RIFX|RF64|BW64)....WAVE/s.test(head)) found = yield* scanRiff(fileBytes);
  else if (head.startsWith('riff\x2e\x91\xcf\x11')) found = yield* scanWave64(fileBytes);
  else if (/^FORM....AIF[FC]/s.test(head)) found = yield* scanAiff(fileBytes);
  else if (head.startsWith('caff\0\x01')) found = yield* scanCaf(fileBytes);
  else if (head.startsWith('.snd')) found = yield* scanAu(fileBytes);
  return found === undefined ? undefined : layOut(name, fileBytes, found);
}

/** @param held so much of the chunk's size the file holds */
type ChunkVisitor = (id: string, body: number, size: number, held: number) => Scan<boolean>;

/** Walks chunks until the visitor has what it wants. */
function* walk(
  from: number,
  fileBytes: number,
  header: { readonly bytes: number; readonly read: (view: DataView) => { id: string; size: number } },
  alignment: number,
  visit: ChunkVisitor,
): Scan<void> {
  let offset = from;
  for (let count = 0; count < MAX_CHUNKS && offset + header.bytes <= fileBytes; count++) {
    const { id, size } = header.read(viewOf(yield { offset, length: header.bytes }));
    const body = offset + header.bytes;
    if (!Number.isFinite(size) || size < 0) return;
    const held = Math.max(0, Math.min(size, fileBytes - body));
    if (yield* visit(id, body, size, held)) return;
    offset = body + Math.ceil(size / alignment) * alignment;
  }
}

function* scanRiff(fileBytes: number): Scan<Found | undefined> {
  const kind = latin1(yield { offset: 0, length: 4 });
  const isBigEndian = kind === 'RIFX';
  let found: Omit<Found, 'dataOffset' | 'dataBytes'> | undefined;
  let data: Pick<Found, 'dataOffset' | 'dataBytes'> | undefined;
  let longBytes: number | undefined;
  yield* walk(12, fileBytes, riffHeader(!isBigEndian), 2, function* (id, body, size, held) {
    if (id === 'ds64' && held >= 24)
      longBytes = Number(viewOf(yield { offset: body + 8, length: 8 }).getBigUint64(0, true));
    if (id === 'fmt ' && held >= 16)
      found = readFmt(viewOf(yield { offset: body, length: Math.min(held, 40) }), !isBigEndian);
    if (id !== 'data') return false;
    data = { dataOffset: body, dataBytes: size === OPEN_SIZE ? (longBytes ?? Infinity) : size };
    return true;
  });
  if (found === undefined || data === undefined) return undefined;
  // Plain WAV has a reader of its own.
  const isPlain =
    kind === 'RIFF' && (found.coding.encoding === 'integer' || found.coding.encoding === 'float');
  return isPlain ? undefined : { ...found, ...data };
}

function* scanWave64(fileBytes: number): Scan<Found | undefined> {
  let found: Omit<Found, 'dataOffset' | 'dataBytes'> | undefined;
  let data: Pick<Found, 'dataOffset' | 'dataBytes'> | undefined;
  const header = {
    bytes: 24,
    // Sizes count the chunk's own header.
    read: (view: DataView) => ({ id: textAt(view, 0, 4), size: Number(view.getBigUint64(16, true)) - 24 }),
  };
  yield* walk(40, fileBytes, header, 8, function* (id, body, size, held) {
    if (id === 'fmt ' && held >= 16)
      found = readFmt(viewOf(yield { offset: body, length: Math.min(held, 40) }), true);
    if (id !== 'data') return false;
    data = { dataOffset: body, dataBytes: size };
    return true;
  });
  return found === undefined || data === undefined ? undefined : { ...found, ...data };
}

function* scanAiff(fileBytes: number): Scan<Found | undefined> {
  let common: (Omit<Found, 'dataOffset' | 'dataBytes'> & { readonly frames: number }) | undefined;
  let data: { offset: number; bytes: number } | undefined;
  yield* walk(12, fileBytes, riffHeader(false), 2, function* (id, body, size, held) {
    if (id === 'COMM' && held >= 18)
      common = readCommon(viewOf(yield { offset: body, length: Math.min(held, 22) }));
    if (id === 'SSND' && held >= 8) {
      const skip = viewOf(yield { offset: body, length: 8 }).getUint32(0);
      data = { offset: body + 8 + skip, bytes: size - 8 - skip };
    }
    return common !== undefined && data !== undefined;
  });
  if (common === undefined || data === undefined) return undefined;
  const bytes = common.frames * common.channels * (common.coding.bits / 8);
  return { ...common, dataOffset: data.offset, dataBytes: Math.min(bytes, Math.max(0, data.bytes)) };
}

function* scanCaf(fileBytes: number): Scan<Found | undefined> {
  let found: Omit<Found, 'dataOffset' | 'dataBytes'> | undefined;
  let data: Pick<Found, 'dataOffset' | 'dataBytes'> | undefined;
  const header = {
    bytes: 12,
    read: (view: DataView) => {
      const size = Number(view.getBigInt64(4));
      // Only the samples may leave their length open.
      return { id: textAt(view, 0, 4), size: size === -1 ? Number.MAX_SAFE_INTEGER : size };
    },
  };
  yield* walk(8, fileBytes, header, 1, function* (id, body, size, held) {
    if (id === 'desc' && held >= 32) found = readDescription(viewOf(yield { offset: body, length: 32 }));
    if (id !== 'data') return false;
    const isOpen = size === Number.MAX_SAFE_INTEGER;
    data = { dataOffset: body + 4, dataBytes: isOpen ? Infinity : size - 4 };
    return true;
  });
  return found === undefined || data === undefined ? undefined : { ...found, ...data };
}

function* scanAu(fileBytes: number): Scan<Found | undefined> {
  if (fileBytes < 24) return undefined;
  const view = viewOf(yield { offset: 0, length: 24 });
  const coding = AU_CODINGS[view.getUint32(12)];
  if (coding === undefined) return undefined;
  const size = view.getUint32(8);
  return {
    coding,
    channels: view.getUint32(20),
    sampleRateHz: view.getUint32(16),
    dataOffset: view.getUint32(4),
    dataBytes: size === OPEN_SIZE ? Infinity : size,
  };
}

const big = (encoding: Coding['encoding'], bits: number): Coding => ({
  encoding,
  bits,
  isBigEndian: true,
  isSigned8: bits === 8 && encoding === 'integer',
});

const AU_CODINGS: Readonly<Record<number, Coding>> = {
  1: big('mulaw', 8),
  2: big('integer', 8),
  3: big('integer', 16),
  4: big('integer', 24),
  5: big('integer', 32),
  6: big('float', 32),
  7: big('float', 64),
  27: big('alaw', 8),
};

const FMT_ENCODINGS: Readonly<Record<number, Coding['encoding']>> = {
  1: 'integer',
  3: 'float',
  6: 'alaw',
  7: 'mulaw',
};

function readFmt(
  view: DataView,
  isLittleEndian: boolean,
): Omit<Found, 'dataOffset' | 'dataBytes'> | undefined {
  const outer = view.getUint16(0, isLittleEndian);
  const tag = outer === 0xfffe && view.byteLength >= 26 ? view.getUint16(24, isLittleEndian) : outer;
  const encoding = FMT_ENCODINGS[tag];
  if (encoding === undefined) return undefined;
  const channels = view.getUint16(2, isLittleEndian);
  const bits = (8 * view.getUint16(12, isLittleEndian)) / channels;
  const coding = { encoding, bits, isBigEndian: !isLittleEndian };
  return { coding, channels, sampleRateHz: view.getUint32(4, isLittleEndian) };
}

function readCommon(
  view: DataView,
): (Omit<Found, 'dataOffset' | 'dataBytes'> & { frames: number }) | undefined {
  const bits = 8 * Math.ceil(view.getUint16(6) / 8);
  const codings: Readonly<Record<string, Coding>> = {
    NONE: big('integer', bits),
    twos: big('integer', bits),
    sowt: { encoding: 'integer', bits, isBigEndian: false, isSigned8: bits === 8 },
    fl32: big('float', 32),
    FL32: big('float', 32),
    fl64: big('float', 64),
    FL64: big('float', 64),
    ulaw: big('mulaw', 8),
    ULAW: big('mulaw', 8),
    alaw: big('alaw', 8),
    ALAW: big('alaw', 8),
  };
  const coding = codings[view.byteLength >= 22 ? textAt(view, 18, 4) : 'NONE'];
  if (coding === undefined) return undefined;
  return { coding, channels: view.getUint16(0), frames: view.getUint32(2), sampleRateHz: extended(view, 8) };
}

/** 80-bit floating point of the SANE numerics: sign and exponent, then a mantissa with its leading 1. */
function extended(view: DataView, at: number): number {
  return Number(view.getBigUint64(at + 2)) * 2 ** ((view.getUint16(at) & 0x7fff) - 16383 - 63);
}

function readDescription(view: DataView): Omit<Found, 'dataOffset' | 'dataBytes'> | undefined {
  const kind = textAt(view, 8, 4);
  const flags = view.getUint32(12);
  const channels = view.getUint32(24);
  const bits = (8 * view.getUint32(16)) / channels;
  const isBigEndian = (flags & 2) === 0;
  const codings: Readonly<Record<string, Coding>> = {
    lpcm: { encoding: (flags & 1) === 1 ? 'float' : 'integer', bits, isBigEndian, isSigned8: bits === 8 },
    ulaw: big('mulaw', 8),
    alaw: big('alaw', 8),
  };
  const coding = codings[kind];
  return coding && { coding, channels, sampleRateHz: view.getFloat64(0) };
}

function layOut(name: string, fileBytes: number, found: Found): WavLayout | undefined {
  const { coding, channels, sampleRateHz, dataOffset, dataBytes } = found;
  const { encoding, bits, isBigEndian, isSigned8 = false } = coding;
  const widths = encoding === 'integer' ? [8, 16, 24, 32] : encoding === 'float' ? [32, 64] : [8];
  if (!(channels >= 1 && channels <= MAX_CHANNELS) || !widths.includes(bits)) return undefined;
  const rateFault = sourceRateFault(sampleRateHz, 'wav');
  if (rateFault !== undefined) throw new RecordingError(`${name}: ${rateFault}`);
  const bytesPerSample = bits / 8;
  const bytesPerFrame = bytesPerSample * channels;
  const held = Math.max(0, fileBytes - dataOffset);
  const totalSamples = Math.floor(Math.min(held, dataBytes) / bytesPerFrame);
  if (totalSamples <= 0) {
    throw new RecordingError(
      `${name}: must hold one sample or more, got none; it was cut off or never finished: fetch or record it again`,
    );
  }
  const announced = Math.floor(dataBytes / bytesPerFrame);
  const notices =
    dataBytes > held && Number.isFinite(dataBytes)
      ? [`cut short: the header announces ${announced} samples, the file holds ${totalSamples}`]
      : [];
  const isCompanded = encoding === 'mulaw' || encoding === 'alaw';
  return {
    format: {
      sampleRateHz,
      channels,
      encoding,
      // What it was before it was companded: both laws stand for 16-bit integers.
      bitsPerSample: isCompanded ? 16 : bits,
      bytesPerSample,
      bytesPerFrame,
      isBigEndian,
      isSigned8,
    },
    dataOffset,
    totalSamples,
    notices,
  };
}

const riffHeader = (isLittleEndian: boolean) => ({
  bytes: 8,
  read: (view: DataView) => ({ id: textAt(view, 0, 4), size: view.getUint32(4, isLittleEndian) }),
});

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function textAt(view: DataView, at: number, length: number): string {
  return latin1(new Uint8Array(view.buffer, view.byteOffset + at, length));
}
