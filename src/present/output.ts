import type { ControllerStatus, PreviewWindow } from '../bedside/bedside-status.js';
import { LubdubError } from '../errors.js';
import { printable, printableJson } from '../printable.js';
import { errorEvent } from '../screen/event-of.js';
import { ExitCode, exitCodeFor } from './exit-codes.js';
import type { ErrorEvent } from '../screen/screening-events.js';
import type { ProgramEvent } from './program-events.js';

/** Where a command's results go. */
export interface Output {
  event(event: ProgramEvent): void;
  /** For programs only: events as lines of JSON, written as they stand. Whoever has it is not told the events. */
  jsonLines?(text: string): void;
  /** For people only; programs read events. */
  say(line: string): void;
  /** What is going on, off the results: stderr. */
  log(line: string): void;
  /** The signal at the model's rate, for who draws it. */
  trace?(samples: Float64Array): void;
  /** How the bedside stands, for who shows it. */
  status?(status: ControllerStatus): void;
  /** How good the signal is that is previewed. */
  preview?(window: PreviewWindow): void;
  close?(): void;
}

/** One JSON object a line on stdout and nothing else; logs go to stderr. */
export class JsonOutput implements Output {
  event(event: ProgramEvent): void {
    this.jsonLines(`${printableJson(event)}\n`);
  }

  jsonLines(text: string): void {
    process.stdout.write(text);
  }

  say(): void {}

  log(line: string): void {
    process.stderr.write(`${printable(line)}\n`);
  }
}

/** Reports a failure; the process ends with the exit code of the first one, a fault of lubdub's own outweighs all. */
export class Failures {
  exitCode = 0;

  constructor(private readonly output: Output) {}

  report(error: unknown, file: string | null): void {
    this.output.event(errorEvent(error, file));
    this.count(error);
  }

  /** For what has already gone out as an event. */
  count(error: unknown): void {
    if (!(error instanceof LubdubError) && error instanceof Error) this.output.log(error.stack ?? '');
    this.countError(errorEvent(error, null).code);
  }

  /** Something of what was to be stored or written was not; another failure outweighs this. */
  countNotKept(): void {
    if (this.exitCode === 0) this.exitCode = ExitCode.notKept;
  }

  /** For what has already gone out, maybe in an earlier run. */
  countError(errorCode: ErrorEvent['code']): void {
    const code = exitCodeFor(errorCode);
    if (this.exitCode === 0 || this.exitCode === ExitCode.notKept || code === 70) this.exitCode = code;
  }
}
