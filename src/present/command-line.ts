import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { classify } from './commands/classify.js';
import { doctor } from './commands/doctor.js';
import { applyConfigurationFile } from './configuration.js';
import { ExitCode } from './exit-codes.js';
import { Failures, JsonOutput, type Output } from './output.js';
import { defaultModelPath, DISCLAIMER, packageVersion } from './package-info.js';
import { PeopleOutput } from './people-output.js';

interface CommonOptions {
  readonly json?: boolean;
  readonly model: string;
}

/**
 * Runs one command.
 *
 * @param words the command line without the program's own name
 * @returns the exit code; nothing is thrown
 */
export async function runCommandLine(words: readonly string[]): Promise<number> {
  let exitCode: number = ExitCode.done;
  const program = buildProgram((code) => (exitCode = code));
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.done : ExitCode.wrongUse;
    const failures = new Failures(words.includes('--json') ? new JsonOutput() : new PeopleOutput());
    failures.report(error, null);
    return failures.exitCode;
  }
  return exitCode;
}

function buildProgram(setExitCode: (code: number) => void): Command {
  const program = new Command('lubdub')
    .description(
      `Streaming screening of heart sounds from a digital stethoscope.\n${DISCLAIMER}\n\n` +
        'Every option can also be set by an environment variable (LUBDUB_MODEL for --model) or in a configuration ' +
        'file; a flag outweighs the environment, the environment the file.',
    )
    .version(packageVersion)
    .option(
      '--config <file>',
      'configuration file (LUBDUB_CONFIG); default ~/.config/lubdub/config.json, if there',
    )
    .showHelpAfterError('(add --help for usage)')
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done (whatever the verdict), 2 wrong use or configuration, 3 no device or device lost,\n' +
        "4 model or runtime unusable, 5 a recording could not be read, 70 a fault of lubdub's own.",
    );
  program.hook('preAction', (_program, command) => {
    applyConfigurationFile(command, program.opts<{ config?: string }>().config ?? process.env.LUBDUB_CONFIG);
  });

  const action =
    <Options extends CommonOptions>(
      run: (options: Options, output: Output, words: string[]) => Promise<number>,
    ) =>
    async (...received: unknown[]) => {
      const command = received[received.length - 1] as Command;
      const options = command.opts<Options>();
      const output = options.json === true ? new JsonOutput() : new PeopleOutput(quietKinds(command.name()));
      setExitCode(await run(options, output, command.args));
    };

  withCommonOptions(program.command('classify'))
    .description('screen files, as fast as the machine allows')
    .argument('<file...>', 'recordings (WAV or FLAC, 1,000 to 48,000 Hz; of several channels the first)')
    .addOption(
      new Option('--threads <n>', 'worker threads for the model; default one a core')
        .env('LUBDUB_THREADS')
        .argParser(integerIn(1, 64)),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  lubdub classify recording.wav\n  lubdub classify --json *.wav > results.ndjson',
    )
    .action(
      action<CommonOptions & { threads?: number }>(async (options, output, files) => {
        const exitCode = await classify(files, options, output);
        output.say(DISCLAIMER);
        return exitCode;
      }),
    );

  withCommonOptions(program.command('doctor'))
    .description('find out what is wrong with this installation and how to mend it')
    .action(action<CommonOptions>((options, output) => doctor(options, output)));

  return program;
}

/** With several files a line each is what a person wants; a device is watched window by window. */
function quietKinds(command: string): Set<'window' | 'verdict'> {
  return new Set(command === 'classify' ? ['window', 'verdict'] : []);
}

function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'one JSON object a line on stdout and nothing else; logs on stderr')
    .addOption(
      new Option('--model <file>', 'model contract')
        .default(defaultModelPath, 'the one that ships')
        .env('LUBDUB_MODEL'),
    );
}

export function integerIn(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`must be an integer in ${least}..${most}.`);
    }
    return value;
  };
}
