import type { MessagePort } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest } from '../classify/request-thread.js';
import type { OpenRecordingOptions } from '../decode/file/recording-file.js';
import { LubdubError } from '../errors.js';
import { errorEvent } from './event-of.js';
import { screenedFile, type ScreenedFile } from './file-screening.js';
import type { Emit } from './stored-screening.js';
import type { ScreeningEvent } from './screening-events.js';

/** A file to be screened. */
export interface FileScreeningRequest extends OpenRecordingOptions {
  readonly path: string;
}

export type FileScreeningReply = ThreadReply<null, ScreenedFile>;

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
      reply({ kind: 'reply', id, reply: await screened(request.path, (emit) => screen(request, emit)) });
    });
  });
  reply({ kind: 'ready', ready: null });
}

/**
 * Screens one file; one that cannot be read is an answer.
 *
 * @throws whatever else fails than the file
 */
export async function screened(path: string, screen: (emit: Emit) => Promise<void>): Promise<ScreenedFile> {
  const events: ScreeningEvent[] = [];
  try {
    await screen((event) => events.push(event));
  } catch (error) {
    if (!(error instanceof LubdubError) || error.code === 'LUBDUB_RUNTIME') throw error;
    events.push(errorEvent(error, path));
  }
  return screenedFile(events);
}
