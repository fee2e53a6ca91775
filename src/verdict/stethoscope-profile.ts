import { createHash } from 'node:crypto';
import type { ModelContract } from '../classify/model-contract.js';
import { ConfigurationError } from '../errors.js';
import { lazySchemas, type ReadBy } from '../schemas.js';
import type { UsedStethoscope } from './verdict-words.js';

/** Names of profiles are names of files too. `none` is what a person says who wants no profile. */
const PROFILE_NAME = /^(?!none$)[A-Za-z0-9][A-Za-z0-9_-]{0,47}$/;

/** @throws ConfigurationError for what cannot be the name of a profile */
export function checkProfileName(name: string): string {
  if (PROFILE_NAME.test(name)) return name;
  throw new ConfigurationError(
    'a stethoscope profile must be called by 1 to 48 letters (A-Z, a-z), digits, - or _, begin with a letter or a ' +
      `digit, and not be called "none", got ${JSON.stringify(name.slice(0, 80))}`,
  );
}

/** No profile rests on fewer people than this: the mean of two says nothing of how far people differ. */
export const LEAST_PERSONS = 3;

/**
 * What is known of one stethoscope: how strongly healthy people speak for *abnormal* when they are heard through it.
 * It holds nothing of the people but how many they were.
 */
export const stethoscopeProfileSchema = lazySchemas((z) => {
  const count = z.number().int().nonnegative();
  const identity = z.string().min(1).max(200).nullable();

  return z.object({
    profileVersion: z.literal(1),
    name: z.string().regex(PROFILE_NAME),
    createdAt: z.iso.datetime(),
    /** The version that fitted it. */
    lubdub: z.string().max(40),
    /** Everything that evidence depends on; another model's evidence has another offset. */
    model: z.object({
      name: z.string().max(100),
      version: z.string().max(40),
      sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits'),
      calibration: z.object({ scale: z.number().positive(), offset: z.number() }),
      abnormalAtLeast: z.number().gt(0).lt(1),
    }),
    /** Which stethoscope, as it tells itself; `null` where the recordings were files. */
    device: z
      .object({
        serialNumber: identity,
        /** Its name below `/dev/serial/by-id/`, made of maker, product and USB serial number. */
        usbId: identity,
      })
      .nullable(),
    persons: z.number().int().min(LEAST_PERSONS),
    recordings: z.number().int().min(LEAST_PERSONS),
    usableSeconds: z.number().nonnegative(),
    /** Recordings that were given and not used, as they had too little usable signal. */
    leftOut: count,
    /** Of the healthy people, in calibrated logits: mean, standard deviation, and the trust in them in [0, 1]. */
    evidence: z.object({
      mean: z.number(),
      spread: z.number().nonnegative(),
      trust: z.number().min(0).max(1),
    }),
    /** Added to every recording's calibrated logit. */
    offset: z.number().min(-20).max(20),
    /** Level in the pauses between the heart sounds, in dB below full scale; `null` where it was not measured. */
    noiseFloorDb: z.number().nullable(),
  });
});
export type StethoscopeProfile = ReadBy<typeof stethoscopeProfileSchema>;

/** The profile as its file holds it: readable, the same bytes for the same profile. */
export function profileText(profile: StethoscopeProfile): string {
  return `${JSON.stringify(stethoscopeProfileSchema().parse(profile), null, 2)}\n`;
}

/** What results say of the profile that they rest on. */
export function usedStethoscope(profile: StethoscopeProfile | null): UsedStethoscope | null {
  if (profile === null) return null;
  const { name, persons } = profile;
  return { name, persons, sha256: createHash('sha256').update(profileText(profile)).digest('hex') };
}

/** What a profile keeps of the model that it was fitted with. */
export function fittedModel(contract: ModelContract): StethoscopeProfile['model'] {
  const { name, version, sha256, calibration, verdict } = contract;
  const { scale, offset } = calibration;
  return { name, version, sha256, calibration: { scale, offset }, abnormalAtLeast: verdict.abnormalAtLeast };
}

/** Whether evidence of this model is what the profile was fitted to. */
export function isOfModel(profile: StethoscopeProfile, contract: ModelContract): boolean {
  const [was, is] = [profile.model, fittedModel(contract)];
  return (
    was.sha256 === is.sha256 &&
    was.calibration.scale === is.calibration.scale &&
    was.calibration.offset === is.calibration.offset &&
    was.abnormalAtLeast === is.abnormalAtLeast
  );
}

/** @throws ConfigurationError where the profile belongs to another model */
export function checkProfileModel(profile: StethoscopeProfile, contract: ModelContract): void {
  if (isOfModel(profile, contract)) return;
  const called = ({ name, version, sha256 }: StethoscopeProfile['model']) =>
    `${name} ${version} (${sha256.slice(0, 12)}…)`;
  throw new ConfigurationError(
    `the stethoscope profile ${profile.name} must be of the model in use, ${called(fittedModel(contract))}, but was ` +
      `fitted with ${called(profile.model)}; fit it again with \`lubdub calibrate\`, or name its model with --model`,
  );
}
