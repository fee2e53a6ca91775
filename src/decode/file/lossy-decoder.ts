import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findProgram } from '../../acquire/find-program.js';
import { RecordingError } from '../../errors.js';
import { latin1 } from './file-kind.js';
import { FileBytes } from './file-bytes.js';

/** What FFmpeg made of a file. */
export interface DecodedFile {
  /** A WAV file of 32-bit floats, with all channels. */
  readonly bytes: FileBytes;
  /** FFmpeg's word for the codec. */
  readonly codec: string;
  readonly isLossy: boolean;
  /** What it complained of, a sentence each. */
  readonly notices: readonly string[];
}

/** FFmpeg's readers, by a file's first bytes. It is told which: left to guess, it would follow play lists to other files. */
const READERS: readonly (readonly [pattern: RegExp, reader: string])[] = [
  [/^RIFF....WAVE/s, 'wav'],
  [/^(RF64|BW64|RIFX)/, 'wav'],
  [/^riff/, 'w64'],
  [/^FORM....AIF/s, 'aiff'],
  [/^caff/, 'caf'],
  [/^\.snd/, 'au'],
  [/^wvpk/, 'wv'],
  [/^OggS/, 'ogg'],
  [/^(ID3|\xff[\xe2\xe3\xf2\xf3\xfa\xfb])/, 'mp3'],
  [/^\xff[\xf0\xf1\xf8\xf9]/, 'aac'],
  [/^....ftyp/s, 'mov'],
  [/^0&\xb2u\x8ef\xcf/, 'asf'],
  [/^.E\xdf\xa3/s, 'matroska'],
  [/^#!AMR/, 'amr'],
];
const LOSSLESS = /^(pcm_(?!mulaw|alaw)|flac|alac|wavpack|tta|ape|mlp|truehd|shorten)/;

const TIMEOUT_MS = 120_000;
/** Over four hours of two channels at 48,000 Hz would be more. */
const MAX_DECODED_BYTES = 4 * 2 ** 30 - 2 ** 20;
const MAX_WORDS = 64 * 1024;
const MAX_COMPLAINTS = 3;

/** The decoder for what lubdub does not read by itself; undefined where it is not installed. */
export const findDecoder = (): string | undefined => findProgram('ffmpeg');

/**
 * Decodes a file with FFmpeg, where that is installed and knows such a file. The samples go to a file without a name, which
 * is gone with its last reader, even where this process is killed.
 *
 * @param head the file's first bytes
 * @returns undefined where there is no FFmpeg, or the file is nothing for it
 * @throws RecordingError for a file that it cannot decode, in its words
 */
export async function decodeWithFfmpeg(path: string, head: Uint8Array): Promise<DecodedFile | undefined> {
  const reader = READERS.find(([pattern]) => pattern.test(latin1(head)))?.[1];
  const ffmpeg = findDecoder();
  if (reader === undefined || ffmpeg === undefined) return undefined;
  const descriptor = openNameless(path);
  try {
    const words = await run(ffmpeg, reader, path, descriptor);
    const codec = /^\[info\]\s+Stream #\d+:\d+.*?: Audio: (\w+)/m.exec(words.text)?.[1] ?? 'unknown';
    const complaints = words.text
      .split('\n')
      .flatMap((line) => /^(?:\[[^\]]* @ [^\]]*\] )?\[(?:error|fatal|warning)\] ?(.+)/.exec(line)?.[1] ?? []);
    if (words.code !== 0) {
      const why =
        words.code === null
          ? `it took over ${TIMEOUT_MS / 1000} s`
          : complaints.slice(0, MAX_COMPLAINTS).join('; ');
      throw new RecordingError(
        `${path}: FFmpeg cannot decode it: ${why || `it ended with status ${words.code}`}; fetch or record it again`,
      );
    }
    const bytes = FileBytes.adopt(path, descriptor);
    if (bytes.size >= MAX_DECODED_BYTES) {
      throw new RecordingError(
        `${path}: is too long to be decoded (${MAX_DECODED_BYTES} bytes of samples); cut it into shorter files`,
      );
    }
    const errors = complaints.slice(0, MAX_COMPLAINTS);
    const notices =
      errors.length === 0
        ? []
        : [`the decoder complains, so samples may be missing or wrong: ${errors.join('; ')}`];
    return { bytes, codec, isLossy: !LOSSLESS.test(codec), notices };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openNameless(path: string): number {
  const name = join(tmpdir(), `lubdub-decoded-${process.pid}-${randomUUID()}`);
  try {
    const descriptor = openSync(name, 'wx+', 0o600);
    unlinkSync(name);
    return descriptor;
  } catch (cause) {
    throw new RecordingError(
      `${path}: there is no room to decode it in ${tmpdir()} (${String(cause)}); free some, or name another folder with TMPDIR`,
      { cause },
    );
  }
}

function run(
  ffmpeg: string,
  reader: string,
  path: string,
  output: number,
): Promise<{ readonly code: number | null; readonly text: string }> {
  const words = [
    ...['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'level+info', '-threads', '1'],
    // No other file, and nothing of the network, whatever stands in this one.
    ...['-protocol_whitelist', 'file,pipe', '-f', reader, '-i', `file:${resolve(path)}`],
    ...['-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1', '-c:a', 'pcm_f32le'],
    ...['-fs', String(MAX_DECODED_BYTES), '-f', 'wav', 'pipe:1'],
  ];
  return new Promise((done, reject) => {
    const child = spawn(ffmpeg, words, { stdio: ['ignore', output, 'pipe'] });
    let text = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    child.stderr!.on('data', (bytes: Buffer) => (text = (text + bytes.toString('utf8')).slice(0, MAX_WORDS)));
    child.on('error', (cause) =>
      reject(new RecordingError(`${path}: FFmpeg cannot be started: ${cause.message}`, { cause })),
    );
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code, text });
    });
  });
}
