import type { MessagePort } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest } from '../classify/request-thread.js';
import type { OpenRecordingOptions } from '../decode/recording-file.js';
import { LubdubError } from '../errors.js';
import { errorEvent } from './event-of.js';
import type { Emit } from './stored-screening.js';
import type { ScreeningEvent } from './screening-events.js';

/** A file to be screened. */
export interface FileScreeningRequest extends OpenRecordingOptions {
  readonly path: string;
}

/** A file's events, `final` or `error` last. */
export type FileScreeningReply = ThreadReply<null, ScreeningEvent[]>;

/**
 * Answers a screening thread's requests, a file each, one after the other.
 *
 * A file that cannot be read is an answer. Whatever else fails ends the thread, by an unhandled rejection: a runtime
 * that trapped is spoilt, and another thread has to try the file again.
 */
export function answerFiles(
  port: MessagePort,
  screen: (request: FileScreeningRequest, emit: Emit) => Promise<void>,
): void {
  const reply = (message: FileScreeningReply): void => port.postMessage(message);
  let last: Promise<unknown> = Promise.resolve();
  port.on('message', ({ id, request }: ThreadRequest<FileScreeningRequest>) => {
    last = last.then(async () => {
      const events = await eventsOf(request.path, (emit) => screen(request, emit));
      reply({ kind: 'reply', id, reply: events });
    });
  });
  reply({ kind: 'ready', ready: null });
}

/**
 * @returns the events of one file, `final` or `error` last
 * @throws whatever else fails than the file
 */
export async function eventsOf(
  path: string,
  screen: (emit: Emit) => Promise<void>,
): Promise<ScreeningEvent[]> {
  const events: ScreeningEvent[] = [];
  try {
    await screen((event) => events.push(event));
  } catch (error) {
    if (!(error instanceof LubdubError) || error.code === 'LUBDUB_RUNTIME') throw error;
    events.push(errorEvent(error, path));
  }
  return events;
}
