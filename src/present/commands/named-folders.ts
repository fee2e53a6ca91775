import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../../errors.js';
import { isSessionFolderName, SESSION_FILE } from '../../record/session-names.js';

const RECORDING = /\.(wav|flac)$/i;
/** Whoever names a whole disk by mistake should hear of it before it is screened. */
const MAX_FILES = 100_000;

/** At once: a promise for each of hundreds of files takes six times as long. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * The files that are meant: a folder stands for all WAV and FLAC files in it and in the folders below it, by name. Hidden
 * ones are left out and links in it are not followed.
 *
 * @throws ConfigurationError for a folder that cannot be listed or holds no recording
 */
export async function recordingFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!isFolder(path)) files.push(path);
    else {
      const found = await recordingsBelow(path);
      if (found.length === 0) {
        throw new ConfigurationError(
          `${path} must hold a WAV or FLAC file, there or in a folder below, got none; name another folder or the files`,
        );
      }
      for (const file of found) files.push(file);
    }
  }
  return files;
}

async function recordingsBelow(root: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    let entries;
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (cause) {
      throw new ConfigurationError(
        `${folder} cannot be listed: ${(cause as Error).message}; name the files, or a folder that you may read`,
        { cause },
      );
    }
    for (const entry of entries.filter(({ name }) => !name.startsWith('.'))) {
      if (entry.isDirectory()) folders.push(join(folder, entry.name));
      else if (entry.isFile() && RECORDING.test(entry.name)) files.push(join(folder, entry.name));
    }
    if (files.length > MAX_FILES) {
      throw new ConfigurationError(
        `${root} must hold at most ${MAX_FILES} recordings, got more; name the folders below it one after the other`,
      );
    }
  }
  return files.sort();
}

/**
 * The sessions that are meant: a folder that is no session stands for those directly in it, the oldest first, which is
 * what `--out` named.
 */
export async function sessionFolders(paths: readonly string[]): Promise<string[]> {
  const sessions: string[] = [];
  for (const path of paths) {
    const names = isFolder(path) ? await readdir(path).catch(() => []) : [];
    const below = names.includes(SESSION_FILE) ? [] : names.filter(isSessionFolderName).sort();
    // What is neither is for whoever opens it to explain.
    if (below.length === 0) sessions.push(path);
    for (const name of below) sessions.push(join(path, name));
  }
  return sessions;
}
