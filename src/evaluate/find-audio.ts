import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../errors.js';
import type { LabelledRecording } from './labelled-set.js';

const ENDINGS = ['.wav', '.flac', '.WAV', '.FLAC'];
const NAMED_MISSING = 5;

/**
 * Finds each recording's file: FOLDER/record.wav or .flac, or the same in FOLDER/database/ or, as the Challenge has
 * it, in FOLDER/training-database/. The first that is there counts.
 *
 * @returns paths by record
 * @throws ConfigurationError where files are missing: scores of the rest would be those of another set
 */
export async function findAudio(
  recordings: readonly LabelledRecording[],
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  const missing: string[] = [];
  for (const recording of recordings) {
    const path = await firstFile(candidates(recording, folder));
    if (path === undefined) missing.push(recording.record);
    else paths.set(recording.record, path);
  }
  if (missing.length > 0) {
    const named = missing.slice(0, NAMED_MISSING).join(', ');
    const others = missing.length > NAMED_MISSING ? ` and ${missing.length - NAMED_MISSING} others` : '';
    throw new ConfigurationError(
      `${folder}: must hold a .wav or .flac file of each of the ${recordings.length} recordings in the table, but ` +
        `${missing.length} are missing: ${named}${others}; name their folder with --audio or take them out of the table`,
    );
  }
  return paths;
}

function candidates({ record, database }: LabelledRecording, folder: string): string[] {
  const folders =
    database === null ? [folder] : [folder, join(folder, database), join(folder, `training-${database}`)];
  const names = /\.(wav|flac)$/i.test(record) ? [record] : ENDINGS.map((ending) => record + ending);
  return folders.flatMap((parent) => names.map((name) => join(parent, name)));
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) return path;
  }
  return undefined;
}
