import { fitProfile, type HealthyRecording } from '../../calibrate/fit-profile.js';
import { healthySources, oneDevice, screenHealthy } from '../../calibrate/healthy-recordings.js';
import { listProfiles, profileFolder, profilePath, writeProfile } from '../../calibrate/profile-store.js';
import { readSubjects } from '../../calibrate/subjects.js';
import { Screener } from '../../screen/screener.js';
import { DISCLAIMER } from '../../verdict/disclaimer.js';
import {
  checkProfileName,
  usedStethoscope,
  type StethoscopeProfile,
} from '../../verdict/stethoscope-profile.js';
import type { CalibrateCommandOptions } from '../command-options.js';
import { ExitCode } from '../exit-codes.js';
import { Failures, type Output } from '../output.js';
import type { StethoscopeEvent } from '../program-events.js';

/**
 * `lubdub calibrate`: recordings of healthy people become the profile of the stethoscope that made them. A recording
 * that cannot be read is reported, and nothing is written.
 *
 * @returns the exit code
 * @throws ConfigurationError for fewer than three people, recordings of nobody, or of several stethoscopes
 */
export async function calibrate(
  paths: readonly string[],
  options: CalibrateCommandOptions,
  output: Output,
): Promise<number> {
  const name = checkProfileName(options.stethoscope);
  const subjects = options.subjects === undefined ? null : await readSubjects(options.subjects);
  const sources = await healthySources(paths, subjects);
  const told = oneDevice(sources);
  const device =
    options.serial === undefined ? told : { serialNumber: options.serial, usbId: told?.usbId ?? null };
  const screener = await Screener.open(options.model, 1, options.runtime);
  const failures = new Failures(output);
  const recordings: HealthyRecording[] = [];
  try {
    for (const source of sources) {
      try {
        const { recording, final } = await screenHealthy(source, screener);
        output.event(final);
        if (recording.evidence === null) output.log(`${source.path}: not usable, left out of the profile`);
        recordings.push(recording);
      } catch (error) {
        failures.report(error, source.path);
      }
    }
    if (failures.exitCode !== 0) return failures.exitCode;
    const profile = fitProfile(recordings, { name, contract: screener.model.contract, device });
    const path = options.out ?? profilePath(name);
    await writeProfile(profile, path);
    output.event(stethoscopeEvent(path, profile));
    output.say(DISCLAIMER);
  } finally {
    await screener.close();
  }
  return failures.exitCode;
}

/** `lubdub stethoscopes`: the profiles of this user. */
export async function stethoscopes(output: Output): Promise<number> {
  const listed = await listProfiles();
  for (const { path, profile, message } of listed) {
    if (profile === null) output.log(message);
    else output.event(stethoscopeEvent(path, profile));
  }
  if (listed.length === 0) {
    output.say(`no stethoscope profile in ${profileFolder()}; fit one with \`lubdub calibrate\``);
  }
  return ExitCode.done;
}

function stethoscopeEvent(path: string, profile: StethoscopeProfile): StethoscopeEvent {
  const { name, createdAt, model, device, persons, recordings, leftOut, usableSeconds } = profile;
  const { evidence, offset, noiseFloorDb } = profile;
  return {
    kind: 'stethoscope',
    name,
    path,
    sha256: usedStethoscope(profile)!.sha256,
    createdAt,
    model: { name: model.name, version: model.version, sha256: model.sha256 },
    device,
    persons,
    recordings,
    leftOut,
    usableSeconds,
    evidence,
    offset,
    noiseFloorDb,
  };
}
