import { createHash } from 'node:crypto';
import { SessionError } from '../../errors.js';
import { packageVersion } from '../../package-info.js';
import { FhirQueue, type QueuedTransaction } from '../../publish/fhir-queue.js';
import { FhirServer } from '../../publish/fhir-server.js';
import { fhirBundle } from '../../report/fhir-bundle.js';
import { heartSoundFinder } from '../../report/find-heart-sounds.js';
import { makeReport } from '../../report/report.js';
import { readReportedRecording, type ReportedRecording } from '../../report/reported-recording.js';
import { EXAMINATION_PAUSE_MS } from '../../verdict/examination.js';
import type { FhirPushOptions } from '../network-options.js';
import { Failures, type Output } from '../output.js';
import { sessionFolders } from './named-folders.js';

/**
 * `lubdub fhir push`: queues finished sessions on disk, an examination a transaction, and sends what waits to a FHIR
 * server. Without sessions it sends what an earlier push could not.
 *
 * @returns the exit code: 5 where a session cannot be read or is not finished, 6 where something still waits
 * @throws ConfigurationError for what cannot be sent before somebody does something about it
 */
export async function fhirPush(
  directories: readonly string[],
  options: FhirPushOptions,
  output: Output,
): Promise<number> {
  const server = new FhirServer({
    url: options.server,
    tokenFile: options.fhirToken,
    caFile: options.fhirCa,
  });
  const failures = new Failures(output);
  const { queue, asideAs } = FhirQueue.open(server, options.outbox);
  try {
    if (asideAs !== null) output.log(`the queue was damaged; it was put aside as ${asideAs}`);
    for (const recordings of examinations(await finished(directories, failures))) {
      queue.append(await transactionOf(recordings, options));
    }
    const hasAll = await queue.send(server, (event) => output.event(event), options.wait === true);
    if (!hasAll) failures.countNotKept();
  } finally {
    queue.close();
  }
  return failures.exitCode;
}

async function finished(directories: readonly string[], failures: Failures): Promise<ReportedRecording[]> {
  const findHeartSounds = heartSoundFinder();
  const recordings: ReportedRecording[] = [];
  for (const directory of new Set(await sessionFolders(directories))) {
    try {
      const recording = await readReportedRecording(directory, findHeartSounds);
      if (recording.final === null) {
        throw new SessionError(
          `${directory} has no result, and only finished sessions are sent; end the recording, or mend it with ` +
            '`lubdub recover`',
        );
      }
      recordings.push(recording);
    } catch (error) {
      if (!(error instanceof SessionError)) throw error;
      failures.report(error, directory);
    }
  }
  return recordings;
}

/** As everywhere: recordings of one subject with at most an hour between two. One without a subject stands alone. */
export function examinations(recordings: readonly ReportedRecording[]): ReportedRecording[][] {
  const groups: ReportedRecording[][] = [];
  const newest = new Map<string, ReportedRecording[]>();
  const start = ({ startedAt }: ReportedRecording) => Date.parse(startedAt);
  for (const recording of [...recordings].sort((a, b) => start(a) - start(b))) {
    const { subject } = recording;
    const group = subject === null ? undefined : newest.get(subject);
    if (group !== undefined && start(recording) - start(group.at(-1)!) <= EXAMINATION_PAUSE_MS) {
      group.push(recording);
      continue;
    }
    const begun = [recording];
    if (subject !== null) newest.set(subject, begun);
    groups.push(begun);
  }
  return groups;
}

async function transactionOf(
  recordings: readonly ReportedRecording[],
  { samples, subjectSystem }: FhirPushOptions,
): Promise<QueuedTransaction> {
  const report = makeReport(recordings, { lubdubVersion: packageVersion });
  const bundle = await fhirBundle(report, { samples, subjectSystem, transaction: true });
  const identities = report.recordings.map(({ identity }) => identity);
  return {
    id: createHash('sha256').update(identities.join()).digest('hex'),
    sessions: report.recordings.map(({ name }) => name),
    resources: bundle.entry.length,
    bundle: JSON.stringify(bundle),
  };
}
