import { DISCLAIMER } from '../verdict/disclaimer.js';
import * as options from './command-options.js';
import * as network from './network-options.js';
import type { OptionDeclarations, OptionValues } from './option-declarations.js';
import type { Output } from './output.js';
import type { ProgramEvent } from './program-events.js';

export interface CommandRow<Declarations extends OptionDeclarations = OptionDeclarations> {
  /** `fhir push` is the command `push` of the group `fhir`. */
  readonly name: string;
  readonly words: string;
  /** What it takes beside options, as commander writes it, and what that is. */
  readonly argument?: readonly [string, string];
  readonly options: Declarations;
  readonly examples?: readonly string[];
  /** What a person is not told, of hundreds of recordings. */
  readonly quiet?: readonly ProgramEvent['kind'][];
  /** Its code is loaded when it is run, so that help and wrong use answer at once on a small machine. */
  run(options: OptionValues<Declarations>, output: Output, words: readonly string[]): Promise<number>;
}

const command = <Declarations extends OptionDeclarations>(row: CommandRow<Declarations>): CommandRow => row;

/** All that `lubdub` can be told to do. A new command is a row here, its options, and its code in `commands/`. */
export const COMMANDS: readonly CommandRow[] = [
  command({
    name: 'classify',
    words: 'screen files, as fast as the machine allows',
    argument: [
      '[file...]',
      'recordings (WAV, FLAC, AIFF, CAF, …; MP3, M4A, Ogg and others with FFmpeg; 1,000 to 192,000 Hz); a folder stands for all in it and in the folders below',
    ],
    options: options.classifyOptions,
    examples: [
      'lubdub classify recording.wav',
      'lubdub classify --json *.wav > results.ndjson',
      'lubdub classify --examination aortic.wav mitral.wav',
      'lubdub classify --list files.txt --shard 3/16 --results part-3.ndjson',
    ],
    async run(given, output, files) {
      const { classify } = await import('./commands/classify.js');
      const exitCode = await classify(files, given, output);
      output.say(DISCLAIMER);
      return exitCode;
    },
  }),
  command({
    name: 'merge',
    words: 'put together what the shards of classify --list wrote, as one run would have written it',
    argument: ['<results...>', 'JSON lines of classify --results or --json'],
    options: options.mergeOptions,
    examples: ['lubdub merge --list files.txt part-*.ndjson > results.ndjson'],
    run: async (given, output, paths) => (await import('./commands/merge.js')).merge(paths, given, output),
  }),
  command({
    name: 'live',
    words:
      'screen from a stethoscope, a sound card or a program: with the live page until Ctrl-C, without it (--no-page, --json, --seconds) one recording',
    argument: ['[source]', '- for samples that are piped into stdin'],
    options: options.liveOptions,
    examples: [
      'lubdub live',
      'lubdub live --port /dev/ttyACM0 --seconds 30 --json',
      'lubdub live --sound-card auto',
      'lubdub live --monitor --monitor-filter bell --monitor-volume 12',
      "lubdub live --from-command 'arecord -t raw -f S16_LE -r 48000' --rate 48000 --format s16le",
      'ssh ward-3 cat /dev/stethoscope | lubdub live - --rate 4000 --format s16le',
    ],
    run: async (given, _output, [source]) => (await import('./commands/live.js')).live(given, source),
  }),
  command({
    name: 'replay',
    words: 'simulate a stethoscope with a recording and screen it live, over the same wire',
    argument: ['<file>', 'recording'],
    options: options.replayOptions,
    examples: [
      'lubdub replay recording.wav',
      'lubdub replay recording.wav --speed max --faults faults.json --json',
    ],
    run: async (given, _output, [file]) => (await import('./commands/live.js')).replay(file, given),
  }),
  command({
    name: 'simulate',
    words: 'be the stethoscope: stream a recording on a pseudo-terminal',
    argument: ['<file>', 'recording'],
    options: options.simulateOptions,
    examples: ['lubdub simulate recording.wav --link /tmp/stethoscope --loop'],
    run: async (given, output, [file]) =>
      (await import('./commands/simulate.js')).simulate(file, given, output),
  }),
  command({
    name: 'sessions',
    words: 'list the recordings that are stored below a folder',
    argument: ['<folder>', 'what --out named'],
    options: options.onlyJson,
    run: async (_given, output, [folder]) =>
      (await import('./commands/sessions.js')).sessions(folder, output),
  }),
  command({
    name: 'verify',
    words: 'screen stored sessions again: does the same come out, is every byte the one that was written?',
    argument: ['<session...>', 'folders of sessions'],
    options: options.jsonAndModel,
    run: async (given, output, folders) =>
      (await import('./commands/sessions.js')).verify(folders, given, output),
  }),
  command({
    name: 'recover',
    words: 'mend what a crash or a power cut left of sessions',
    argument: ['<session...>', 'folders of sessions'],
    options: options.recoverOptions,
    run: async (given, output, folders) =>
      (await import('./commands/sessions.js')).recover(folders, given, output),
  }),
  command({
    name: 'report',
    words: 'a page to print, a FHIR bundle, a table: what stored sessions of one examination say',
    argument: [
      '<session...>',
      'folders of sessions of one subject; a folder that is none stands for the sessions directly in it',
    ],
    options: options.reportOptions,
    run: async (given, output, folders) =>
      (await import('./commands/report.js')).report(folders, given, output),
  }),
  command({
    name: 'fhir push',
    words:
      "send finished sessions to a hospital's FHIR server, each once; what cannot be sent now waits on disk",
    argument: [
      '[session...]',
      'folders of sessions; a folder that is none stands for the sessions directly in it; none: what waits',
    ],
    options: network.fhirPushOptions,
    examples: [
      'lubdub fhir push sessions --server https://fhir.example/r4 --subject-system https://clinic.example/subjects ' +
        '--fhir-token token.txt',
      'lubdub fhir push --wait --server https://fhir.example/r4',
    ],
    async run(given, output, folders) {
      const { fhirPush } = await import('./commands/fhir-push.js');
      const exitCode = await fhirPush(folders, given, output);
      output.say(DISCLAIMER);
      return exitCode;
    },
  }),
  command({
    name: 'wfdb',
    words: 'describe the samples of sessions for programs that read WFDB',
    argument: ['<session...>', 'folders of sessions'],
    options: options.onlyJson,
    run: async (_given, output, folders) => (await import('./commands/sessions.js')).wfdb(folders, output),
  }),
  command({
    name: 'evaluate',
    words: 'screen a labelled set of recordings and score the results',
    options: options.evaluateOptions,
    examples: [
      'lubdub evaluate --records REFERENCE.csv --audio recordings --out results --split "unseen clinic"',
    ],
    quiet: ['final'],
    run: async (given, output) => (await import('./commands/evaluate.js')).evaluate(given, output),
  }),
  command({
    name: 'calibrate',
    words: 'fit the profile of a stethoscope from recordings of three or more healthy people',
    argument: ['<recording...>', 'files (WAV, FLAC, …), or folders of sessions'],
    options: options.calibrateOptions,
    examples: [
      'lubdub calibrate recordings/* --stethoscope ward-3',
      'lubdub calibrate *.wav --subjects subjects.csv --stethoscope ward-3 --serial LD-0042',
    ],
    run: async (given, output, paths) =>
      (await import('./commands/calibrate.js')).calibrate(paths, given, output),
  }),
  command({
    name: 'stethoscopes',
    words: 'list the stethoscope profiles of this user',
    options: options.onlyJson,
    run: async (_given, output) => (await import('./commands/calibrate.js')).stethoscopes(output),
  }),
  command({
    name: 'ward',
    words: 'one page for many bedsides that publish to a broker (live --publish)',
    options: network.wardOptions,
    examples: ['lubdub ward --broker mqtts://broker.example --store postgres://ward@db.example/ward'],
    run: async (given, output) => (await import('./commands/ward.js')).ward(given, output),
  }),
  command({
    name: 'service',
    words: 'let this machine start lubdub by itself (Linux with systemd)',
    argument: ['<action>', 'install (or update), status, logs, uninstall (recordings and settings stay)'],
    options: options.serviceOptions,
    examples: [
      'sudo lubdub service install --kiosk',
      'lubdub service install --dry-run',
      'lubdub service status',
      'lubdub service logs --follow',
    ],
    run: async (given, output, [action]) =>
      (await import('./commands/service.js')).service(action, given, output),
  }),
  command({
    name: 'ports',
    words: 'list the serial ports of this machine',
    options: options.onlyJson,
    run: async (_given, output) => (await import('./commands/ports.js')).ports(output),
  }),
  command({
    name: 'doctor',
    words: 'find out what is wrong with this installation and how to mend it',
    options: options.jsonAndModel,
    run: async (given, output) => (await import('./commands/doctor.js')).doctor(given, output),
  }),
];
