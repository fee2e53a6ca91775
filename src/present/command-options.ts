import { InvalidArgumentError, Option, type Command } from 'commander';
import { defaultModelPath } from '../package-info.js';
import { SITES } from '../verdict/site.js';

/** Options that several commands share, and how their values are read. */

export const withCommonOptions = (command: Command): Command => withModel(withJson(command));

export function withJson(command: Command): Command {
  return command.option('--json', 'one JSON object a line on stdout and nothing else; logs on stderr');
}

export function withModel(command: Command): Command {
  return command.addOption(
    new Option('--model <file>', 'model contract')
      .default(defaultModelPath, 'the one that ships')
      .env('LUBDUB_MODEL'),
  );
}

export function withStethoscope(command: Command): Command {
  return command.addOption(
    new Option(
      '--stethoscope <name>',
      'profile of the stethoscope: its name or a file, none for none; see lubdub calibrate',
    ).env('LUBDUB_STETHOSCOPE'),
  );
}

export function withSimulator(command: Command): Command {
  return command
    .addOption(
      new Option('--speed <n>', 'multiple of real time, or max')
        .default(1)
        .env('LUBDUB_SPEED')
        .argParser(speedOf),
    )
    .option('--faults <file>', 'what goes wrong on the wire and when (JSON)')
    .addOption(new Option('--seed <n>', 'seed of the faults').argParser(integerIn(0, 2 ** 32 - 1)));
}

export function withBedside(command: Command): Command {
  return command
    .addOption(
      new Option('--seconds <n>', 'end after so many seconds of recording').argParser(positiveNumber),
    )
    .addOption(
      new Option('--out <folder>', 'store each recording as a session in a folder of its own below').env(
        'LUBDUB_OUT',
      ),
    )
    .option('--wfdb', 'with --out: WFDB headers beside the samples')
    .option('--subject <code>', 'pseudonymous code of who is listened to (letters, digits, - and _)')
    .addOption(new Option('--site <spot>', 'where the stethoscope stands').choices([...SITES]))
    .addOption(
      new Option(
        '--give-up-after <seconds>',
        'how long a stethoscope that was lost may take to come back; default 60, 0 for not at all',
      )
        .env('LUBDUB_GIVE_UP_AFTER')
        .argParser(notNegative),
    )
    .option('--no-page', 'no live page')
    .addOption(
      new Option(
        '--host <address>',
        'address of the live page; any but this machine itself needs --token',
      ).env('LUBDUB_HOST'),
    )
    .addOption(
      new Option('--page-port <n>', 'port of the live page; default 4912 or the next that is free')
        .env('LUBDUB_PAGE_PORT')
        .argParser(integerIn(0, 65_535)),
    )
    .addOption(new Option('--token <text>', 'secret that opens the live page').env('LUBDUB_TOKEN'))
    .option('--wait', 'begin when somebody presses start on the live page');
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(Number.isFinite(value) && value > 0)) throw new InvalidArgumentError('must be a number above 0.');
  return value;
}

function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(Number.isFinite(value) && value >= 0)) {
    throw new InvalidArgumentError('must be a number of at least 0.');
  }
  return value;
}

const speedOf = (text: string): number | 'max' => (text === 'max' ? 'max' : positiveNumber(text));

export function integerIn(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`must be an integer in ${least}..${most}.`);
    }
    return value;
  };
}
