import { mkdir, readdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ModelContract } from '../classify/model-contract.js';
import { ConfigurationError } from '../errors.js';
import { userFolder } from '../package-info.js';
import { describeDiskFault, errorCode } from '../record/disk-fault.js';
import { readPlainFile } from '../record/plain-file.js';
import { diskFileSystem, writeAtomically } from '../record/session-file-system.js';
import {
  checkProfileModel,
  checkProfileName,
  isOfModel,
  profileText,
  stethoscopeProfileSchema,
  type StethoscopeProfile,
} from '../verdict/stethoscope-profile.js';
import { identityOf, isSameDevice } from './device-identity.js';

/** A profile is half a page; what is larger is another file. */
const MAX_BYTES = 64 * 1024;
const ENDING = '.json';

/** Where the profiles of this user are. */
export function profileFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(userFolder(environment), 'stethoscopes');
}

/** @throws ConfigurationError for what cannot be a name */
export const profilePath = (name: string, folder = profileFolder()): string =>
  join(folder, `${checkProfileName(name)}${ENDING}`);

/**
 * Writes a profile, for the owner alone; either the old one or the new stands there, whatever happens in between.
 *
 * @param remedy what helps where it cannot be written
 * @throws ConfigurationError where it cannot be written
 */
export async function writeProfile(
  profile: StethoscopeProfile,
  path: string,
  remedy = 'name another file with --out',
): Promise<void> {
  try {
    await mkdir(dirname(resolve(path)), { recursive: true, mode: 0o700 });
    await writeAtomically(diskFileSystem, resolve(path), Buffer.from(profileText(profile)));
  } catch (cause) {
    throw new ConfigurationError(
      `the profile cannot be written to ${path}: ${(cause as Error).message}; ${remedy}`,
      { cause },
    );
  }
}

/**
 * Links are followed, as whoever owns the folder may keep profiles elsewhere; but only a plain file of a profile's size is
 * opened, whatever stands at the end.
 *
 * @throws ConfigurationError where it cannot be read or is no profile
 */
export async function readProfile(path: string): Promise<StethoscopeProfile> {
  let text: string;
  try {
    text = (await readPlainFile(await realpath(path), MAX_BYTES)).toString('utf8');
  } catch (cause) {
    throw new ConfigurationError(
      `the stethoscope profile cannot be read from ${path}: ${whyUnread(cause)}; \`lubdub stethoscopes\` lists ` +
        'those that there are, `lubdub calibrate` makes one',
      { cause },
    );
  }
  return parseProfile(text, path);
}

const whyUnread = (cause: unknown): string =>
  ['ENOTPLAIN', 'EOVERSIZE'].includes(errorCode(cause)) ? describeDiskFault(cause) : (cause as Error).message;

function parseProfile(text: string, path: string): StethoscopeProfile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const parsed = stethoscopeProfileSchema().safeParse(json);
  if (parsed.success) return parsed.data;
  const { path: item, message } = parsed.error.issues[0];
  throw new ConfigurationError(
    `${path} must be a stethoscope profile, but ${item.join('.') || 'the whole'}: ${message}; make it again with ` +
      '`lubdub calibrate`',
  );
}

/**
 * The profile that a person named: a file where the word looks like one, else the one of that name.
 *
 * @param word `undefined` or `none` for no profile
 * @throws ConfigurationError where it cannot be read, is no profile, or is one of another model
 */
export async function namedProfile(
  word: string | undefined,
  contract: ModelContract,
  folder = profileFolder(),
): Promise<StethoscopeProfile | null> {
  if (word === undefined || word === 'none') return null;
  const isFile = /[/\\]/.test(word) || word.endsWith(ENDING);
  const profile = await readProfile(isFile ? word : profilePath(word, folder));
  checkProfileModel(profile, contract);
  return profile;
}

/** A file in the folder of profiles: the profile, or why it is none. */
export type ListedProfile = { readonly path: string } & (
  | { readonly profile: StethoscopeProfile; readonly message: null }
  | { readonly profile: null; readonly message: string }
);

/** All profiles of this user, by name. Nothing where there is no such folder. */
export async function listProfiles(folder = profileFolder()): Promise<ListedProfile[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch {
    return [];
  }
  const listed: ListedProfile[] = [];
  for (const name of names.filter((candidate) => candidate.endsWith(ENDING)).sort()) {
    const path = join(folder, name);
    try {
      listed.push({ path, profile: await readProfile(path), message: null });
    } catch (error) {
      listed.push({ path, profile: null, message: (error as Error).message });
    }
  }
  return listed;
}

/**
 * The profile of the device that has answered: of this model, the newest one.
 *
 * @param outdated told of a profile of this very device that another model needs
 */
export function profileOfDevice(
  profiles: readonly StethoscopeProfile[],
  device: { readonly serialNumber: string | null; readonly path: string },
  contract: ModelContract,
  outdated: (profile: StethoscopeProfile) => void = () => {},
): StethoscopeProfile | null {
  const identity = identityOf(device);
  if (identity === null) return null;
  const own = profiles
    .filter((profile) => profile.device !== null && isSameDevice(profile.device, identity))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  const fitting = own.find((profile) => isOfModel(profile, contract));
  if (fitting === undefined && own.length > 0) outdated(own[0]);
  return fitting ?? null;
}
