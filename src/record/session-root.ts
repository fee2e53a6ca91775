import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { ConfigurationError, SessionError } from '../errors.js';
import { describeDiskFault, errorCode } from './disk-fault.js';
import { sessionFolderName } from './session-names.js';
import { diskFileSystem, type SessionFileSystem } from './session-file-system.js';

/** With less than this nothing is begun: the last of a disk belongs to the system that must stay alive. */
export const MIN_FREE_BYTES = 16 * 1024 * 1024;

const MAX_SESSIONS_A_SECOND = 1000;

/**
 * Checks, before any device is asked for, that sessions can be kept below a folder; makes the folder where it is missing.
 *
 * @returns the folder's full path and the bytes that may still be written there
 * @throws ConfigurationError for a name of nothing. SessionError where nothing can be written there, or less than {@link MIN_FREE_BYTES} is free
 */
export async function checkSessionRoot(
  outDirectory: string,
  { fileSystem = diskFileSystem, minFreeBytes = MIN_FREE_BYTES } = {},
): Promise<{ readonly directory: string; readonly freeBytes: number }> {
  // It would be the current folder, which nobody named.
  if (outDirectory.trim() === '') throw new ConfigurationError('--out must name a folder, got nothing');
  const directory = resolve(outDirectory);
  // A folder that can be looked at may still be read-only, and root may write where the disk may not.
  const probe = join(directory, `.lubdub-${randomBytes(6).toString('hex')}`);
  let freeBytes: number;
  try {
    await makeFolders(fileSystem, directory);
    const file = await fileSystem.createFile(probe);
    await file.close();
    await fileSystem.remove(probe);
    freeBytes = await fileSystem.freeBytes(directory);
  } catch (cause) {
    throw new SessionError(
      `recordings cannot be kept in ${directory}: ${describeDiskFault(cause)}, or name another folder with --out`,
      { cause },
    );
  }
  if (freeBytes < minFreeBytes) {
    throw new SessionError(
      `recordings need ${toMebibytes(minFreeBytes)} MiB of free space to begin, got ${toMebibytes(freeBytes)} MiB ` +
        `in ${directory}; free some, or name a folder on another disk with --out`,
    );
  }
  return { directory, freeBytes };
}

/** Makes the folder of a new session; where there is one of that second, the next is counted, never overwritten. */
export async function makeSessionFolder(
  fileSystem: SessionFileSystem,
  root: string,
  startedAt: Date,
  subject: string | null,
): Promise<string> {
  for (let copy = 0; ; copy++) {
    const directory = join(root, sessionFolderName(startedAt, subject, copy));
    try {
      await fileSystem.makeFolder(directory);
      return directory;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST' || copy >= MAX_SESSIONS_A_SECOND) throw error;
    }
  }
}

async function makeFolders(fileSystem: SessionFileSystem, directory: string): Promise<void> {
  try {
    await fileSystem.makeFolder(directory);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (errorCode(error) !== 'ENOENT' || dirname(directory) === directory) throw error;
    await makeFolders(fileSystem, dirname(directory));
    await fileSystem.makeFolder(directory);
  }
}

export function toMebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
