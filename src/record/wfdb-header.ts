import { join } from 'node:path';
import { WAV_HEADER_BYTES } from '../decode/file/wav-writer.js';
import { SessionError } from '../errors.js';
import { describeDiskFault } from './disk-fault.js';
import { sampleFileName } from './session-names.js';
import { diskFileSystem, writeAtomically } from './session-file-system.js';
import type { StoredSession } from './stored-session.js';
import { INTENDED_USE } from '../verdict/disclaimer.js';

/** Name of the WFDB record, beside the WAV files that it describes. */
export const WFDB_RECORD = 'recording';

/** Every segment is a file; a folder of more would help nobody. */
const MAX_SEGMENTS = 10_000;

/** Samples that stand next to each other in time and in one file. */
interface Segment {
  readonly storedFrom: number;
  readonly samples: number;
  /** Samples that are missing before it. */
  readonly missingBefore: number;
}

/**
 * Writes WFDB headers beside a session's WAV files, so that WFDB programs read them as they are. A recording with gaps
 * becomes a record of several segments, in which lost samples are missing at their place in time.
 *
 * WFDB itself takes the lowest integer (-32768 or -8388608) for a missing sample.
 *
 * @returns the header files' names, the record's own first
 * @throws SessionError for a session that is torn, empty or all but made of gaps, or where the folder cannot be written
 * @see https://physionet.org/physiotools/wag/header-5.htm
 */
export async function writeWfdbHeaders(session: StoredSession): Promise<string[]> {
  const headers = await wfdbHeaders(session);
  try {
    for (const [name, text] of headers) {
      await writeAtomically(diskFileSystem, join(session.directory, name), Buffer.from(text));
    }
  } catch (cause) {
    throw new SessionError(
      `WFDB headers cannot be written to ${session.directory}: ${describeDiskFault(cause)}`,
      { cause },
    );
  }
  return [...headers.keys()];
}

/** The headers' texts by their names; the same session has always the same. */
export async function wfdbHeaders(session: StoredSession): Promise<Map<string, string>> {
  const { directory, description } = session;
  if (session.result === null) {
    throw new SessionError(`${directory} must be whole for a WFDB header; recover it first`);
  }
  const segments = segmentsOf(session);
  if (segments.length === 0) throw new SessionError(`${directory} has no samples for a WFDB header`);
  if (segments.length > MAX_SEGMENTS) {
    throw new SessionError(
      `${directory} must have at most ${MAX_SEGMENTS} stretches between gaps for WFDB headers, got ${segments.length}`,
    );
  }
  const { sampleRateHz } = description.storage;
  const startedAt = new Date(description.startedAt);
  const [year, month, day] = startedAt.toISOString().slice(0, 10).split('-');
  const began = `${startedAt.toISOString().slice(11, 19)} ${day}/${month}/${year}`;
  const comments = [
    INTENDED_USE,
    ...(description.subject === null ? [] : [`subject code: ${description.subject}`]),
    `recorded with lubdub ${description.versions.lubdub}, not filtered, times are UTC`,
  ];
  const tail = comments.map((comment) => `# ${comment}\n`).join('');
  const headers = new Map<string, string>();
  const main = `${WFDB_RECORD}.hea`;
  if (segments.length === 1 && segments[0].missingBefore === 0) {
    const [segment] = segments;
    const signal = await signalLine(session, segment);
    headers.set(main, `${WFDB_RECORD} 1 ${sampleRateHz} ${segment.samples} ${began}\n${signal}${tail}`);
    return headers;
  }

  // Missing samples are allowed only in a record that begins with a layout segment.
  const layout = `${WFDB_RECORD}_layout`;
  const parts = [`${layout} 0`];
  headers.set(main, '');
  headers.set(
    `${layout}.hea`,
    `${layout} 1 ${sampleRateHz} 0\n~ 0 ${calibration(session)} 0 0 0 PCG\n${tail}`,
  );
  let length = 0;
  for (const [index, segment] of segments.entries()) {
    const name = `${WFDB_RECORD}_${String(index + 1).padStart(4, '0')}`;
    if (segment.missingBefore > 0) parts.push(`~ ${segment.missingBefore}`);
    parts.push(`${name} ${segment.samples}`);
    length += segment.missingBefore + segment.samples;
    const signal = await signalLine(session, segment);
    headers.set(`${name}.hea`, `${name} 1 ${sampleRateHz} ${segment.samples}\n${signal}${tail}`);
  }
  const first = `${WFDB_RECORD}/${parts.length} 1 ${sampleRateHz} ${length} ${began}`;
  headers.set(main, `${first}\n${parts.join('\n')}\n${tail}`);
  return headers;
}

function segmentsOf({ pieces, description }: StoredSession): Segment[] {
  const { samplesPerFile } = description.storage;
  const segments: Segment[] = [];
  let position = 0;
  for (const piece of pieces) {
    if (piece.kind === 'gap') continue;
    let missingBefore = Math.max(0, piece.firstSample - position);
    const end = piece.storedFrom + piece.samples;
    for (let from = piece.storedFrom; from < end;) {
      const samples = Math.min(end, (Math.floor(from / samplesPerFile) + 1) * samplesPerFile) - from;
      segments.push({ storedFrom: from, samples, missingBefore });
      missingBefore = 0;
      from += samples;
    }
    position = piece.firstSample + piece.samples;
  }
  return segments;
}

async function signalLine(session: StoredSession, { storedFrom, samples }: Segment): Promise<string> {
  const { fullScale, samplesPerFile, bitsPerSample } = session.description.storage;
  const file = Math.floor(storedFrom / samplesPerFile);
  const offset = WAV_HEADER_BYTES + (storedFrom - file * samplesPerFile) * (bitsPerSample / 8);
  let first: number | undefined;
  let sum = 0;
  for await (const amplitudes of session.files.amplitudes(storedFrom, storedFrom + samples)) {
    for (let i = 0; i < amplitudes.length; i++) {
      const integer = Math.round(amplitudes[i] * fullScale);
      first ??= integer;
      sum = (sum + integer) | 0;
    }
  }
  const checksum = (sum << 16) >> 16;
  return `${sampleFileName(file)} ${bitsPerSample}+${offset} ${calibration(session)} ${first} ${checksum} 0 PCG\n`;
}

/** Integers per full scale, bits of the converter, and its zero. */
function calibration({ description }: StoredSession): string {
  const { fullScale, bitsPerSample } = description.storage;
  return `${fullScale}/FS ${bitsPerSample} 0`;
}
