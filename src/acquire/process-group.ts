import type { ChildProcess } from 'node:child_process';

const MAX_LINE_CHARACTERS = 300;
/** What a failure quotes of stderr. */
const QUOTED_LINES = 3;
/** A program that was asked to end may take so long before it is killed. */
const FAREWELL_MS = 1000;

/** Process groups that have to go when this process goes. */
const running = new Set<ChildProcess>();
let watchesExit = false;

/**
 * A child that was spawned `detached`, in a process group of its own: it is killed, with all that it started, when this
 * process ends in whatever way but SIGKILL.
 */
export function startGroup(child: ChildProcess): void {
  running.add(child);
  // What could not be started has no exit.
  child.once('close', () => running.delete(child));
  if (watchesExit) return;
  watchesExit = true;
  process.on('exit', () => {
    for (const left of running) signalGroup(left, 'SIGKILL');
  });
}

export const isRunning = (child: ChildProcess): boolean => running.has(child);

/** Ends a child and all that it started: SIGTERM, after a second SIGKILL. This process does not wait for it. */
export function endGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), FAREWELL_MS);
  timer.unref();
  child.once('exit', () => {
    running.delete(child);
    // What it had started and left behind goes too.
    signalGroup(child, 'SIGKILL');
    clearTimeout(timer);
  });
  child.unref();
}

/** How it ended, with the last lines of its stderr. */
export function endWords(
  code: number | null,
  signal: NodeJS.Signals | null,
  last: readonly string[],
): string {
  const how = signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
  return `${how}; ${last.length === 0 ? 'it said nothing on stderr' : `its last words: ${last.join(' / ')}`}`;
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It is gone.
  }
}

/** Why a program could not be started, and what to do. */
export function startFailure(error: NodeJS.ErrnoException, file: string): string {
  switch (error.code) {
    case 'ENOENT':
      return `there is no program ${file}; install it, or check PATH`;
    case 'EACCES':
      return `${file} may not be run; check its permissions`;
    default:
      return error.message;
  }
}

/** Lines of stderr, bounded: what is longer than a line may be is cut. */
export class LineReader {
  readonly last: string[] = [];
  private line = '';

  constructor(private readonly tell: (text: string) => void) {}

  push(bytes: Buffer): void {
    for (const [i, part] of bytes
      .toString('utf8')
      .split(/\r?\n|\r/)
      .entries()) {
      if (i > 0) this.finish();
      this.line += part.slice(0, MAX_LINE_CHARACTERS - this.line.length);
    }
  }

  finish(): void {
    const text = this.line.trim();
    this.line = '';
    if (text === '') return;
    this.last.push(text);
    if (this.last.length > QUOTED_LINES) this.last.shift();
    this.tell(text);
  }
}
