import { writeFile } from 'node:fs/promises';
import { htmlReport } from '../../report/html-report.js';
import { makeReport, type JointResult } from '../../report/report.js';
import { readReportedRecording, type ReportedRecording } from '../../report/reported-recording.js';
import { ExitCode } from '../exit-codes.js';
import type { Output } from '../output.js';
import { DISCLAIMER, packageVersion } from '../package-info.js';
import { EXAMINATION_PAUSE_MS, examinationsOf, JOINT_RULE } from '../page/examination.js';
import { SITES } from '../page/page-messages.js';

export interface ReportCommandOptions {
  readonly html?: string;
  readonly fhir?: string;
  readonly csv?: string;
}

export async function report(directories: readonly string[], options: ReportCommandOptions, output: Output): Promise<number> {
  const recordings = [];
  for (const d of directories) recordings.push(await readReportedRecording(d));
  const report = makeReport(recordings, { lubdubVersion: packageVersion, join: joinSites });
  await writeFile(options.html!, await htmlReport(report));
  output.say(DISCLAIMER);
  return ExitCode.done;
}

function joinSites(recordings: readonly ReportedRecording[]): JointResult | string {
  const examinations = examinationsOf(
    recordings.map(({ name, subject, site, final, startedAt }) => ({
      subject: subject!,
      site: SITES.find((known) => known === site) ?? null,
      // A site that was begun and has no result was not found normal.
      verdict: final?.verdict ?? 'inconclusive',
      startedAtMs: Date.parse(startedAt),
      session: name,
    })),
  );
  if (examinations.length > 1) {
    const minutes = EXAMINATION_PAUSE_MS / 60_000;
    return `between some of the recordings there are more than ${minutes} minutes: they are ${examinations.length} examinations`;
  }
  const [{ verdict, sites }] = examinations;
  return { verdict, sites, rule: JOINT_RULE };
}
