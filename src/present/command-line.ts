import { Command, CommanderError, Option } from 'commander';
import type { EvaluateOptions } from './commands/evaluate.js';
import type { LiveCommandOptions, ReplayCommandOptions } from './commands/live.js';
import type { ReportCommandOptions } from './commands/report.js';
import type { SimulateCommandOptions } from './commands/simulate.js';
import {
  integerIn,
  withBedside,
  withCommonOptions,
  withJson,
  withModel,
  withSimulator,
  withStethoscope,
} from './command-options.js';
import { applyConfigurationFile } from './configuration.js';
import { ExitCode } from './exit-codes.js';
import { Failures, JsonOutput, type Output } from './output.js';
import { packageVersion } from '../package-info.js';
import type { ProgramEvent } from './program-events.js';
import { PeopleOutput } from './people-output.js';
import { addStethoscopeCommands } from './stethoscope-commands.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';

interface CommonOptions {
  json?: boolean;
  readonly model: string;
}

/**
 * Runs one command. Its code is loaded when it is run, so that help and wrong use answer at once on a small machine.
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

  const run = async (command: () => Promise<number>) => setExitCode(await command());
  const action =
    <Options extends { json?: boolean }>(
      perform: (options: Options, output: Output, words: string[]) => Promise<number>,
    ) =>
    async (...received: unknown[]) => {
      const command = received[received.length - 1] as Command;
      const options = command.opts<Options>();
      const output =
        options.json === true ? new JsonOutput() : new PeopleOutput({ quiet: quietKinds(command.name()) });
      await run(() => perform(options, output, command.args));
    };

  withStethoscope(withCommonOptions(program.command('classify')))
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
      action<CommonOptions & { threads?: number; stethoscope?: string }>(async (options, output, files) => {
        const { classify } = await import('./commands/classify.js');
        const exitCode = await classify(files, options, output);
        output.say(DISCLAIMER);
        return exitCode;
      }),
    );

  withBedside(withStethoscope(withModel(withJson(program.command('live')))))
    .description('screen from a stethoscope, until it ends, Ctrl-C, or --seconds')
    .addOption(
      new Option('--port <path>', 'serial port of the stethoscope; auto asks every port')
        .default('auto')
        .env('LUBDUB_PORT'),
    )
    .addOption(
      new Option('--baud <n>', 'bits a second on a real UART; USB devices do not care')
        .env('LUBDUB_BAUD')
        .argParser(integerIn(50, 4_000_000)),
    )
    .addOption(new Option('--serial <number>', 'take no stethoscope but the one with this serial number'))
    .addOption(
      new Option(
        '--wire <kind>',
        'what comes over the wire: packets, a decimal number a line, or raw samples',
      )
        .choices(['protocol', 'ascii', 's16le'])
        .default('protocol')
        .env('LUBDUB_WIRE'),
    )
    .addOption(
      new Option('--rate <hz>', 'samples a second of a board that sends only samples')
        .env('LUBDUB_RATE')
        .argParser(integerIn(1000, 48_000)),
    )
    .addHelpText('after', '\nExamples:\n  lubdub live\n  lubdub live --port /dev/ttyACM0 --seconds 30 --json')
    .action((_options: unknown, command: Command) =>
      run(async () => {
        const { live } = await import('./commands/live.js');
        return live(command.opts<LiveCommandOptions>());
      }),
    );

  withBedside(withStethoscope(withModel(withJson(withSimulator(program.command('replay'))))))
    .description('simulate a stethoscope with a recording and screen it live, over the same wire')
    .argument('<file>', 'recording')
    .addHelpText(
      'after',
      '\nExamples:\n  lubdub replay recording.wav\n  lubdub replay recording.wav --speed max --faults faults.json --json',
    )
    .action((file: string, _options: unknown, command: Command) =>
      run(async () => {
        const { replay } = await import('./commands/live.js');
        return replay(file, command.opts<ReplayCommandOptions>());
      }),
    );

  withJson(withSimulator(program.command('simulate')))
    .description('be the stethoscope: stream a recording on a pseudo-terminal')
    .argument('<file>', 'recording')
    .option('--link <path>', 'lasting name for the pseudo-terminal')
    .option('--loop', 'play it again and again')
    .addOption(
      new Option('--wire <kind>', 'what goes over the wire')
        .choices(['protocol', 'ascii', 's16le'])
        .default('protocol'),
    )
    .addHelpText('after', '\nExample:\n  lubdub simulate recording.wav --link /tmp/stethoscope --loop')
    .action(
      action<SimulateCommandOptions & { json?: boolean }>(async (options, output, [file]) => {
        const { simulate } = await import('./commands/simulate.js');
        return simulate(file, options, output);
      }),
    );

  withJson(program.command('sessions'))
    .description('list the recordings that are stored below a folder')
    .argument('<folder>', 'what --out named')
    .action(
      action<{ json?: boolean }>(async (_options, output, [folder]) => {
        const { sessions } = await import('./commands/sessions.js');
        return sessions(folder, output);
      }),
    );

  withCommonOptions(program.command('verify'))
    .description(
      'screen stored sessions again: does the same come out, is every byte the one that was written?',
    )
    .argument('<session...>', 'folders of sessions')
    .action(
      action<CommonOptions>(async (options, output, folders) => {
        const { verify } = await import('./commands/sessions.js');
        return verify(folders, options, output);
      }),
    );

  withJson(program.command('recover'))
    .description('mend what a crash or a power cut left of sessions')
    .argument('<session...>', 'folders of sessions')
    .option('--force', 'also what seems to be still recorded')
    .action(
      action<{ json?: boolean; force?: boolean }>(async (options, output, folders) => {
        const { recover } = await import('./commands/sessions.js');
        return recover(folders, options, output);
      }),
    );

  withJson(program.command('report'))
    .description('a page to print, a FHIR bundle, a table: what stored sessions of one examination say')
    .argument('<session...>', 'folders of sessions of one subject')
    .option('--html <file>', 'page to print; default where no other file is named: the first session, .html')
    .option('--fhir <file>', 'FHIR R4 bundle')
    .option('--csv <file>', 'table of windows')
    .option('--no-samples', 'leave the samples out of the FHIR bundle')
    .action(
      action<ReportCommandOptions & { json?: boolean }>(async (options, output, folders) => {
        const { report } = await import('./commands/report.js');
        return report(folders, options, output);
      }),
    );

  withJson(program.command('wfdb'))
    .description('describe the samples of sessions for programs that read WFDB')
    .argument('<session...>', 'folders of sessions')
    .action(
      action<{ json?: boolean }>(async (_options, output, folders) => {
        const { wfdb } = await import('./commands/sessions.js');
        return wfdb(folders, output);
      }),
    );

  withStethoscope(withCommonOptions(program.command('evaluate')))
    .description('screen a labelled set of recordings and score the results')
    .requiredOption(
      '--records <csv>',
      'table of recordings: record, label, and if known database, quality, group, fold',
    )
    .requiredOption('--audio <folder>', 'their files')
    .requiredOption('--out <folder>', 'where predictions and scores go; an interrupted run goes on there')
    .option('--split <words>', 'what these recordings are to the model; stands beside every score')
    .addOption(new Option('--fold <n>', 'only this fold of the table').argParser(integerIn(0, 1000)))
    .addOption(new Option('--replicates <n>', 'of the bootstrap').argParser(integerIn(0, 100_000)))
    .addOption(new Option('--seed <n>', 'of the bootstrap').argParser(integerIn(0, 2 ** 32 - 1)))
    .addOption(new Option('--threads <n>', 'worker threads; default one a core').argParser(integerIn(1, 64)))
    .addHelpText(
      'after',
      '\nExample:\n  lubdub evaluate --records REFERENCE.csv --audio recordings --out results --split "unseen clinic"',
    )
    .action(
      action<CommonOptions & EvaluateOptions>(async (options, output) => {
        const { evaluate } = await import('./commands/evaluate.js');
        return evaluate(options, output);
      }),
    );

  addStethoscopeCommands(program, action);

  withJson(program.command('ports'))
    .description('list the serial ports of this machine')
    .action(
      action<{ json?: boolean }>(async (_options, output) => {
        const { ports } = await import('./commands/ports.js');
        return ports(output);
      }),
    );

  withCommonOptions(program.command('doctor'))
    .description('find out what is wrong with this installation and how to mend it')
    .action(
      action<CommonOptions>(async (options, output) => {
        const { doctor } = await import('./commands/doctor.js');
        return doctor(options, output);
      }),
    );

  return program;
}

/** With several files a line each is what a person wants; a device is watched window by window. */
function quietKinds(command: string): Set<ProgramEvent['kind']> {
  if (command === 'evaluate') return new Set(['window', 'verdict', 'final', 'notice']);
  return new Set(command === 'classify' ? ['window', 'verdict'] : []);
}
