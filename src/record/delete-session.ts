import { randomBytes } from 'node:crypto';
import { lstat, realpath, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SessionError } from '../errors.js';
import { describeDiskFault, errorCode } from './disk-fault.js';
import { inTurn } from './plain-file.js';
import { refuseIfAlive } from './recover-session.js';
import { isSessionFolderName } from './session-names.js';
import { openSession } from './stored-session.js';

/**
 * Deletes a session with everything in its folder. Only a folder that has a session's name and lies directly in `root`,
 * itself and not through a link, is ever touched; links inside are removed and not followed. It is renamed first, so
 * that nobody reads half a session.
 *
 * @param name the folder's name, without a path
 * @throws SessionError where it is no session of that folder, is still being recorded, or cannot be deleted
 */
export async function deleteSession(root: string, name: string): Promise<void> {
  const noSession = () =>
    new SessionError('there is no session of that name; name the folder of a session, without a path');
  if (!isSessionFolderName(name)) throw noSession();
  let directory: string;
  try {
    directory = join(await inTurn(() => realpath(root)), name);
    if (!(await inTurn(() => lstat(directory))).isDirectory()) throw noSession();
  } catch (cause) {
    if (cause instanceof SessionError) throw cause;
    if (errorCode(cause) === 'ENOENT' || errorCode(cause) === 'ENOTDIR') throw noSession();
    throw new SessionError(`${name} cannot be deleted: ${describeDiskFault(cause)}`, { cause });
  }
  await refuseRecording(directory);
  // Not a session's name: no list shows it, and nobody can name it.
  const doomed = join(directory, '..', `.deleted-${randomBytes(6).toString('hex')}`);
  try {
    await rename(directory, doomed);
    await rm(doomed, { recursive: true, force: true, maxRetries: 2 });
  } catch (cause) {
    throw new SessionError(
      `${name} cannot be deleted whole: ${describeDiskFault(cause)}; what is left is in ${doomed}`,
      { cause },
    );
  }
}

/** What cannot be read any more is no reason to keep it: only a session that somebody writes to is refused. */
async function refuseRecording(directory: string): Promise<void> {
  const session = await openSession(directory).catch(() => null);
  if (session !== null && session.result === null) await refuseIfAlive(session, { orSelf: true });
}
