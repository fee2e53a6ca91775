import { basename, dirname, join, resolve } from 'node:path';
import { ConfigurationError } from '../../errors.js';
import { describeDiskFault, errorCode } from '../../record/disk-fault.js';
import { diskFileSystem, writeAtomically } from '../../record/session-file-system.js';
import { EVENTS_FILE, partOfSampleFile, RESULT_FILE, SESSION_FILE } from '../../record/session-layout.js';
import { fhirBundle } from '../../report/fhir-bundle.js';
import { heartSoundFinder } from '../../report/find-heart-sounds.js';
import { htmlReport } from '../../report/html-report.js';
import { makeReport, type Report } from '../../report/report.js';
import { readReportedRecording, type ReportedRecording } from '../../report/reported-recording.js';
import { windowsCsv } from '../../report/windows-csv.js';
import { ExitCode } from '../exit-codes.js';
import type { Output } from '../output.js';
import { packageVersion } from '../../package-info.js';
import { DISCLAIMER } from '../../verdict/disclaimer.js';

export interface ReportCommandOptions {
  /** Files to write; with none, a page named after the first session in the current folder. */
  readonly html?: string;
  readonly fhir?: string;
  readonly csv?: string;
  /** Whether the samples go into the FHIR bundle. */
  readonly samples: boolean;
}

/**
 * `lubdub report`: stored sessions of one subject as a page to print, a FHIR bundle, a table of windows.
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
  for (const directory of directories) {
    recordings.push(await readReportedRecording(directory, findHeartSounds));
  }
  const told = makeReport(recordings, { lubdubVersion: packageVersion });
  for (const [path, make] of filesOf(told, options)) {
    await write(path, await make());
    output.say(`wrote ${path}`);
  }
  output.say(DISCLAIMER);
  return ExitCode.done;
}

function filesOf(report: Report, options: ReportCommandOptions): [string, () => Promise<string>][] {
  const { html, fhir, csv, samples } = options;
  const page =
    html ?? (fhir === undefined && csv === undefined ? `${report.recordings[0].name}.html` : undefined);
  const bundle = async () => `${JSON.stringify(await fhirBundle(report, { samples }), null, 1)}\n`;
  const files: [string | undefined, () => Promise<string>][] = [
    [page, () => htmlReport(report)],
    [fhir, bundle],
    [csv, () => Promise.resolve(windowsCsv(report))],
  ];
  const named = files.filter((file): file is [string, () => Promise<string>] => file[0] !== undefined);
  // Before anything is written: half a report helps nobody.
  for (const [path] of named) refuseSessionFile(path);
  if (new Set(named.map(([path]) => resolve(path))).size < named.length) {
    throw new ConfigurationError('--html, --fhir and --csv must name different files');
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
