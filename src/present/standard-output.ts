import { ExitCode } from './exit-codes.js';

const listeners: (() => void)[] = [];
let isLost = false;

/**
 * Tells once that stdout takes nothing more: its reader has ended (`EPIPE`), the disk that it goes to is full, the
 * terminal is gone. A command that has something to bring to its end listens; the others end at once.
 */
export function onStdoutLost(listener: () => void): void {
  listeners.push(listener);
  if (isLost) listener();
}

/** To be called once, before anything is written. */
export function watchStandardStreams(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isLost) return;
    isLost = true;
    // A reader that has seen enough (`lubdub … | head`) knows it.
    if (error.code !== 'EPIPE') process.stderr.write(`stdout cannot be written: ${error.message}\n`);
    const { exitCode } = process;
    const isAwaited = listeners.length > 0 && exitCode === undefined;
    for (const listener of listeners) listener();
    if (!isAwaited) process.exit(exitCode === undefined || exitCode === 0 ? ExitCode.notKept : exitCode);
  });
  // Where not even this can be said, there is nobody to say it to.
  process.stderr.on('error', () => {});
}
