import { LubdubError } from '../errors.js';
import { exitCodeFor } from './exit-codes.js';
import type { ErrorEvent, ScreeningEvent } from './screening-events.js';

/** Where a command's results go. */
export interface Output {
  event(event: ScreeningEvent): void;
  /** For people only; programs read events. */
  say(line: string): void;
  /** What is going on, off the results: stderr. */
  log(line: string): void;
  /** The signal at the model's rate, for who draws it. */
  trace?(samples: Float64Array): void;
  close?(): void;
}

/** One JSON object a line on stdout and nothing else; logs go to stderr. */
export class JsonOutput implements Output {
  event(event: ScreeningEvent): void {
    process.stdout.write(`${JSON.stringify(event)}\n`);
  }

  say(): void {}

  log(line: string): void {
    process.stderr.write(`${line}\n`);
  }
}

/**
 * The error as an event. What is no {@link LubdubError} is a fault of lubdub's own, and says so.
 *
 * @param file the file or device that failed
 */
export function errorEvent(error: unknown, file: string | null): ErrorEvent {
  if (error instanceof LubdubError) return { kind: 'error', file, code: error.code, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'error', file, code: 'LUBDUB_INTERNAL', message: `a fault of lubdub's own: ${message}` };
}

/** Reports a failure; the process ends with the exit code of the first one, a fault of lubdub's own outweighs all. */
export class Failures {
  exitCode = 0;

  constructor(private readonly output: Output) {}

  report(error: unknown, file: string | null): void {
    this.output.event(errorEvent(error, file));
    this.count(error);
  }

  reportEvent(event: ErrorEvent): void {
    this.output.event(event);
    this.countCode(event.code);
  }

  /** For what has already gone out as an event. */
  count(error: unknown): void {
    if (!(error instanceof LubdubError) && error instanceof Error) this.output.log(error.stack ?? '');
    this.countCode(errorEvent(error, null).code);
  }

  private countCode(errorCode: ErrorEvent['code']): void {
    const code = exitCodeFor(errorCode);
    if (this.exitCode === 0 || code === 70) this.exitCode = code;
  }
}
