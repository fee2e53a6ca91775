import { heartSoundFinder } from '../../report/find-heart-sounds.js';
import { makeReport, type ReportOptions } from '../../report/report.js';
import { readReportedRecording, type ReportedRecording } from '../../report/reported-recording.js';
import type { ReportFormat } from '../../report/report-formats.js';

/**
 * The report of one stored session, or the joint one of several, as `lubdub report` makes it.
 *
 * @throws SessionError where one cannot be read, ConfigurationError where they are not of one subject
 */
export async function sessionsReport(
  directories: readonly string[],
  format: ReportFormat,
  options: ReportOptions,
): Promise<string> {
  const find = heartSoundFinder();
  const recordings: ReportedRecording[] = [];
  for (const directory of directories) recordings.push(await readReportedRecording(directory, find));
  return format.make(makeReport(recordings, options), { samples: true });
}
