import { heartSoundFinder } from '../../report/find-heart-sounds.js';
import { makeReport } from '../../report/report.js';
import { readReportedRecording } from '../../report/reported-recording.js';
import type { ReportFormat } from '../../report/report-formats.js';

/**
 * The report of one stored session, as `lubdub report` makes it.
 *
 * @throws SessionError where the session cannot be read
 */
export async function sessionReport(
  directory: string,
  format: ReportFormat,
  lubdubVersion: string,
): Promise<string> {
  const recording = await readReportedRecording(directory, heartSoundFinder());
  return format.make(makeReport([recording], { lubdubVersion }), { samples: true });
}
