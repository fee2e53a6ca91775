import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SessionError } from '../errors.js';
import { describeDiskFault, errorCode } from './disk-fault.js';
import { isSessionFolderName } from './session-names.js';
import { openSession, type SessionState } from './stored-session.js';

/** A session in short. */
export interface SessionSummary {
  readonly directory: string;
  /** `unreadable`: it has the name of a session, but `message` says why it cannot be opened. */
  readonly state: SessionState | 'unreadable';
  readonly startedAt: string | null;
  readonly subject: string | null;
  readonly durationSeconds: number | null;
  readonly storedSamples: number | null;
  /** The final verdict's word; `null` where there is none. */
  readonly verdict: string | null;
  readonly message: string | null;
}

/**
 * The sessions below a folder, the oldest first.
 *
 * @throws SessionError where the folder cannot be read
 */
export async function listSessions(root: string): Promise<SessionSummary[]> {
  if (root === '') throw new SessionError('a folder of sessions must be named, got nothing');
  const path = resolve(root);
  let names: string[];
  try {
    const entries = await readdir(path, { withFileTypes: true });
    names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  } catch (cause) {
    const why =
      errorCode(cause) === 'ENOENT'
        ? 'there is no such folder (ENOENT); check the name, or plug in the disk that it is on'
        : describeDiskFault(cause);
    throw new SessionError(`${path} cannot be listed: ${why}`, { cause });
  }
  const summaries: SessionSummary[] = [];
  for (const name of names.filter(isSessionFolderName).sort()) {
    summaries.push(await summarise(join(path, name)));
  }
  return summaries;
}

async function summarise(directory: string): Promise<SessionSummary> {
  try {
    const session = await openSession(directory);
    const { state, description, durationSeconds, storedSamples, result } = session;
    const { startedAt } = description;
    const { subject } = session.named;
    const verdict = typeof result?.final?.verdict === 'string' ? result.final.verdict : null;
    return { directory, state, startedAt, subject, durationSeconds, storedSamples, verdict, message: null };
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return {
      directory,
      state: 'unreadable',
      startedAt: null,
      subject: null,
      durationSeconds: null,
      storedSamples: null,
      verdict: null,
      message: error.message,
    };
  }
}
