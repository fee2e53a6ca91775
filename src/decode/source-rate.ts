import { ConfigurationError } from '../errors.js';

/**
 * The rates that a source of samples may have, whatever it is: a file, a device's INFO, `--rate`.
 *
 * Below the lowest, the band in which heart sounds lie cannot be carried. Up to the highest, what is made for a rate
 * (filters, buffers) stays small enough to be made at once, also at rates that share no divisor with the model's.
 */
export const MIN_SOURCE_RATE_HZ = 1000;
export const MAX_SOURCE_RATE_HZ = 192_000;

/** The rule in the words of an error message. */
export const SOURCE_RATE_RULE = `a whole number in ${MIN_SOURCE_RATE_HZ}..${MAX_SOURCE_RATE_HZ} Hz`;

export function isSourceRate(rateHz: number): boolean {
  return Number.isInteger(rateHz) && rateHz >= MIN_SOURCE_RATE_HZ && rateHz <= MAX_SOURCE_RATE_HZ;
}

/** @throws ConfigurationError for a rate that somebody set and that no source may have */
export function expectSourceRate(rateHz: number, option: string): void {
  if (isSourceRate(rateHz)) return;
  throw new ConfigurationError(`${option} must be ${SOURCE_RATE_RULE}, got ${rateHz}`);
}

/** What is wrong with a recording of this rate and what helps; undefined where nothing is. */
export function sourceRateFault(rateHz: number, extension: 'wav' | 'flac'): string | undefined {
  if (isSourceRate(rateHz)) return undefined;
  const remedy =
    rateHz > MAX_SOURCE_RATE_HZ
      ? `resample it, for example with: ffmpeg -i IN -ar 48000 OUT.${extension}`
      : 'heart sounds reach above half of that rate, so that no resampling helps: record it anew at a higher rate';
  return `the sample rate must be in ${MIN_SOURCE_RATE_HZ}..${MAX_SOURCE_RATE_HZ} Hz, got ${rateHz} Hz; ${remedy}`;
}
