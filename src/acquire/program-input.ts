import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { endGroup, endWords, isRunning, LineReader, startFailure, startGroup } from './process-group.js';

export interface ProgramInputOptions {
  /** What messages call it. */
  readonly name: string;
  /** A program and its arguments, which no shell reads. */
  readonly command: readonly [string, ...string[]];
  readonly environment?: NodeJS.ProcessEnv;
  /** It ended, and nobody asked it to: why, in words for people. */
  readonly onEnd: (message: string) => void;
}

/**
 * A program that reads what we write, in a process group of its own. Writing never waits: whoever writes looks at
 * {@link waitingBytes} first. It is killed when this process ends in whatever way but SIGKILL.
 */
export class ProgramInput {
  private readonly child: ChildProcessByStdio<Writable, null, Readable>;
  private isEnding = false;
  private isOver = false;

  constructor({ name, command, environment, onEnd }: ProgramInputOptions) {
    const [file, ...words] = command;
    this.child = spawn(file, words, {
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: process.platform !== 'win32',
      env: environment ?? process.env,
    });
    const lines = new LineReader(() => {});
    let failure: Error | undefined;
    startGroup(this.child);
    this.child.on('error', (error) => (failure = error));
    // A program that ends leaves a broken pipe, which its end explains.
    this.child.stdin.on('error', () => {});
    this.child.stderr.on('data', (bytes: Buffer) => lines.push(bytes));
    this.child.on('close', (code, signal) => {
      this.isOver = true;
      lines.finish();
      if (this.isEnding) return;
      onEnd(
        failure === undefined
          ? `${name} ${endWords(code, signal, lines.last)}`
          : `${name} cannot be started: ${startFailure(failure, file)}`,
      );
    });
  }

  /** Written, and not taken by it yet, beside what the system holds for it. */
  get waitingBytes(): number {
    return this.child.stdin.writableLength;
  }

  /** Does nothing once it has ended. The bytes are not to be changed afterwards. */
  write(bytes: Uint8Array): void {
    if (!this.isOver && !this.isEnding && this.child.stdin.writable) this.child.stdin.write(bytes);
  }

  /** Ends it at once, whatever it still holds. */
  close(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    if (!isRunning(this.child)) return;
    this.child.stdin.destroy();
    this.child.stderr.destroy();
    endGroup(this.child);
  }
}
