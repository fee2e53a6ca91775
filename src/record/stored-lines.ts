import { SessionError } from '../errors.js';
import { describeDiskFault, errorCode } from './disk-fault.js';
import { PlainFile } from './plain-file.js';
import { MAX_EVENT_BYTES, MAX_EVENT_LINES } from './session-layout.js';

/** A line of a file, without its line break. */
export interface StoredLine {
  /** Where it begins. */
  readonly offset: number;
  /** Not shared with later lines. */
  readonly bytes: Buffer;
  /** Whether a line break ends it; only the last line can be without. */
  readonly isWhole: boolean;
}

/** No event is so long; what is, is no text, and is handed on in pieces rather than held in memory. */
const MAX_LINE_BYTES = 1024 * 1024;
/** What every event begins with. */
const BRACE = 123;

/**
 * Reads a session's stream of events line by line, in memory that does not grow with it. A file that is missing has no
 * lines.
 *
 * @throws SessionError where the disk fails, and for more than {@link MAX_EVENT_BYTES} or {@link MAX_EVENT_LINES}
 */
export async function* readLines(path: string): AsyncGenerator<StoredLine, void, undefined> {
  let file;
  try {
    file = await PlainFile.open(path, { maxBytes: MAX_EVENT_BYTES });
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return;
    throw new SessionError(`${path} cannot be read: ${describeDiskFault(cause)}`, { cause });
  }
  try {
    let offset = 0;
    let pieces: Buffer[] = [];
    let length = 0;
    let count = 0;
    const line = (isWhole: boolean): StoredLine => {
      const bytes = Buffer.concat(pieces);
      const begin = offset;
      if (++count > MAX_EVENT_LINES) {
        const message = `${path} must have at most ${MAX_EVENT_LINES} lines, got more; put the file that was recorded there`;
        throw new SessionError(message);
      }
      offset += bytes.length + (isWhole ? 1 : 0);
      pieces = [];
      length = 0;
      return { offset: begin, bytes, isWhole };
    };
    // It may be growing.
    for await (const block of file.blocks(MAX_EVENT_BYTES)) {
      let from = 0;
      for (let at = block.indexOf(10); at >= 0; at = block.indexOf(10, from)) {
        pieces.push(block.subarray(from, at));
        yield line(true);
        from = at + 1;
      }
      pieces.push(block.subarray(from));
      length += block.length - from;
      if (length > MAX_LINE_BYTES) yield line(false);
    }
    if (length > 0) yield line(false);
  } catch (cause) {
    if (cause instanceof SessionError) throw cause;
    throw new SessionError(`${path} cannot be read: ${describeDiskFault(cause)}`, { cause });
  } finally {
    await file.close();
  }
}

/** @returns the object that the line holds, or `null` for anything else */
export function parseLine(line: StoredLine): Record<string, unknown> | null {
  // Millions of exceptions take minutes.
  if (!line.isWhole || line.bytes.at(0) !== BRACE) return null;
  try {
    const value: unknown = JSON.parse(line.bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
