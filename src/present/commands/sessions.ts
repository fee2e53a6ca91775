import { listSessions } from '../../record/list-sessions.js';
import { recoverSession } from '../../record/recover-session.js';
import { verifySession, type Verification } from '../../record/verify-session.js';
import { writeWfdbHeaders } from '../../record/wfdb-header.js';
import { openSession } from '../../record/stored-session.js';
import type { ModelCommandOptions, RecoverCommandOptions } from '../command-options.js';
import { ExitCode } from '../exit-codes.js';
import { Failures, type Output } from '../output.js';
import { packageVersion } from '../../package-info.js';
import { Screener } from '../../screen/screener.js';
import { DISCLAIMER } from '../../verdict/disclaimer.js';
import type { VerificationEvent } from '../program-events.js';

/** `lubdub sessions`: what is stored below a folder. */
export async function sessions(folder: string, output: Output): Promise<number> {
  const found = await listSessions(folder);
  for (const session of found) output.event({ kind: 'session', ...session });
  if (found.length === 0) output.say(`no session in ${folder}; record one with --out ${folder}`);
  else output.say(DISCLAIMER);
  return ExitCode.done;
}

/**
 * `lubdub verify`: screens stored sessions again and says whether the same comes out and no byte was changed.
 *
 * @returns the exit code: 5 where one is damaged or comes out differently
 */
export async function verify(
  directories: readonly string[],
  options: ModelCommandOptions,
  output: Output,
): Promise<number> {
  const screener = await Screener.open(options.model, 1, options.runtime);
  const failures = new Failures(output);
  try {
    for (const directory of directories) {
      try {
        const verification = await verifySession(directory, screener);
        output.event(verificationEvent(directory, verification));
        if (verification.outcome === 'damaged' || verification.outcome === 'different') {
          failures.exitCode = ExitCode.recording;
        }
      } catch (error) {
        failures.report(error, directory);
      }
    }
  } finally {
    await screener.close();
  }
  return failures.exitCode;
}

/** `lubdub recover`: mends what a crash or a power cut left. */
export async function recover(
  directories: readonly string[],
  options: RecoverCommandOptions,
  output: Output,
): Promise<number> {
  const failures = new Failures(output);
  for (const directory of directories) {
    try {
      const { session, done, damage } = await recoverSession(directory, {
        lubdubVersion: packageVersion,
        ...(options.force === undefined ? {} : { force: options.force }),
      });
      output.event({ kind: 'recovery', directory: session.directory, done, damage });
    } catch (error) {
      failures.report(error, directory);
    }
  }
  return failures.exitCode;
}

/** `lubdub wfdb`: describes the samples of sessions for programs that read WFDB. */
export async function wfdb(directories: readonly string[], output: Output): Promise<number> {
  const failures = new Failures(output);
  for (const directory of directories) {
    try {
      const names = await writeWfdbHeaders(await openSession(directory));
      output.say(`${directory}: ${names.join(', ')}`);
    } catch (error) {
      failures.report(error, directory);
    }
  }
  return failures.exitCode;
}

function verificationEvent(directory: string, verification: Verification): VerificationEvent {
  const { outcome, integrity, differences, differenceCount, comparedWindows, droppedWindows, notes } =
    verification;
  return {
    kind: 'verification',
    directory,
    outcome,
    comparedWindows,
    droppedWindows: droppedWindows.length,
    differenceCount,
    differences,
    damage: integrity.damage,
    notes,
  };
}
