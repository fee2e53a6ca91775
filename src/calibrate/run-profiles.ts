import { constants, existsSync } from 'node:fs';
import { access, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ModelContract } from '../classify/model-contract.js';
import { ConfigurationError } from '../errors.js';
import { usedStethoscope, type StethoscopeProfile } from '../verdict/stethoscope-profile.js';
import { identityOf, isSameDevice, keyOf, type AnsweringDevice } from './device-identity.js';
import {
  listProfiles,
  profileFolder,
  profileOfDevice,
  profilePath,
  readProfile,
  writeProfile,
} from './profile-store.js';

export interface RunProfilesOptions {
  /** The profile of a device as it was found when the program began. */
  readonly chosen: (device: AnsweringDevice) => StethoscopeProfile | null;
  readonly contract: ModelContract;
  /** Default that of this user. */
  readonly folder?: string;
}

/**
 * Which profile a run uses for which stethoscope: the one that was chosen when it began until, while it runs, another one
 * is fitted or removed.
 */
export class RunProfiles {
  private readonly changed = new Map<string, StethoscopeProfile | null>();
  private readonly folder: string;

  constructor(private readonly options: RunProfilesOptions) {
    this.folder = options.folder ?? profileFolder();
  }

  of(device: AnsweringDevice): StethoscopeProfile | null {
    const own = this.changed.get(keyOf(device));
    return own === undefined ? this.options.chosen(device) : own;
  }

  /**
   * A profile that was fitted anew takes the place of the old one; that of another stethoscope stays.
   *
   * @param device `null` where none has answered yet
   * @throws ConfigurationError where the name belongs to another stethoscope, or cannot be one
   */
  async checkName(name: string, device: AnsweringDevice | null): Promise<void> {
    const path = profilePath(name, this.folder);
    if (!existsSync(path)) return;
    // What is no profile is not lubdub's to write over.
    const there = await readProfile(path);
    const identity = device === null ? null : identityOf(device);
    if (there.device !== null && identity !== null && isSameDevice(there.device, identity)) return;
    if (device !== null && isOne(there, this.of(device))) return;
    throw new ConfigurationError(
      `there is a profile ${name} already, and nothing says that it is of this stethoscope; choose another name`,
    );
  }

  /**
   * So that nobody is recorded for a profile that has no place. The folder itself is made when there is one to write.
   *
   * @throws ConfigurationError where no profile can be written
   */
  async checkFolder(): Promise<void> {
    let folder = resolve(this.folder);
    while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
    try {
      if (!(await stat(folder)).isDirectory()) throw new Error(`${folder} is no folder`);
      await access(folder, constants.W_OK | constants.X_OK);
    } catch (cause) {
      throw new ConfigurationError(
        `no profile can be written to ${this.folder}: ${(cause as Error).message}; let this user write there`,
        { cause },
      );
    }
  }

  /**
   * From now on recordings of this device are judged by this profile. Without a serial number or USB name that is so only
   * until the program ends.
   *
   * @throws ConfigurationError see {@link checkName}, and where it cannot be written; then nothing changes
   */
  async write(profile: StethoscopeProfile, device: AnsweringDevice): Promise<void> {
    await this.checkName(profile.name, device);
    await writeProfile(profile, profilePath(profile.name, this.folder), 'free some space, then fit again');
    this.changed.set(keyOf(device), profile);
  }

  /**
   * Removes the profile that is used for a device. An older one of the same device that is still there takes its place.
   *
   * @throws ConfigurationError where it is not used, or is no file of this user's profiles
   */
  async remove(name: string, device: AnsweringDevice): Promise<void> {
    const used = this.of(device);
    if (used?.name !== name)
      throw new ConfigurationError(`the profile ${name} is not used for this stethoscope`);
    const path = profilePath(name, this.folder);
    const there = existsSync(path) ? await readProfile(path) : null;
    if (!isOne(there, used)) {
      throw new ConfigurationError(
        `the profile ${name} is not in ${this.folder}: it was named when lubdub began; remove its file, or begin ` +
          'without --stethoscope',
      );
    }
    await rm(path);
    const left = (await listProfiles(this.folder)).flatMap(({ profile }) => profile ?? []);
    this.changed.set(keyOf(device), profileOfDevice(left, device, this.options.contract));
  }
}

const isOne = (one: StethoscopeProfile | null, other: StethoscopeProfile | null): boolean =>
  one !== null && usedStethoscope(one)!.sha256 === usedStethoscope(other)?.sha256;
