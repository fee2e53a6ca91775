import { Command, CommanderError, Help, type Option } from 'commander';
import { leaveReason } from '../appliance/supervision.js';
import { packageVersion } from '../package-info.js';
import { withPrintableText } from '../printable.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';
import { programOptions } from './command-options.js';
import { COMMANDS, type CommandRow } from './commands.js';
import { applyConfigurationFile, applyEnvironment, checkRequired } from './configuration.js';
import { ExitCode } from './exit-codes.js';
import { declareOptions, environmentName, settingName, type OptionValues } from './option-declarations.js';
import { Failures, JsonOutput } from './output.js';
import { PeopleOutput } from './people-output.js';
import { checkMachine } from './supported-machine.js';

/**
 * Runs one command.
 *
 * @param words the command line without the program's own name
 * @returns the exit code; nothing is thrown
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.done;
  let running: Command | undefined;
  const program = buildProgram(async (row, command) => {
    running = command;
    settle(row, command, program);
    const json = command.getOptionValue('json') === true;
    const output = json ? new JsonOutput() : new PeopleOutput({ quiet: new Set(row.quiet) });
    exitCode = await row.run(command.opts(), output, command.args);
  });
  try {
    checkMachine();
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return ExitCode.done;
      leaveReason(error.message);
      return ExitCode.wrongUse;
    }
    const json = (running?.getOptionValue('json') as boolean | undefined) ?? words.includes('--json');
    const failures = new Failures(json ? new JsonOutput() : new PeopleOutput());
    failures.report(error, null);
    leaveReason((error as Error).message);
    return failures.exitCode;
  }
  return exitCode;
}

/** What no flag said comes from the environment, and else from the configuration file. */
function settle(row: CommandRow, command: Command, program: Command): void {
  applyEnvironment(program);
  applyEnvironment(command);
  applyConfigurationFile(command, program.opts<OptionValues<typeof programOptions>>().config);
  checkRequired(command, row.options);
}

/** @param perform what is done with a command and its flags */
export function buildProgram(perform: (row: CommandRow, command: Command) => Promise<void>): Command {
  const program = new Command('lubdub')
    .description(
      `Streaming screening of heart sounds from a digital stethoscope.\n${DISCLAIMER}\n\n` +
        'Every option can also be set by an environment variable (LUBDUB_MODEL for --model, LUBDUB_NO_PAGE=yes for ' +
        '--no-page) or in a configuration file ({"model": "…", "no-page": true}); a flag outweighs the environment, the ' +
        'environment the file. What is on or off is 1, true, yes or 0, false, no in the environment, and --no-NAME takes ' +
        '--NAME back.',
    )
    .configureHelp({ optionDescription: describeOption })
    .version(packageVersion)
    .showHelpAfterError('(add --help for usage)')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`${withPrintableText(text.trimEnd())}\n`) })
    .addHelpText(
      'after',
      '\nExit codes: 0 done (whatever the verdict), 2 wrong use or configuration, 3 no device or device lost,\n' +
        '4 model or runtime unusable, 5 a recording could not be read, 6 what was to be stored (--out), written (stdout) or\n' +
        "sent (fhir push) was not, or not all of it, 70 a fault of lubdub's own.",
    );
  declareOptions(program, programOptions);
  for (const row of COMMANDS) {
    const command = addCommand(program, row.name).description(row.words);
    if (row.argument !== undefined) command.argument(...row.argument);
    declareOptions(command, row.options);
    const { examples = [] } = row;
    if (examples.length > 0) {
      const title = examples.length === 1 ? 'Example' : 'Examples';
      command.addHelpText('after', `\n${title}:\n${examples.map((example) => `  ${example}`).join('\n')}`);
    }
    command.action(() => perform(row, command));
  }
  return program;
}

/** A group of commands is there with the first of them. */
function addCommand(program: Command, name: string): Command {
  const [own, ...groups] = name.split(' ').reverse();
  let place = program;
  for (const group of groups.reverse()) {
    place = place.commands.find((known) => known.name() === group) ?? place.command(group);
  }
  return place.command(own);
}

function describeOption(option: Option): string {
  const words = new Help().optionDescription(option);
  // Not settings.
  if (option.long === '--help' || option.long === '--version') return words;
  return `${words} (env: ${environmentName(settingName(option))})`;
}
