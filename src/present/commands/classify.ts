import { availableParallelism } from 'node:os';
import { falseAlarmsElsewhere } from '../../classify/model-contract.js';
import { openModel } from '../../classify/model.js';
import { ConfigurationError } from '../../errors.js';
import type { FileScreening } from '../../screen/file-screening.js';
import { openSignalQuality, type FileScreeningStart } from '../../screen/file-screening-start.js';
import { openFileScreening } from '../../screen/open-file-screening.js';
import type { FinalEvent } from '../../screen/result-events.js';
import { stethoscopeSentence } from '../../verdict/verdict-words.js';
import type { ClassifyCommandOptions } from '../command-options.js';
import { Failures, type Output } from '../output.js';
import { ProgressBar } from '../progress-bar.js';
import type { ResultFile } from '../result-file.js';
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
  const start = openStart(options);
  const opening = openFileScreening(start, threads);
  let results: ResultFile | undefined;
  let progress: ProgressBar | undefined;
  try {
    const { model, used } = await start;
    const { contract } = model;
    results = await resultFileOf(options, files, [contract.sha256, used?.sha256 ?? null]);
    const failures = new Failures(output);
    for (const code of results?.errors ?? []) failures.countError(code);
    const left = files.slice(results?.done ?? 0);
    const finals: FinalEvent[] = [];
    const { channel } = options;
    const pool = await opening;
    progress = new ProgressBar(left.length, 'files');
    let done = 0;
    for await (const { lines, events } of inOrder(left, threads, (file) => pool.screen(file, { channel }))) {
      progress.clear();
      await results?.append(lines);
      output.jsonLines?.(lines);
      for (const event of events) {
        if (output.jsonLines === undefined) output.event(event);
        if (event.kind === 'error') failures.countError(event.code);
        if (event.kind === 'final') finals.push(event);
      }
      progress.update(++done);
    }
    progress.clear();
    if (options.examination === true) {
      const { joinEvidence } = await import('../../verdict/joint-evidence.js');
      output.event({ kind: 'examination', ...joinEvidence(finals, contract.verdict) });
    }
    const sentence = stethoscopeSentence(used, falseAlarmsElsewhere(contract));
    const remedy = used === null ? '; fit a profile with `lubdub calibrate`' : '';
    output.say(`${sentence[0].toUpperCase()}${sentence.slice(1)}${remedy}.`);
    return failures.exitCode;
  } finally {
    progress?.clear();
    await opening.then(
      (pool) => pool.close(),
      () => undefined,
    );
    await results?.close();
  }
}

/** Reads what files are screened with. Most recordings are of an unknown stethoscope: what reads profiles is not loaded then. */
async function openStart({
  model: contractPath,
  stethoscope: word,
  runtime,
}: ClassifyCommandOptions): Promise<FileScreeningStart> {
  const [model, signalQuality] = await Promise.all([openModel(contractPath), openSignalQuality()]);
  if (word === undefined) return { model, signalQuality, stethoscope: null, used: null, runtime };
  const [{ namedProfile }, { usedStethoscope }] = await Promise.all([
    import('../../calibrate/profile-store.js'),
    import('../../verdict/stethoscope-profile.js'),
  ]);
  const stethoscope = await namedProfile(word, model.contract);
  return { model, signalQuality, stethoscope, used: usedStethoscope(stethoscope), runtime };
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

async function resultFileOf(
  { results }: ClassifyCommandOptions,
  files: readonly string[],
  madeWith: readonly [model: string, stethoscope: string | null],
): Promise<ResultFile | undefined> {
  if (results === undefined) return undefined;
  const { ResultFile } = await import('../result-file.js');
  return ResultFile.open(results, files, ResultFile.made(...madeWith));
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
