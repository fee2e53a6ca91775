import { spawn, type ChildProcess } from 'node:child_process';
import { Observable } from 'rxjs';
import { PortError } from '../errors.js';

/** The program writes; its output can be held up where it can wait. */
export interface ProgramStarted {
  readonly kind: 'started';
  readonly pause: () => void;
  readonly resume: () => void;
}

/** What it wrote on stdout, in chunks of any size. The receiver owns the bytes. */
export interface ProgramBytes {
  readonly kind: 'bytes';
  readonly bytes: Uint8Array;
}

/** A line that it wrote on stderr, cut to 300 characters. */
export interface ProgramLine {
  readonly kind: 'line';
  readonly text: string;
}

export type ProgramEvent = ProgramStarted | ProgramBytes | ProgramLine;

export interface ProgramOptions {
  /** What messages call it. */
  readonly name: string;
  /** A program and its arguments, which no shell reads; or one text, which is a command line for `/bin/sh`. */
  readonly command: readonly [string, ...string[]] | string;
  readonly environment?: NodeJS.ProcessEnv;
}

const MAX_LINE_CHARACTERS = 300;
/** What a failure quotes of stderr. */
const QUOTED_LINES = 3;
/** A program that was asked to end may take so long before it is killed. */
const FAREWELL_MS = 1000;

/** Process groups that have to go when this process goes. */
const running = new Set<ChildProcess>();
let watchesExit = false;

/**
 * What a program writes, as a stream. Subscribing starts it, in a process group of its own, without stdin; unsubscribing
 * ends it and all that it started (SIGTERM, after a second SIGKILL). A terminal's Ctrl-C does not reach it, so that a
 * recording ends by our own word; it is killed when this process ends in whatever way but SIGKILL, and then it finds its
 * output closed.
 *
 * Completes where it ends with 0. Errors with PortError: `LUBDUB_PORT` where it cannot be started, `LUBDUB_DEVICE_LOST`
 * where it ends otherwise, with the last lines of its stderr. No more of that is kept than a few lines, whatever it writes.
 */
export function openProgram({ name, command, environment }: ProgramOptions): Observable<ProgramEvent> {
  return new Observable((subscriber) => {
    const [file, ...words] = typeof command === 'string' ? ['/bin/sh', '-c', command] : command;
    const child = spawn(file, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      env: environment ?? process.env,
    });
    const { stdout, stderr } = child;
    const lines = new LineReader((text) => subscriber.next({ kind: 'line', text }));
    let failure: Error | undefined;
    keepTrack(child);

    child.on('error', (error) => (failure = error));
    stdout.on('data', (bytes: Buffer) => subscriber.next({ kind: 'bytes', bytes }));
    stderr.on('data', (bytes: Buffer) => lines.push(bytes));
    // Both streams have ended too: nothing of its output is left.
    child.on('close', (code, signal) => {
      running.delete(child);
      lines.finish();
      if (failure !== undefined) {
        subscriber.error(
          new PortError(`${name} cannot be started: ${startFailure(failure, file)}`, { cause: failure }),
        );
      } else if (code === 0) subscriber.complete();
      else {
        const how = signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
        const said =
          lines.last.length === 0 ? 'it said nothing on stderr' : `its last words: ${lines.last.join(' / ')}`;
        subscriber.error(new PortError(`${name} ${how}; ${said}`, { code: 'LUBDUB_DEVICE_LOST' }));
      }
    });
    subscriber.next({ kind: 'started', pause: () => stdout.pause(), resume: () => stdout.resume() });

    return () => {
      if (!running.has(child)) return;
      // Whoever waits for room in a pipe that nobody reads would not hear of its end.
      stdout.destroy();
      stderr.destroy();
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
    };
  });
}

function keepTrack(child: ChildProcess): void {
  running.add(child);
  if (watchesExit) return;
  watchesExit = true;
  process.on('exit', () => {
    for (const left of running) signalGroup(left, 'SIGKILL');
  });
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

function startFailure(error: NodeJS.ErrnoException, file: string): string {
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
class LineReader {
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
