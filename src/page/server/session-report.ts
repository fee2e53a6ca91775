import { fhirBundle } from '../../report/fhir-bundle.js';
import { heartSoundFinder } from '../../report/find-heart-sounds.js';
import { htmlReport } from '../../report/html-report.js';
import { makeReport } from '../../report/report.js';
import { readReportedRecording } from '../../report/reported-recording.js';
import { windowsCsv } from '../../report/windows-csv.js';

const REPORT_KINDS = ['report.html', 'fhir.json', 'windows.csv'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export function isReportKind(name: string): name is ReportKind {
  return (REPORT_KINDS as readonly string[]).includes(name);
}

/**
 * The report of one stored session, as `lubdub report` makes it.
 *
 * @throws SessionError where the session cannot be read
 */
export async function sessionReport(
  directory: string,
  kind: ReportKind,
  lubdubVersion: string,
): Promise<string> {
  const recording = await readReportedRecording(directory, heartSoundFinder());
  const report = makeReport([recording], { lubdubVersion });
  switch (kind) {
    case 'report.html':
      return htmlReport(report);
    case 'fhir.json':
      return `${JSON.stringify(await fhirBundle(report, { samples: true }), null, 1)}\n`;
    case 'windows.csv':
      return windowsCsv(report);
  }
}
