import { ReplaySubject } from 'rxjs';
import { ExitCode } from './exit-codes.js';

/**
 * Emits once stdout takes nothing more: its reader has ended (`EPIPE`), the disk that it goes to is full, the terminal
 * is gone. A command that has something to bring to its end subscribes; the others end at once.
 */
export const stdoutLost$ = new ReplaySubject<NodeJS.ErrnoException>(1);

/** To be called once, before anything is written. */
export function watchStandardStreams(): void {
  let isLost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isLost) return;
    isLost = true;
    // A reader that has seen enough (`lubdub … | head`) knows it.
    if (error.code !== 'EPIPE') process.stderr.write(`stdout cannot be written: ${error.message}\n`);
    const { exitCode } = process;
    const isAwaited = stdoutLost$.observed && exitCode === undefined;
    stdoutLost$.next(error);
    if (!isAwaited) process.exit(exitCode === undefined || exitCode === 0 ? ExitCode.notKept : exitCode);
  });
  // Where not even this can be said, there is nobody to say it to.
  process.stderr.on('error', () => {});
}
