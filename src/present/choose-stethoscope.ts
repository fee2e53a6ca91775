import { identityOf, isSameDevice, type AnsweringDevice } from '../calibrate/device-identity.js';
import { listProfiles, namedProfile, profileOfDevice } from '../calibrate/profile-store.js';
import type { ModelContract } from '../classify/model-contract.js';
import type { StethoscopeProfile } from '../verdict/stethoscope-profile.js';

export interface StethoscopeChoice {
  /** What `--stethoscope` names. */
  readonly word: string | undefined;
  /** Whether a device's own profile is used where none is named. */
  readonly byDevice: boolean;
  readonly contract: ModelContract;
  /** Told what a person should know. */
  readonly log: (line: string) => void;
}

/**
 * How the profile of a device is found: the one that a person named, else, where wanted, the one of its serial number or
 * USB identity.
 *
 * @throws ConfigurationError where the named one cannot be read, is no profile, or is one of another model
 */
export async function stethoscopeChooser({
  word,
  byDevice,
  contract,
  log,
}: StethoscopeChoice): Promise<(device: AnsweringDevice) => StethoscopeProfile | null> {
  const named = await namedProfile(word, contract);
  // A device is asked for its profile whenever it answers; once is enough to say it.
  const said = new Set<string>();
  const say = (line: string) => {
    if (!said.has(line)) log(line);
    said.add(line);
  };
  if (named !== null) {
    return (device) => {
      const identity = identityOf(device);
      if (named.device !== null && identity !== null && !isSameDevice(named.device, identity)) {
        say(
          `the profile ${named.name} was fitted on another stethoscope than the one that answers; it is used as asked`,
        );
      }
      return named;
    };
  }
  if (word !== undefined || !byDevice) return () => null;
  const listed = await listProfiles();
  for (const { message } of listed) if (message !== null) log(message);
  const profiles = listed.flatMap(({ profile }) => profile ?? []);
  return (device) =>
    profileOfDevice(profiles, device, contract, ({ name }) =>
      say(
        `the profile ${name} of this stethoscope was fitted with another model and is not used; fit it again with ` +
          '`lubdub calibrate`',
      ),
    );
}
