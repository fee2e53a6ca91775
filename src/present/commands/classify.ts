import { availableParallelism } from 'node:os';
import { falseAlarmsElsewhere, type ModelContract } from '../../classify/model-contract.js';
import { openModel } from '../../classify/model.js';
import type { FileScreening } from '../../screen/file-screening.js';
import { openFileScreening } from '../../screen/open-file-screening.js';
import type { FinalEvent } from '../../screen/result-events.js';
import { joinEvidence } from '../../verdict/joint-evidence.js';
import { usedStethoscope, type StethoscopeProfile } from '../../verdict/stethoscope-profile.js';
import { stethoscopeSentence } from '../../verdict/verdict-words.js';
import type { ClassifyCommandOptions } from '../command-options.js';
import { Failures, type Output } from '../output.js';
import { ProgressBar } from '../progress-bar.js';
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
  const files = await recordingFiles(paths);
  const threads = Math.min(options.threads ?? availableParallelism(), files.length);
  const model = await openModel(options.model);
  const { contract } = model;
  const stethoscope = await profileNamed(options.stethoscope, contract);
  const { channel, runtime } = options;
  const pool = await openFileScreening({ model, threads, stethoscope, runtime });
  const failures = new Failures(output);
  const progress = new ProgressBar(files.length, 'files');
  const finals: FinalEvent[] = [];
  let done = 0;
  try {
    for await (const events of inOrder(files, threads, (file) => pool.screen(file, { channel }))) {
      progress.clear();
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
