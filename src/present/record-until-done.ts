import { fromEvent, merge } from 'rxjs';
import type { Bedside } from '../bedside/bedside.js';
import type { Naming } from '../bedside/bedside-status.js';
import { PortError, ProtocolError } from '../errors.js';
import type { Failures, Output } from './output.js';
import { onStdoutLost } from './standard-output.js';

export interface UntilDoneOptions {
  readonly naming: Naming;
  /** Begin when somebody presses start on the page, not at once. */
  readonly wait: boolean;
  /** What is recorded is stored, so that it is worth something though nobody reads on. */
  readonly isStored: boolean;
  /** Whether a recording that has ended, or a stethoscope that is gone, leaves the page open; asked when it happens. */
  readonly stays: () => boolean;
  /** Said each time that it does. */
  readonly stayingSentence: string;
}

/**
 * Records until the command is done: where nothing stays, with the first recording that ends by itself; one that a person
 * stopped on the page does not end it, as the next may follow. Where the page stays, with Ctrl-C alone.
 */
export async function recordUntilDone(
  bedside: Bedside,
  { naming, wait, isStored, stays, stayingSentence }: UntilDoneOptions,
  failures: Failures,
  output: Output,
): Promise<void> {
  let stoppedByPerson = false;
  let isRecording = false;
  await new Promise<void>((resolve) => {
    bedside.status$.subscribe(({ state }) => {
      isRecording = state === 'connecting' || state === 'recording' || state === 'stopping';
      if (state === 'connecting') stoppedByPerson = false;
      if (state === 'stopping') stoppedByPerson = true;
    });
    let interrupted = false;
    bedside.ended$.subscribe(({ error, isKept }) => {
      const isOver = interrupted || !stays() || !isOfTheLine(error);
      if (error !== undefined && isOver) failures.count(error);
      if (!isKept) failures.countNotKept();
      if (isOver && (error !== undefined || !stoppedByPerson || interrupted)) return resolve();
      output.log(stayingSentence);
    });
    const interrupt = () => {
      if (!isRecording) resolve();
      interrupted = true;
      if (isRecording) bedside.stop().catch(() => resolve());
    };
    merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')).subscribe(() => {
      // A second Ctrl-C does not wait for the device.
      if (interrupted) resolve();
      else interrupt();
    });
    // A terminal that is closed sends more than one, and none of them is a person in a hurry.
    fromEvent(process, 'SIGHUP').subscribe(() => {
      if (!interrupted) interrupt();
    });
    onStdoutLost(() => {
      failures.countNotKept();
      if (interrupted) return;
      if (!isStored) interrupt();
      else output.log('nobody reads the results any more; what is recorded is stored until it ends');
    });
    if (!wait) void bedside.start(naming);
    if (stays()) bedside.listenIn();
  });
}

/** What plugging in, or the next stethoscope, mends; nothing else is a reason to stay. */
const isOfTheLine = (error: unknown): boolean =>
  error === undefined || error instanceof PortError || error instanceof ProtocolError;
