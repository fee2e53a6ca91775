import { createHash } from 'node:crypto';
import { MAX_EVENT_BYTES } from './session-layout.js';
import { writeFully, type SessionFile } from './session-file-system.js';

/** Lines of `events.ndjson` that the recorder writes itself, beside the events that went out. */
export type RecorderLine =
  | { readonly kind: 'recorder'; readonly what: 'begin'; readonly at: string; readonly sessionSha256: string }
  /** A gap, after `storedSamples` samples. */
  | {
      readonly kind: 'recorder';
      readonly what: 'gap';
      readonly storedSamples: number;
      readonly atSample: number;
      readonly lostSamples: number;
      readonly cause: string;
    }
  /** The next sample's index is not the one that follows from what came before. */
  | {
      readonly kind: 'recorder';
      readonly what: 'position';
      readonly storedSamples: number;
      readonly firstSample: number;
    }
  /** `samples`, `gaps` and `events` arrived that the disk was too slow for; the time axis goes on after `lostSamples`. */
  | {
      readonly kind: 'recorder';
      readonly what: 'not-stored';
      readonly storedSamples: number;
      readonly atSample: number;
      readonly lostSamples: number;
      readonly samples: number;
      readonly gaps: number;
      readonly events: number;
    }
  /** Everything up to here is safe from a power cut. Hashes: of all sample bytes, and of this file before this line. */
  | {
      readonly kind: 'recorder';
      readonly what: 'checkpoint';
      readonly at: string;
      readonly storedSamples: number;
      readonly samplesSha256: string;
      readonly eventsSha256: string;
    };

/** A line that says where in time samples stand; the number of samples before it is added when it is queued. */
export type PlacingLine = RecorderLine extends infer Line
  ? Line extends { readonly what: 'gap' | 'position' | 'not-stored' }
    ? Omit<Line, 'kind' | 'storedSamples'>
    : never
  : never;

/** Appends whole lines to `events.ndjson` and hashes them. */
export class EventLog {
  private readonly hash = createHash('sha256');
  private length = 0;

  /** @param maxBytes what the file may grow to */
  constructor(
    private readonly file: SessionFile,
    private readonly maxBytes = MAX_EVENT_BYTES,
  ) {}

  get sha256(): string {
    return this.hash.copy().digest('hex');
  }

  /**
   * @param lines whole lines, each with its line break
   * @throws the file system's error; the lines that are whole on disk are counted. An error with the code `EFULL` where
   *   the file would become longer than those who read it take; then nothing is written
   */
  async append(lines: Uint8Array): Promise<void> {
    if (this.length + lines.length > this.maxBytes) {
      throw Object.assign(new Error('the session is full'), { code: 'EFULL' });
    }
    let written = 0;
    try {
      await writeFully(this.file, lines, this.length, (count) => (written += count));
    } finally {
      const whole = written === 0 ? 0 : lines.lastIndexOf(10, written - 1) + 1;
      this.hash.update(lines.subarray(0, whole));
      this.length += whole;
    }
  }

  sync(): Promise<void> {
    return this.file.sync();
  }

  linkCount(): Promise<number> {
    return this.file.linkCount();
  }

  /** Takes away a line that was written in part. */
  cutTornLine(): Promise<void> {
    return this.file.truncate(this.length);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

export function toLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
