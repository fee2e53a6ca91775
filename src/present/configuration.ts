import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { ConfigurationError } from '../errors.js';
import { userFolder } from '../package-info.js';
import { nearestWord } from './nearest-word.js';
import {
  environmentName,
  isInsteadOfArguments,
  longName,
  settingName,
  type OptionDeclarations,
} from './option-declarations.js';

/** Where settings are looked for when `--config` and `LUBDUB_CONFIG` name no file. */
export function defaultConfigurationPath(environment: NodeJS.ProcessEnv = process.env): string {
  return join(userFolder(environment), 'config.json');
}

/**
 * Gives options that no flag set the values of the environment: `LUBDUB_` and the long name (`LUBDUB_GIVE_UP_AFTER`,
 * `LUBDUB_NO_PAGE`). An empty variable counts as none. What is on or off is 1, true, yes or 0, false, no.
 *
 * @throws ConfigurationError for a value that the option does not take
 */
export function applyEnvironment(command: Command, environment: NodeJS.ProcessEnv = process.env): void {
  apply(command, 'env', (option) => {
    const name = environmentName(settingName(option));
    const text = environment[name];
    if (text === undefined || text === '') return undefined;
    if (!isSwitch(option)) return { value: text, place: name };
    const yes = ['1', 'true', 'yes'].includes(text.toLowerCase());
    if (!yes && !['0', 'false', 'no'].includes(text.toLowerCase())) {
      throw new ConfigurationError(
        `${name} must be 1, true, yes or 0, false, no, got "${text}"; or unset it`,
      );
    }
    return { value: yes, place: name };
  });
}

/**
 * Gives options that neither a flag nor the environment set the values of a configuration file: a JSON object of long
 * option names (`{"port": "/dev/ttyACM0", "no-page": true}`). Names that the command does not have and another one has are
 * meant for that one.
 *
 * @param path a file that must exist, or `undefined` for the default one, which need not
 * @throws ConfigurationError for a file that cannot be read, is no object, or holds a name that no command has or a value
 *   of the wrong kind
 */
export function applyConfigurationFile(command: Command, path: string | undefined): void {
  const file = path ?? defaultConfigurationPath();
  const settings = readSettings(file, path !== undefined);
  refuseUnknown(settings, command, file);
  apply(command, 'config', (option) => {
    const name = settingName(option);
    if (!Object.hasOwn(settings, name)) return undefined;
    const value = settings[name];
    const isRight = isSwitch(option)
      ? typeof value === 'boolean'
      : typeof value === 'string' || typeof value === 'number';
    if (!isRight) {
      throw new ConfigurationError(
        `--${name} in ${file} must be ${isSwitch(option) ? 'true or false' : 'a text or a number'}, ` +
          `got ${JSON.stringify(value)}`,
      );
    }
    return { value: value as string | number | boolean, place: `--${name} in ${file}` };
  });
}

/** @throws ConfigurationError where an option that the command cannot do without was given nowhere */
export function checkRequired(command: Command, declarations: OptionDeclarations): void {
  for (const [key, { isRequired, argument, words, setting }] of Object.entries(declarations)) {
    if (isRequired !== true || command.getOptionValue(key) !== undefined) continue;
    const flag = `--${longName(key)}`;
    const variable = environmentName(setting ?? flag);
    throw new ConfigurationError(
      `lubdub ${fullName(command)} needs ${flag} ${argument} (${words}), got none; name it, or set ${variable}`,
    );
  }
}

/** With the group that it is in. */
function fullName(command: Command): string {
  const { parent } = command;
  const isInGroup = parent !== null && parent.parent !== null;
  return isInGroup ? `${fullName(parent)} ${command.name()}` : command.name();
}

/** A name with a slip in it would be a setting that silently does nothing. */
function refuseUnknown(settings: Readonly<Record<string, unknown>>, command: Command, file: string): void {
  let program = command;
  while (program.parent !== null) program = program.parent;
  const known = new Set(commandsBelow(program).flatMap(({ options }) => options.map(settingName)));
  const unknown = Object.keys(settings).find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new ConfigurationError(
    `${file} must hold names of options, got ${JSON.stringify(unknown)}, which no command has; did you mean ` +
      `"${nearestWord(unknown, [...known])}"? \`lubdub COMMAND --help\` lists them`,
  );
}

/** All commands, those of groups too, and the one itself where it has none. */
const commandsBelow = (command: Command): readonly Command[] =>
  command.commands.length === 0 ? [command] : command.commands.flatMap(commandsBelow);

/** Commander's own `isBoolean` says no to `--no-NAME`. */
const isSwitch = (option: Option): boolean => !option.required && !option.optional;

function readSettings(file: string, mustExist: boolean): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (!mustExist && (cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigurationError(
      `the configuration file ${file} cannot be read: ${(cause as Error).message}`,
      { cause },
    );
  }
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch (cause) {
    throw new ConfigurationError(`${file} must be JSON: ${(cause as Error).message}`, { cause });
  }
  if (settings === null || typeof settings !== 'object' || Array.isArray(settings)) {
    throw new ConfigurationError(`${file} must hold one JSON object of option names and values`);
  }
  return settings as Record<string, unknown>;
}

interface Setting {
  readonly value: string | number | boolean;
  /** For people. */
  readonly place: string;
}

function apply(
  command: Command,
  source: 'env' | 'config',
  settingOf: (option: Option) => Setting | undefined,
): void {
  const places = new Map<string, string>();
  for (const option of command.options) {
    const key = option.attributeName();
    const earlier = command.getOptionValueSource(key);
    if (earlier === 'cli' || (earlier === 'env' && source === 'config')) continue;
    if (isInsteadOfArguments(option) && command.args.length > 0) continue;
    const setting = settingOf(option);
    if (setting === undefined) continue;
    const value = option.negate ? !setting.value : parse(option, setting);
    const other = places.get(key);
    // Only --NAME and --no-NAME share a key.
    if (other !== undefined && command.getOptionValue(key) !== value) {
      throw new ConfigurationError(
        `${other} and ${setting.place} contradict each other; leave one of them out`,
      );
    }
    places.set(key, setting.place);
    command.setOptionValueWithSource(key, value, source);
  }
}

function parse(option: Option, { value, place }: Setting): unknown {
  if (option.parseArg === undefined) return value;
  try {
    return option.parseArg(`${value}`, undefined);
  } catch (cause) {
    throw new ConfigurationError(`${place} ${(cause as Error).message}, got ${value}`, { cause });
  }
}
