import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { namedProfile } from '../../calibrate/profile-store.js';
import { openModel, type Model } from '../../classify/model.js';
import { DEFAULT_BOOTSTRAP } from '../../evaluate/bootstrap.js';
import { EVALUATION_FILES, writeEvaluationFiles } from '../../evaluate/evaluation-files.js';
import { evaluationReport } from '../../evaluate/evaluation-report.js';
import { findAudio } from '../../evaluate/find-audio.js';
import { inFold, readLabelledSet } from '../../evaluate/labelled-set.js';
import { PredictionFiles, type EvaluationIdentity } from '../../evaluate/prediction-files.js';
import type { Screened } from '../../evaluate/prediction-row.js';
import { screenSet, type ScreenSetProgress } from '../../evaluate/screen-set.js';
import { summaryLines } from '../../evaluate/summary.js';
import { trainingDataStatement } from '../../evaluate/training-data.js';
import { hashRecordings, readTrainedRecordings } from '../../evaluate/trained-recordings.js';
import type { OpenRecordingOptions } from '../../decode/file/recording-file.js';
import { ConfigurationError, LubdubError } from '../../errors.js';
import { readSignalQualityModel } from '../../window/signal-quality-model.js';
import { usedStethoscope, type StethoscopeProfile } from '../../verdict/stethoscope-profile.js';
import { FileScreeningPool } from '../../screen/file-screening-pool.js';
import type { EvaluateCommandOptions } from '../command-options.js';
import { Failures, type Output } from '../output.js';
import { inShard } from '../shards.js';
import { packageVersion } from '../../package-info.js';
import { timeText } from '../progress-bar.js';
import type { ScreeningEvent } from '../../screen/screening-events.js';
import type { ScreenedFile } from '../../screen/file-screening.js';

const PROGRESS_EVERY_SECONDS = 5;

/**
 * `lubdub evaluate`: screens a labelled set as `classify` does, and writes predictions, scores and plots' data. Run
 * again with the same folder, it goes on where it was.
 *
 * @returns the exit code: 5 where a recording could not be read, though the others were evaluated
 */
export async function evaluate(options: EvaluateCommandOptions, output: Output): Promise<number> {
  const all = await readLabelledSet(options.records);
  const chosen = options.fold === undefined ? all : inFold(all, options.fold);
  const recordings = inShard(chosen, options.shard);
  if (recordings.length === 0) {
    throw new ConfigurationError(
      `--shard must leave one recording or more, got none of ${chosen.length}; name at most ${chosen.length} shards`,
    );
  }
  const paths = await findAudio(recordings, options.audio);
  const model = await openModel(options.model);
  const { contract } = model;
  const stethoscope = await namedProfile(options.stethoscope, contract);
  const { channel, runtime } = options;
  const identity = identityOf(model, { channel }, stethoscope);
  const files = await PredictionFiles.open(options.out, identity);
  if (options.shards !== undefined) {
    const shards = await shardFolders(options.shards, options.out);
    const parts: PredictionFiles[] = [];
    for (const folder of shards) parts.push(await PredictionFiles.open(folder, identity));
    await files.takeFrom(parts, recordings);
  }
  const trained = await readTrainedRecordings(model);
  const samples = trained && { trained, hashes: await hashRecordings(paths, { channel }) };
  const trainingData = trainingDataStatement(recordings, contract.training, samples);
  // Said before the hours that a large set may take, and again beside the scores.
  output.log(`${recordings.length} recordings; ${trainingData.statement}`);

  const threads = Math.min(options.threads ?? availableParallelism(), recordings.length);
  const start = {
    model,
    signalQuality: readSignalQualityModel(),
    stethoscope,
    used: usedStethoscope(stethoscope),
    runtime,
  };
  const pool = await FileScreeningPool.open(Promise.resolve(start), threads);
  const failures = new Failures(output);
  try {
    await screenSet({
      recordings,
      paths,
      files,
      concurrency: 4 * threads,
      screen: async (path) => screenedOf(await pool.screen(path, { channel }), output),
      onFailure: ({ error, path }) => failures.report(error, path),
      onProgress: progressReporter((line) => output.log(line)),
    });
  } finally {
    await pool.close();
  }
  await files.finish(recordings);
  if (options.shard !== undefined) {
    output.say(
      `written: ${join(options.out, 'predictions.csv')}, ${join(options.out, 'windows.csv')}; scores need all shards: ` +
        'lubdub evaluate --shards FOLDER, without --shard',
    );
    return failures.exitCode;
  }

  const report = evaluationReport(recordings, files.screened, {
    splitName:
      options.split ??
      (options.fold === undefined ? 'not stated' : `fold ${options.fold}, not stated further`),
    model: { name: contract.name, version: contract.version, sha256: contract.sha256 },
    stethoscope: usedStethoscope(stethoscope),
    threshold: contract.verdict.abnormalAtLeast,
    training: contract.training,
    samples,
    ...(options.prevalence === undefined ? {} : { prevalences: options.prevalence }),
    bootstrap: {
      replicates: options.replicates ?? DEFAULT_BOOTSTRAP.replicates,
      seed: options.seed ?? DEFAULT_BOOTSTRAP.seed,
    },
  });
  await writeEvaluationFiles(options.out, report);
  for (const line of summaryLines(report)) output.say(line);
  const names = ['predictions.csv', 'windows.csv', ...EVALUATION_FILES].map((name) =>
    join(options.out, name),
  );
  output.say(`written: ${names.join(', ')}`);
  return failures.exitCode;
}

/** @throws ConfigurationError where there is none */
async function shardFolders(folder: string, out: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  const paths = names.sort().map((name) => join(folder, name));
  const shards = paths.filter(
    (path) => resolve(path) !== resolve(out) && existsSync(join(path, 'evaluation.json')),
  );
  if (shards.length > 0) return shards;
  throw new ConfigurationError(
    `--shards must name a folder that holds the folders of the shards (--out), got ${folder}, which holds none`,
  );
}

/** All that decides about a prediction: results of two that differ in it must not be mixed. */
function identityOf(
  { contract }: Model,
  recording: OpenRecordingOptions,
  stethoscope: StethoscopeProfile | null,
): EvaluationIdentity {
  const { input, output, calibration, verdict, sha256 } = contract;
  return {
    lubdub: packageVersion,
    modelSha256: sha256,
    rulesSha256: sha256Of({ input, output, calibration, verdict, ...recording }),
    signalQualitySha256: sha256Of(readSignalQualityModel()),
    // Absent without one, so that evaluations from before profiles go on.
    ...(stethoscope === null ? {} : { stethoscopeSha256: usedStethoscope(stethoscope)!.sha256 }),
  };
}

const sha256Of = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/**
 * What an evaluation keeps of a file's events; `final` is passed on.
 *
 * @throws LubdubError where the last event is an error
 */
function screenedOf({ lines, events }: ScreenedFile, output: Output): Screened {
  const last = events.at(-1);
  if (last?.kind === 'error') throw new LubdubError(last.code, last.message);
  if (last?.kind !== 'final') {
    throw new LubdubError(
      'LUBDUB_INTERNAL',
      `screening must end with a result, got ${last?.kind ?? 'nothing'}`,
    );
  }
  output.event(last);
  const all = lines
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ScreeningEvent);
  const windows = all.filter((event) => event.kind === 'window');
  return { final: last, windows };
}

function progressReporter(log: (line: string) => void): (progress: ScreenSetProgress) => void {
  let shownAt = -Infinity;
  return ({ done, total, takenOver, failed, elapsedSeconds, recordingsPerSecond, secondsLeft }) => {
    if (done < total && elapsedSeconds - shownAt < PROGRESS_EVERY_SECONDS) return;
    shownAt = elapsedSeconds;
    const rate = recordingsPerSecond === null ? '' : `, ${recordingsPerSecond.toFixed(1)} a second`;
    const left = secondsLeft === null || done === total ? '' : `, ${timeText(secondsLeft)} left`;
    const before = takenOver === 0 ? '' : `, ${takenOver} of them from an earlier run`;
    const lost = failed === 0 ? '' : `, ${failed} could not be read`;
    log(`${done} of ${total} recordings screened${before}${lost}${rate}${left}`);
  };
}
