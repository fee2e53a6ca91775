import { Option, type Command } from 'commander';

/**
 * An option, declared once: flag, environment variable, setting of the configuration file, line of help and type follow
 * from it. Its name is its key: `giveUpAfter` is `--give-up-after`, `LUBDUB_GIVE_UP_AFTER` and `"give-up-after"`.
 */
export interface OptionDeclaration<Value> {
  /** What the help calls its value; none for one that is only on or off. */
  readonly argument?: string;
  readonly words: string;
  /** @throws InvalidArgumentError for a text that is no such value */
  readonly read?: (text: string) => Value;
  readonly choices?: readonly Value[];
  readonly default?: Value;
  /** What it is where only the flag is given; its `argument` is then in brackets. */
  readonly preset?: Value;
  /** The default in the help, where it is not its own best description. */
  readonly defaultWords?: string;
  /** The command cannot do without. */
  readonly isRequired?: boolean;
  /**
   * Its name in the environment and the configuration file, where the flag's means something else for other commands:
   * `evaluate-out` is `LUBDUB_EVALUATE_OUT`. Default the flag's.
   */
  readonly setting?: string;
  /** On unless somebody says `--no-NAME`, which is what the help shows. */
  readonly isOnUnlessSaid?: boolean;
  /** Says what the command's arguments say: where some are typed, neither environment nor file sets it. */
  readonly isInsteadOfArguments?: boolean;
}

export type OptionDeclarations = Readonly<Record<string, OptionDeclaration<unknown>>>;

type ValueOf<D> = D extends OptionDeclaration<infer Value> ? Value : never;
type Optional<D> = { [Name in keyof D]: undefined extends ValueOf<D[Name]> ? Name : never }[keyof D];

/** What a command gets of its options. One that has no default and was not given is not there. */
export type OptionValues<D> = {
  readonly [Name in Exclude<keyof D, Optional<D>>]: ValueOf<D[Name]>;
} & { readonly [Name in Optional<D>]?: Exclude<ValueOf<D[Name]>, undefined> };

const text = (value: string): string => value;

/** One with a value. */
export function option(argument: string, words: string): OptionDeclaration<string | undefined>;
export function option<Value>(
  argument: string,
  words: string,
  read: (text: string) => Value,
): OptionDeclaration<Value | undefined>;
export function option(argument: string, words: string, read: (text: string) => unknown = text): unknown {
  return { argument, words, read };
}

/** One whose value may be left out. */
export const optionalValue = (
  argument: `[${string}]`,
  words: string,
  preset: string,
): OptionDeclaration<string | undefined> => ({ argument, words, preset });

/** One of some words. */
export const choice = <const Value extends string>(
  argument: string,
  words: string,
  choices: readonly Value[],
): OptionDeclaration<Value | undefined> => ({ argument, words, choices });

/** One that is on or off, and off unless somebody says so. */
export const flag = (words: string): OptionDeclaration<boolean | undefined> => ({ words });

/** One that is on or off, and on unless somebody says `--no-NAME`. */
export const onUnlessSaid = (words: string): OptionDeclaration<boolean> => ({ words, isOnUnlessSaid: true });

export const withDefault = <Value>(
  declaration: OptionDeclaration<Value | undefined>,
  value: Value,
  defaultWords?: string,
): OptionDeclaration<Value> => ({
  ...(declaration as OptionDeclaration<Value>),
  default: value,
  ...(defaultWords === undefined ? {} : { defaultWords }),
});

export const required = <Value>(
  declaration: OptionDeclaration<Value | undefined>,
): OptionDeclaration<Value> => ({ ...(declaration as OptionDeclaration<Value>), isRequired: true });

/** One whose flag means something else for another command. */
export const withSetting = <Value>(
  declaration: OptionDeclaration<Value>,
  setting: string,
): OptionDeclaration<Value> => ({ ...declaration, setting });

/** One that says otherwise what the command's arguments say. */
export const insteadOfArguments = <Value>(
  declaration: OptionDeclaration<Value>,
): OptionDeclaration<Value> => ({ ...declaration, isInsteadOfArguments: true });

export const longName = (key: string): string =>
  key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const settings = new WeakMap<Option, string>();

/** What an option is called in the configuration file, and with {@link environmentName} in the environment. */
export const settingName = (made: Option): string => settings.get(made) ?? made.long!.replace(/^--/, '');

const standIns = new WeakSet<Option>();

/** See {@link OptionDeclaration.isInsteadOfArguments}. */
export const isInsteadOfArguments = (made: Option): boolean => standIns.has(made);

/** @param long with or without its dashes */
export const environmentName = (long: string): string =>
  `LUBDUB_${long.replace(/^--/, '').replaceAll('-', '_').toUpperCase()}`;

/** Adds options to a command. What is on or off can be said both ways; the help shows the way that changes something. */
export function declareOptions(command: Command, declarations: OptionDeclarations): void {
  for (const [key, declaration] of Object.entries(declarations)) {
    const name = longName(key);
    if (declaration.argument === undefined) {
      const { words, isOnUnlessSaid = false, setting } = declaration;
      // In this order: commander takes a --no-NAME that stands alone for the default on.
      const [on, off] = [new Option(`--${name}`, words), new Option(`--no-${name}`, words)];
      command.addOption(on.hideHelp(isOnUnlessSaid));
      command.addOption(off.hideHelp(!isOnUnlessSaid));
      if (setting !== undefined) settings.set(on, setting).set(off, `no-${setting}`);
      if (isOnUnlessSaid) command.setOptionValueWithSource(key, true, 'default');
    } else command.addOption(valuedOption(name, declaration));
  }
}

function valuedOption(
  name: string,
  {
    argument,
    words,
    read,
    choices,
    default: value,
    defaultWords,
    preset,
    setting,
    isInsteadOfArguments = false,
  }: OptionDeclaration<unknown>,
): Option {
  const made = new Option(`--${name} ${argument}`, words);
  if (setting !== undefined) settings.set(made, setting);
  if (isInsteadOfArguments) standIns.add(made);
  if (choices !== undefined) made.choices(choices as readonly string[]);
  else if (read !== undefined) made.argParser(read);
  if (value !== undefined) made.default(value, defaultWords);
  if (preset !== undefined) made.preset(preset);
  return made;
}
