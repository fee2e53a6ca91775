import { readFileSync } from 'node:fs';
import { ConfigurationError } from '../errors.js';
import type { Fault, FaultPlan } from './fault.js';

/** What a key may hold: the words that complete "must be ..." and the check. */
interface Rule {
  readonly text: string;
  readonly holds: (value: unknown) => boolean;
  readonly required?: boolean;
}

const number = (low: number, high: number): Rule => ({
  text: high === Infinity ? `a number of at least ${low}` : `a number in ${low}..${high}`,
  holds: (value) => typeof value === 'number' && value >= low && value <= high && value !== Infinity,
});
const integer = (low: number, high: number): Rule => ({
  text: `a whole number in ${low}..${high}`,
  holds: (value) => Number.isInteger(value) && (value as number) >= low && (value as number) <= high,
});
const oneOf = (...words: readonly string[]): Rule => ({
  text: words.map((word) => JSON.stringify(word)).join(' or '),
  holds: (value) => words.includes(value as string),
});
const yesOrNo: Rule = { text: 'true or false', holds: (value) => typeof value === 'boolean' };
const required = (rule: Rule): Rule => ({ ...rule, required: true });

const seconds = number(0, Infinity);
const moments: Rule = {
  text: 'a list of one or more times in seconds, each at least 0',
  holds: (value) => Array.isArray(value) && value.length > 0 && value.every((one) => seconds.holds(one)),
};
const strikes = {
  probability: number(0, 1),
  atSeconds: moments,
  fromSeconds: seconds,
  toSeconds: seconds,
  of: oneOf('samples', 'all'),
};
const at = { atSeconds: required(seconds) };

const kinds: Record<Fault['kind'], Record<string, Rule>> = {
  drop: strikes,
  duplicate: strikes,
  corrupt: { ...strikes, bytes: integer(1, 255) },
  delay: { ...strikes, packets: integer(1, 1000) },
  hold: { ...at, forSeconds: required(seconds) },
  garbage: { ...at, bytes: required(integer(1, 10_000_000)) },
  overrun: { ...at, samples: required(integer(1, 100_000_000)) },
  stall: { ...at, forSeconds: required(seconds) },
  unplug: { ...at, forSeconds: seconds, keepsCounting: yesOrNo },
  restart: at,
  stop: { ...at, reason: required(oneOf('battery', 'fault')) },
  contact: { ...at, value: required(yesOrNo) },
  battery: { ...at, percent: required(integer(0, 100)) },
  drift: { ppm: required(number(-100_000, 100_000)), of: oneOf('device', 'samples') },
};
const strikingKinds: readonly string[] = ['drop', 'duplicate', 'corrupt', 'delay'];

/** Reads a fault file. Throws ConfigurationError that names the file and what is wrong in it. */
export function readFaultFile(path: string): FaultPlan {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new ConfigurationError(`the fault file ${path} cannot be read: ${String(cause)}`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ConfigurationError(`the fault file ${path} must be JSON: ${String(cause)}`, { cause });
  }
  try {
    return checkFaultPlan(value);
  } catch (cause) {
    throw new ConfigurationError(`in the fault file ${path}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Checks that `value` is a fault plan:
 *
 *     { "seed": 7, "faults": [{ "kind": "drop", "probability": 0.01 }, { "kind": "unplug", "atSeconds": 4, "forSeconds": 2 }] }
 *
 * Throws ConfigurationError that names key, rule and what was found: a misspelt key must not pass as "no fault".
 */
export function checkFaultPlan(value: unknown): FaultPlan {
  const plan = expectObject(value, 'the fault plan');
  expectKeys(plan, { seed: integer(0, 2 ** 32 - 1), faults: anything }, 'the fault plan');
  const { faults } = plan;
  if (!Array.isArray(faults))
    throw new ConfigurationError(`faults must be a list of faults, got ${show(faults)}`);
  faults.forEach((fault: unknown, index) => checkFault(fault, `faults[${index}]`));
  return plan as unknown as FaultPlan;
}

const anything: Rule = { text: 'anything', holds: () => true };

function checkFault(value: unknown, where: string): void {
  const fault = expectObject(value, where);
  const kind = fault['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) {
    throw new ConfigurationError(
      `${where}.kind must be one of ${Object.keys(kinds).join(', ')}, got ${show(kind)}`,
    );
  }
  const rules = kinds[kind as Fault['kind']];
  expectKeys(fault, { kind: anything, ...rules }, where);
  if (!strikingKinds.includes(kind)) return;
  if ((fault['probability'] === undefined) === (fault['atSeconds'] === undefined)) {
    throw new ConfigurationError(`${where} must have either probability or atSeconds, got ${show(fault)}`);
  }
  const { fromSeconds = 0, toSeconds = Infinity } = fault as { fromSeconds?: number; toSeconds?: number };
  if (toSeconds < fromSeconds) {
    throw new ConfigurationError(`${where}.toSeconds must not be before fromSeconds, got ${toSeconds}`);
  }
}

function expectObject(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new ConfigurationError(`${where} must be an object, got ${show(value)}`);
}

function expectKeys(object: Record<string, unknown>, rules: Record<string, Rule>, where: string): void {
  for (const [key, value] of Object.entries(object)) {
    if (!Object.hasOwn(rules, key)) {
      const known = Object.keys(rules).join(', ');
      throw new ConfigurationError(
        `${where} has a key that is not known, ${show(key)}; it may have ${known}`,
      );
    }
    if (!rules[key].holds(value)) {
      throw new ConfigurationError(`${where}.${key} must be ${rules[key].text}, got ${show(value)}`);
    }
  }
  for (const [key, rule] of Object.entries(rules)) {
    if (rule.required && object[key] === undefined) {
      throw new ConfigurationError(`${where}.${key} is missing; it must be ${rule.text}`);
    }
  }
}

/** A value as JSON, short enough for a message. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 100 ? text : `${text.slice(0, 97)}...`;
}
