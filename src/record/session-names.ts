import { SUBJECT } from '../verdict/subject.js';

export const SESSION_FILE = 'session.json';
export const EVENTS_FILE = 'events.ndjson';
export const RESULT_FILE = 'result.json';
/** As `sha256sum` writes and checks it; it vouches for the result, and the result for everything else. */
export const RESULT_CHECKSUM_FILE = 'result.json.sha256';
/** What a person said of it afterwards, beside what was recorded; see `session-corrections.ts`. */
export const CORRECTIONS_FILE = 'corrections.ndjson';

const FOLDER_NAME = new RegExp(`^\\d{8}T\\d{6}Z(_${SUBJECT.source.slice(1, -1)})?(\\.\\d{1,4})?$`);

/**
 * The name of a session's folder: UTC to the second, then the subject's code.
 *
 * @param copy 0 for the first session of that second, then 1, 2, …
 */
export function sessionFolderName(startedAt: Date, subject: string | null, copy: number): string {
  const time = startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:]/g, '');
  return `${time}${subject === null ? '' : `_${subject}`}${copy === 0 ? '' : `.${copy + 1}`}`;
}

export function isSessionFolderName(name: string): boolean {
  return FOLDER_NAME.test(name);
}

/** `recording.wav`, then `recording-2.wav`, … */
export function sampleFileName(part: number): string {
  return part === 0 ? 'recording.wav' : `recording-${part + 1}.wav`;
}

/** The name's part, or `null` where it is no file of samples. */
export function partOfSampleFile(name: string): number | null {
  const match = /^recording(?:-([1-9]\d{0,5}))?\.wav$/.exec(name);
  if (match === null) return null;
  if (match[1] === undefined) return 0;
  return match[1] === '1' ? null : Number(match[1]) - 1;
}

/** What a recovery cut off, as a file of its own: the name of what it was cut off from, and a number. */
export const CUT_NAME = /^[a-z0-9.-]{1,48}\.cut-\d{1,9}$/;
