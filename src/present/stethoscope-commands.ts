import type { Command } from 'commander';
import { withCommonOptions, withJson } from './command-options.js';
import type { CalibrateOptions } from './commands/calibrate.js';
import type { Output } from './output.js';

type Action = <Options extends { json?: boolean }>(
  perform: (options: Options, output: Output, words: string[]) => Promise<number>,
) => (...received: unknown[]) => Promise<void>;

/** The commands that make and list stethoscope profiles. */
export function addStethoscopeCommands(program: Command, action: Action): void {
  withCommonOptions(program.command('calibrate'))
    .description('fit the profile of a stethoscope from recordings of three or more healthy people')
    .argument('<recording...>', 'files (WAV or FLAC), or folders of sessions')
    .requiredOption('--stethoscope <name>', 'what the profile is called')
    .option('--subjects <csv>', 'who is heard in which file: a table with the columns file and subject')
    .option('--serial <number>', 'serial number of the stethoscope, where the recordings do not tell it')
    .option(
      '--out <file>',
      'the profile; default ~/.config/lubdub/stethoscopes/NAME.json, where live finds it',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  lubdub calibrate recordings/* --stethoscope ward-3\n' +
        '  lubdub calibrate *.wav --subjects subjects.csv --stethoscope ward-3 --serial LD-0042',
    )
    .action(
      action<CalibrateOptions & { json?: boolean }>(async (options, output, paths) => {
        const { calibrate } = await import('./commands/calibrate.js');
        return calibrate(paths, options, output);
      }),
    );

  withJson(program.command('stethoscopes'))
    .description('list the stethoscope profiles of this user')
    .action(
      action<{ json?: boolean }>(async (_options, output) => {
        const { stethoscopes } = await import('./commands/calibrate.js');
        return stethoscopes(output);
      }),
    );
}
