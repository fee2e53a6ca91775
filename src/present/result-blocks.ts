import { createReadStream } from 'node:fs';
import { ConfigurationError } from '../errors.js';
import type { ErrorEvent } from '../screen/screening-events.js';

/** What `classify --json` says of one file: its lines, the last of which is `final` or `error`. */
export interface ResultBlock {
  readonly file: string;
  /** Where its lines are, in bytes. */
  readonly start: number;
  readonly end: number;
  /** Of its last line, where the file could not be read. */
  readonly error: ErrorEvent['code'] | null;
  /** Hash of the model that made the result, and of the stethoscope's profile; `null` for an error. */
  readonly made: string | null;
}

const NEWLINE = 0x0a;
/** Lines are some hundred bytes. */
const MAX_LINE_BYTES = 1024 * 1024;

/**
 * Reads JSON lines that `classify` wrote, block by block. A last line that lacks its end, and last lines without
 * a result, are none: that is how a killed run leaves them.
 *
 * @throws ConfigurationError for lines that are something else, SystemError where they cannot be read
 */
export async function* resultBlocks(path: string): AsyncGenerator<ResultBlock> {
  let start = 0;
  for await (const { text, line, end } of lines(path)) {
    const event = eventOf(text);
    if (event === undefined) {
      throw new ConfigurationError(
        `${path}, line ${line}: must be a JSON line of \`lubdub classify --json\`, got ${JSON.stringify(text.slice(0, 60))}`,
      );
    }
    if (event.kind !== 'final' && event.kind !== 'error') continue;
    if (typeof event.file !== 'string') {
      throw new ConfigurationError(
        `${path}, line ${line}: must say of which file it is, got ${text.slice(0, 200)}`,
      );
    }
    const isError = event.kind === 'error';
    yield {
      file: event.file,
      start,
      end,
      error: isError ? (String(event.code) as ErrorEvent['code']) : null,
      made: isError ? null : JSON.stringify([hashOf(event.model), hashOf(event.stethoscope)]),
    };
    start = end;
  }
}

function eventOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const event: unknown = JSON.parse(text);
    const isEvent = typeof event === 'object' && event !== null && 'kind' in event;
    return isEvent ? { ...event } : undefined;
  } catch {
    return undefined;
  }
}

const hashOf = (of: unknown): unknown =>
  typeof of === 'object' && of !== null && 'sha256' in of ? of.sha256 : null;

interface Line {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  /** Position of the byte behind it. */
  readonly end: number;
}

/** Lines that have their end. */
async function* lines(path: string): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0);
  let end = 0;
  let line = 0;
  for await (const piece of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const data: Buffer = rest.length === 0 ? (piece as Buffer) : Buffer.concat([rest, piece as Buffer]);
    let from = 0;
    for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, from)) {
      end += at + 1 - from;
      yield { text: data.toString('utf8', from, at), line: ++line, end };
      from = at + 1;
    }
    rest = Buffer.from(data.subarray(from));
    if (rest.length > MAX_LINE_BYTES) {
      throw new ConfigurationError(
        `${path}, line ${line + 1}: must be a JSON line, got over ${MAX_LINE_BYTES} bytes`,
      );
    }
  }
}
