import { spawn } from 'node:child_process';
import { Observable } from 'rxjs';
import { PortError } from '../errors.js';
import { endGroup, endWords, isRunning, LineReader, startFailure, startGroup } from './process-group.js';

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
    startGroup(child);

    child.on('error', (error) => (failure = error));
    stdout.on('data', (bytes: Buffer) => subscriber.next({ kind: 'bytes', bytes }));
    stderr.on('data', (bytes: Buffer) => lines.push(bytes));
    // Both streams have ended too: nothing of its output is left.
    child.on('close', (code, signal) => {
      lines.finish();
      if (failure !== undefined) {
        const words = startFailure(failure, file);
        subscriber.error(new PortError(`${name} cannot be started: ${words}`, { cause: failure }));
      } else if (code === 0) subscriber.complete();
      else {
        const words = `${name} ${endWords(code, signal, lines.last)}`;
        subscriber.error(new PortError(words, { code: 'LUBDUB_DEVICE_LOST' }));
      }
    });
    subscriber.next({ kind: 'started', pause: () => stdout.pause(), resume: () => stdout.resume() });

    return () => {
      if (!isRunning(child)) return;
      // Whoever waits for room in a pipe that nobody reads would not hear of its end.
      stdout.destroy();
      stderr.destroy();
      endGroup(child);
    };
  });
}
