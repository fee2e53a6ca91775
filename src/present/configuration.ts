import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { ConfigurationError } from '../errors.js';

/** Where settings are looked for when `--config` and `LUBDUB_CONFIG` name no file. */
export function defaultConfigurationPath(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment.XDG_CONFIG_HOME ?? join(homedir(), '.config');
  return join(base, 'lubdub', 'config.json');
}

/**
 * Gives options that neither a flag nor the environment set the values of a configuration file: a JSON object of long
 * option names (`{"port": "/dev/ttyACM0", "model": "…"}`). Names that the command does not have are meant for others.
 *
 * @param path a file that must exist, or `undefined` for the default one, which need not
 * @throws ConfigurationError for a file that cannot be read, is no object, or holds a value of the wrong kind
 */
export function applyConfigurationFile(command: Command, path: string | undefined): void {
  const file = path ?? defaultConfigurationPath();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (path === undefined && (cause as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw new ConfigurationError(
      `the configuration file ${file} cannot be read: ${(cause as Error).message}`,
      {
        cause,
      },
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
  for (const option of command.options) {
    const name = option.attributeName();
    const value = (settings as Record<string, unknown>)[option.long?.slice(2) ?? name];
    const source = command.getOptionValueSource(name);
    if (value === undefined || source === 'cli' || source === 'env') continue;
    const kinds = option.isBoolean() ? ['boolean'] : ['string', 'number'];
    if (!kinds.includes(typeof value)) {
      throw new ConfigurationError(
        `${option.long} in ${file} must be ${option.isBoolean() ? 'true or false' : 'a text or a number'}, ` +
          `got ${JSON.stringify(value)}`,
      );
    }
    command.setOptionValueWithSource(name, parse(option, value as string | number | boolean, file), 'config');
  }
}

function parse(option: Option, value: string | number | boolean, file: string): unknown {
  if (option.parseArg === undefined) return value;
  try {
    return option.parseArg(`${value}`, undefined);
  } catch (cause) {
    throw new ConfigurationError(`${option.long} in ${file} ${(cause as Error).message}, got ${value}`, {
      cause,
    });
  }
}
