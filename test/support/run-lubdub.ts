import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ProgramEvent } from '../../src/present/program-events.js';
import type { FinalEvent } from '../../src/screen/result-events.js';

const main = fileURLToPath(new URL('../../src/present/main.js', import.meta.url));

export interface Finished {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Every line of stdout as JSON; throws where one is none. */
  readonly events: ProgramEvent[];
}

/** A `lubdub` process of its own, as a user starts it. */
export class RunningLubdub {
  readonly finished: Promise<Finished>;
  private readonly child: ChildProcessWithoutNullStreams;
  private stdout = '';
  private stderr = '';

  /** @param user another one than that of the tests */
  constructor(
    words: readonly string[],
    environment: NodeJS.ProcessEnv = {},
    user: { readonly uid?: number; readonly gid?: number } = {},
  ) {
    this.child = spawn(process.execPath, [main, ...words], {
      ...user,
      env: { ...process.env, XDG_CONFIG_HOME: '/nonexistent', ...environment },
    });
    this.child.stdout.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.finished = new Promise((resolve) => {
      this.child.on('close', (exitCode) => {
        const { stdout, stderr } = this;
        resolve({
          exitCode,
          stdout,
          stderr,
          get events() {
            const lines = stdout.split('\n').filter((line) => line !== '');
            return lines.map((line) => JSON.parse(line) as ProgramEvent);
          },
        });
      });
    });
  }

  /** Waits for an event of one kind on stdout. */
  async until<Kind extends ProgramEvent['kind']>(kind: Kind): Promise<Extract<ProgramEvent, { kind: Kind }>> {
    for (;;) {
      for (const line of this.stdout.split('\n').slice(0, -1)) {
        const event = JSON.parse(line) as ProgramEvent;
        if (event.kind === kind) return event as Extract<ProgramEvent, { kind: Kind }>;
      }
      const ended = await Promise.race([
        this.finished.then(() => true),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 20)),
      ]);
      if (ended) throw new Error(`lubdub ended without an event ${kind}:\n${this.stdout}\n${this.stderr}`);
    }
  }

  /** Waits for a line of stdout or stderr, and returns what the pattern found. */
  async untilText(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (found !== null) return found;
      const ended = await Promise.race([
        this.finished.then(() => true),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 20)),
      ]);
      if (ended) throw new Error(`lubdub ended without ${pattern}:\n${this.stdout}\n${this.stderr}`);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

export const runLubdub = (words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Finished> =>
  new RunningLubdub(words, environment).finished;

export function finalOf({ events, stderr }: Finished): FinalEvent {
  const final = events.find((event): event is FinalEvent => event.kind === 'final');
  if (final === undefined) throw new Error(`no final event; stderr: ${stderr}`);
  return final;
}
