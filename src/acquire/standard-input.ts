import { fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { Observable } from 'rxjs';
import { ConfigurationError, PortError } from '../errors.js';
import type { ProgramEvent } from './program-output.js';

/** Once it has ended there is nothing more, however often it is opened. */
const ended = new WeakSet<Readable>();

/**
 * What comes over a pipe into stdin. It completes where the pipe ends; unsubscribing leaves the pipe open, and what comes
 * meanwhile waits in it.
 *
 * @throws ConfigurationError at the call where stdin is a terminal
 */
export function openStandardInput(
  input: Readable & { readonly isTTY?: boolean } = process.stdin,
): Observable<ProgramEvent> {
  if (input.isTTY === true) {
    throw new ConfigurationError(
      'stdin must be a pipe or a file with samples, got a terminal; for example: PROGRAM | lubdub live - --rate HZ',
    );
  }
  return new Observable((subscriber) => {
    if (ended.has(input)) {
      return subscriber.error(
        new PortError('stdin has ended: a pipe can be read only once', { code: 'LUBDUB_NO_DEVICE' }),
      );
    }
    const take = (bytes: Buffer): void => subscriber.next({ kind: 'bytes', bytes });
    const end = (): void => {
      ended.add(input);
      subscriber.complete();
    };
    const fail = (cause: Error): void =>
      subscriber.error(
        new PortError(`stdin failed: ${cause.message}`, { code: 'LUBDUB_DEVICE_LOST', cause }),
      );
    subscriber.next({ kind: 'started', pause: () => input.pause(), resume: () => input.resume() });
    input.on('end', end).on('error', fail).on('data', take);
    return () => {
      input.off('end', end).off('error', fail).off('data', take);
      input.pause();
    };
  });
}

/** Whether stdin is a file on disk, which comes as fast as it is read. */
export function isStdinFile(): boolean {
  try {
    return fstatSync(0).isFile();
  } catch {
    return false;
  }
}
