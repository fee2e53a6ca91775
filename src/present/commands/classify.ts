import { availableParallelism } from 'node:os';
import { falseAlarmsElsewhere, type ModelContract } from '../../classify/model-contract.js';
import { openModel } from '../../classify/model.js';
import { ConfigurationError } from '../../errors.js';
import type { FileScreening } from '../../screen/file-screening.js';
import { openFileScreening } from '../../screen/open-file-screening.js';
import type { FinalEvent } from '../../screen/result-events.js';
import { joinEvidence } from '../../verdict/joint-evidence.js';
import { usedStethoscope, type StethoscopeProfile } from '../../verdict/stethoscope-profile.js';
import { stethoscopeSentence } from '../../verdict/verdict-words.js';
import type { ClassifyCommandOptions } from '../command-options.js';
import { Failures, type Output } from '../output.js';
import { ProgressBar } from '../progress-bar.js';
import { ResultFile } from '../result-file.js';
import { inShard, readFileList } from '../shards.js';
import { recordingFiles } from './named-folders.js';

/**
 * `lubdub classify`: screens files, one in each thread at a time, and reports them in the order given; then, where they
 * are one person's, what those that could be read say together. A folder stands for the recordings in it and below. A
 * file that fails is reported as an error; the others are still done.
 *
 * @returns the exit code
 */
export async function classify(
  paths: readonly string[],
  options: ClassifyCommandOptions,
  output: Output,
): Promise<number> {
  const files = await filesOf(paths, options);
  const threads = Math.min(options.threads ?? availableParallelism(), Math.max(files.length, 1));
  const model = await openModel(options.model);
  const { contract } = model;
  const stethoscope = await profileNamed(options.stethoscope, contract);
  const results = await resultFileOf(options, files, contract, stethoscope);
  const { channel, runtime } = options;
  const pool = await openFileScreening({ model, threads, stethoscope, runtime });
  const failures = new Failures(output);
  for (const code of results?.errors ?? []) failures.countError(code);
  const left = files.slice(results?.done ?? 0);
  const progress = new ProgressBar(left.length, 'files');
  const finals: FinalEvent[] = [];
  let done = 0;
  try {
    for await (const events of inOrder(left, threads, (file) => pool.screen(file, { channel }))) {
      progress.clear();
      await results?.append(events);
      for (const event of events) {
        if (event.kind === 'error') failures.reportEvent(event);
        else output.event(event);
        if (event.kind === 'final') finals.push(event);
      }
      progress.update(++done);
    }
  } finally {
    progress.clear();
    await pool.close();
    await results?.close();
  }
  if (options.examination === true) {
    output.event({ kind: 'examination', ...joinEvidence(finals, contract.verdict) });
  }
  const sentence = stethoscopeSentence(usedStethoscope(stethoscope), falseAlarmsElsewhere(contract));
  const remedy = stethoscope === null ? '; fit a profile with `lubdub calibrate`' : '';
  output.say(`${sentence[0].toUpperCase()}${sentence.slice(1)}${remedy}.`);
  return failures.exitCode;
}

/** Most recordings are of an unknown stethoscope, and then what reads profiles need not be loaded. */
async function profileNamed(
  word: string | undefined,
  contract: ModelContract,
): Promise<StethoscopeProfile | null> {
  if (word === undefined) return null;
  const { namedProfile } = await import('../../calibrate/profile-store.js');
  return namedProfile(word, contract);
}

async function filesOf(
  paths: readonly string[],
  { list, shard, examination, results }: ClassifyCommandOptions,
): Promise<readonly string[]> {
  if (examination === true && (shard ?? results) !== undefined) {
    throw new ConfigurationError('--examination needs all files at once: leave out --shard and --results');
  }
  if (paths.length > 0 === (list !== undefined)) {
    const got = list === undefined ? 'neither' : 'both';
    throw new ConfigurationError(`classify needs files, or a list of them with --list FILE, got ${got}`);
  }
  return inShard(list === undefined ? await recordingFiles(paths) : await readFileList(list), shard);
}

function resultFileOf(
  { results }: ClassifyCommandOptions,
  files: readonly string[],
  { sha256 }: ModelContract,
  stethoscope: StethoscopeProfile | null,
): Promise<ResultFile> | undefined {
  if (results === undefined) return undefined;
  return ResultFile.open(
    results,
    files,
    ResultFile.made(sha256, usedStethoscope(stethoscope)?.sha256 ?? null),
  );
}

/** Results in the order of the files; a few files are ahead of the one that is reported next. */
async function* inOrder(
  files: readonly string[],
  threads: number,
  screen: (file: string) => ReturnType<FileScreening['screen']>,
) {
  const ahead = 4 * threads;
  const started: ReturnType<FileScreening['screen']>[] = [];
  for (const file of files) {
    started.push(screen(file));
    if (started.length >= ahead) yield await started.shift()!;
  }
  for (const events of started) yield await events;
}
