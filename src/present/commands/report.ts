import { basename, dirname, join, resolve } from 'node:path';
import { ConfigurationError } from '../../errors.js';
import { describeDiskFault, errorCode } from '../../record/disk-fault.js';
import { diskFileSystem, writeAtomically } from '../../record/session-file-system.js';
import { EVENTS_FILE, partOfSampleFile, RESULT_FILE, SESSION_FILE } from '../../record/session-names.js';
import { heartSoundFinder } from '../../report/find-heart-sounds.js';
import { makeReport, type Report } from '../../report/report.js';
import { REPORT_FORMAT_NAMES, REPORT_FORMATS, type ReportFormat } from '../../report/report-formats.js';
import { readReportedRecording, type ReportedRecording } from '../../report/reported-recording.js';
import { sessionFolders } from './named-folders.js';
import type { ReportCommandOptions } from '../command-options.js';
import { ExitCode } from '../exit-codes.js';
import type { Output } from '../output.js';
import { packageVersion } from '../../package-info.js';
import { DISCLAIMER } from '../../verdict/disclaimer.js';

/**
 * `lubdub report`: stored sessions of one subject as a page to print, a FHIR bundle, a table of windows. A
 * folder that is no session stands for those directly in it.
 *
 * @throws SessionError where a session cannot be read: a report that silently lacks one would be wrong.
 * ConfigurationError for sessions that do not belong together, and for files that cannot be written
 */
export async function report(
  directories: readonly string[],
  options: ReportCommandOptions,
  output: Output,
): Promise<number> {
  const findHeartSounds = heartSoundFinder();
  const recordings: ReportedRecording[] = [];
  for (const directory of await sessionFolders(directories)) {
    recordings.push(await readReportedRecording(directory, findHeartSounds));
  }
  const told = makeReport(recordings, { lubdubVersion: packageVersion });
  for (const { path, format } of filesOf(told, options)) {
    await write(path, await format.make(told, options));
    output.say(`wrote ${path}`);
  }
  output.say(DISCLAIMER);
  return ExitCode.done;
}

function filesOf(
  report: Report,
  options: ReportCommandOptions,
): { readonly path: string; readonly format: ReportFormat }[] {
  const named = REPORT_FORMAT_NAMES.flatMap((name) => {
    const path = options[name];
    return path === undefined ? [] : [{ path, format: REPORT_FORMATS[name] }];
  });
  if (named.length === 0) {
    named.push({ path: `${report.recordings[0].name}.html`, format: REPORT_FORMATS.html });
  }
  // Before anything is written: half a report helps nobody.
  for (const { path } of named) refuseSessionFile(path);
  if (new Set(named.map(({ path }) => resolve(path))).size < named.length) {
    const flags = REPORT_FORMAT_NAMES.map((name) => `--${name}`);
    throw new ConfigurationError(`${new Intl.ListFormat('en-GB').format(flags)} must name different files`);
  }
  return named;
}

/** A recording cannot be made again. */
function refuseSessionFile(path: string): void {
  const name = basename(resolve(path));
  const isSessionFile =
    partOfSampleFile(name) !== null ||
    [SESSION_FILE, EVENTS_FILE].includes(name) ||
    name.startsWith(RESULT_FILE);
  if (!isSessionFile) return;
  throw new ConfigurationError(
    `a report must not be named as the files of a session are, got ${path}; choose another name, such as ` +
      join(dirname(path), 'report.html'),
  );
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeAtomically(diskFileSystem, resolve(path), Buffer.from(text));
  } catch (cause) {
    const code = errorCode(cause);
    const fault =
      code === 'ENOENT'
        ? `there is no folder ${dirname(resolve(path))}; make it, or choose another`
        : code === 'EISDIR'
          ? 'it is a folder; name a file'
          : describeDiskFault(cause);
    throw new ConfigurationError(`the report cannot be written to ${path}: ${fault}`, { cause });
  }
}
