import { InvalidArgumentError } from 'commander';
import type { Shard } from './shards.js';

/* What a text on the command line, in the environment or in the configuration file says. Each throws InvalidArgumentError. */

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(Number.isFinite(value) && value > 0)) throw new InvalidArgumentError('must be a number above 0.');
  return value;
}

export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(Number.isFinite(value) && value >= 0)) {
    throw new InvalidArgumentError('must be a number of at least 0.');
  }
  return value;
}

export function prevalencesOf(text: string): readonly number[] {
  const shares = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (shares.length > 10 || !shares.every((share) => share > 0 && share < 1)) {
    throw new InvalidArgumentError('must be one to ten shares above 0 and below 1, with commas between.');
  }
  return shares;
}

export function uri(text: string): string {
  // FHIR takes no blanks in one; what it names need not exist.
  if (!/^[a-z][a-z0-9+.-]*:[^\s|]+$/i.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('must be a URI such as https://clinic.example/subjects.');
  }
  return text;
}

export function speedOf(text: string): number | 'max' {
  return text === 'max' ? 'max' : positiveNumber(text);
}

export function integerIn(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`must be an integer in ${least}..${most}.`);
    }
    return value;
  };
}

const MAX_SHARDS = 1_000_000;

/** Reads `I/N`, counted from 1 */
export function shardOf(text: string): Shard {
  const [, shard, of] = (/^(\d{1,7})\/(\d{1,7})$/.exec(text.trim()) ?? []).map(Number);
  if (shard === undefined || shard < 1 || shard > of || of > MAX_SHARDS) {
    throw new InvalidArgumentError(`must be I/N with I in 1..N and N in 1..${MAX_SHARDS}, such as 3/16.`);
  }
  return { shard, of };
}
