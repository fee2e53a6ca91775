import { PCM_FORMAT_NAMES, PCM_FORMATS } from '../decode/wire/pcm-formats.js';
import { MAX_CHANNELS } from '../decode/wire/pcm-wire.js';
import { MAX_SOURCE_RATE_HZ, MIN_SOURCE_RATE_HZ } from '../decode/source-rate.js';
import { WIRES, type Wire } from '../decode/wire/wires.js';
import { RUNTIME_CHOICES } from '../classify/runtime-choice.js';
import { defaultModelPath } from '../package-info.js';
import { LISTENING_FILTERS } from '../listen/listening-filter.js';
import { LEAST_GAIN_DB, MOST_GAIN_DB } from '../listen/sound-renderer.js';
import { REPORT_FORMAT_NAMES, REPORT_FORMATS, type ReportFormatName } from '../report/report-formats.js';
import { SITES } from '../verdict/site.js';
import {
  choice,
  flag,
  insteadOfArguments,
  onUnlessSaid,
  option,
  optionalValue,
  required,
  withDefault,
  withSetting,
  type OptionDeclaration,
  type OptionValues,
} from './option-declarations.js';
import { json, samples } from './common-options.js';
import { broker } from './network-options.js';
import {
  integerIn,
  notNegative,
  positiveNumber,
  prevalencesOf,
  shardOf,
  speedOf,
  uri,
} from './option-values.js';

/*
 * Every option of every command, once. The table of commands says which command has which; names, environment
 * variables, settings of the configuration file and types follow from what stands here.
 */

export const programOptions = {
  config: option('<file>', 'configuration file; default ~/.config/lubdub/config.json, if there'),
};

const model = withDefault(option('<file>', 'model contract'), defaultModelPath, 'the one that ships');
const runtime = withDefault(
  choice('<kind>', 'what computes the model: its own kernel, LiteRT, or whichever can', RUNTIME_CHOICES),
  'auto',
);
const threads = option('<n>', 'worker threads for the model; default one a core', integerIn(1, 64));

/** Who is judged by which profile; `calibrate` names one with the same word. */
const stethoscope = option(
  '<name>',
  'profile of the stethoscope: its name or a file, none for none; see lubdub calibrate',
);

const wireNames = Object.keys(WIRES) as Wire[];
const wireWords = wireNames.map((name) => `${name}: ${WIRES[name].words}`).join('; ');
const wire = (words: string) =>
  withDefault(choice('<kind>', `${words}; ${wireWords}`, wireNames), 'protocol');

const shard = option(
  '<i/n>',
  'only every n-th file from the i-th on, 1/16 to 16/16 for sixteen machines',
  shardOf,
);

const channel = option(
  '<n>',
  'channel of the file to take, 1 for the first; default the first that is not dead (a notice says which)',
  integerIn(1, 65_535),
);

const simulator = {
  channel,
  speed: withDefault<number | 'max'>(option('<n>', 'multiple of real time, or max', speedOf), 1),
  faults: option('<file>', 'what goes wrong on the wire and when (JSON, see src/simulate/faults.md)'),
  seed: option('<n>', 'seed of the faults', integerIn(0, 2 ** 32 - 1)),
};

const decibels = integerIn(LEAST_GAIN_DB, MOST_GAIN_DB);

const bedside = {
  seconds: option('<n>', 'end after so many seconds of recording', positiveNumber),
  out: option('<folder>', 'store each recording as a session in a folder of its own below'),
  wfdb: flag('with --out: WFDB headers beside the samples'),
  subject: option('<code>', 'pseudonymous code of who is listened to (letters, digits, - and _)'),
  site: choice('<spot>', 'where the stethoscope stands', SITES),
  giveUpAfter: option(
    '<seconds>',
    'how long a stethoscope that was lost may take to come back; default 60, 0 for not at all',
    notNegative,
  ),
  monitor: optionalValue(
    '[device]',
    "play the sound here through aplay, on ALSA's default output or the one that is named (aplay -L); put it after the " +
      'source',
    'default',
  ),
  monitorFilter: withDefault(
    choice('<kind>', 'with --monitor: as the side of a stethoscope', LISTENING_FILTERS),
    'wide',
  ),
  monitorVolume: withDefault(
    option<number>(
      '<db>',
      'with --monitor: louder by so much, -20 to 30; a limiter stands behind it',
      decibels,
    ),
    0,
  ),
  page: onUnlessSaid('no live page'),
  host: option(
    '<address>',
    'address of the live page; any but this machine itself needs --token, and is shown as a QR code, too',
  ),
  pagePort: option(
    '<n>',
    'port of the live page; default 4912 or the next that is free',
    integerIn(0, 65_535),
  ),
  token: option('<text>', 'secret that opens the live page'),
  publish: option(
    '<url>',
    'publish all that --json says to an MQTT 5 broker, such as mqtts://broker.example',
  ),
  bedside: option(
    '<name>',
    'with --publish: what this bedside is called there; default the name of this machine',
  ),
  ...broker,
  outbox: option('<folder>', 'where results wait for the broker; default ~/.local/state/lubdub/outbox'),
  wait: flag('begin when somebody presses start on the live page'),
};

export const onlyJson = { json };
export const jsonAndModel = { json, model, runtime };

export const classifyOptions = {
  ...jsonAndModel,
  threads,
  channel,
  stethoscope,
  list: insteadOfArguments(option('<file>', 'screen the files that this text file names, one a line')),
  shard,
  results: option('<file>', 'JSON lines go there too; what they hold already is not screened again'),
  examination: flag("the files are one person's: a last line says what they tell together"),
};

export const liveOptions = {
  ...jsonAndModel,
  port: withDefault(option('<path>', 'serial port of the stethoscope; auto asks every port'), 'auto'),
  baud: option('<n>', 'bits a second on a real UART; USB devices do not care', integerIn(50, 4_000_000)),
  serial: option('<number>', 'take no stethoscope but the one with this serial number'),
  wire: wire('what comes over the wire'),
  soundCard: option(
    '<name>',
    "record from a sound card: auto, its number, name or ALSA's name of a device (see lubdub ports)",
  ),
  fromCommand: option(
    '<command>',
    'screen what a command line for the shell writes: samples as --format says',
  ),
  format: choice(
    '<kind>',
    `how samples stand in what a command or a pipe brings; ${PCM_FORMAT_NAMES.map((name) => `${name}: ${PCM_FORMATS[name].words}`).join('; ')}`,
    PCM_FORMAT_NAMES,
  ),
  channels: option(
    '<n>',
    'channels in turn in what a command or a pipe brings, default 1',
    integerIn(1, MAX_CHANNELS),
  ),
  channel: option(
    '<n>',
    'channel to take, 1 for the first; default the first that is not dead (a notice says which)',
    integerIn(1, MAX_CHANNELS),
  ),
  unpaced: flag(
    'what a command, a pipe or a plain wire brings is a stored recording, as fast as it goes; default: told by its pace',
  ),
  rate: option(
    '<hz>',
    'samples a second of a board, a command or a pipe that sends only samples; of a sound card: the rate to record at',
    integerIn(MIN_SOURCE_RATE_HZ, MAX_SOURCE_RATE_HZ),
  ),
  stethoscope,
  ...bedside,
};

export const replayOptions = {
  ...jsonAndModel,
  ...simulator,
  stethoscope,
  ...bedside,
  exit: flag(
    'end with the recording; without it the live page stays until Ctrl-C where a person is there (stdout is a terminal, ' +
      'or the page is open), and never with --json, --seconds or --no-page',
  ),
};

export const simulateOptions = {
  json,
  ...simulator,
  link: option('<path>', 'lasting name for the pseudo-terminal'),
  loop: flag('play it again and again'),
  wire: wire('what goes over the wire'),
};

export const recoverOptions = { json, force: flag('also what seems to be still recorded') };

const reportFiles = Object.fromEntries(
  REPORT_FORMAT_NAMES.map((name) => {
    const usual = name === 'html' ? '; default where no other file is named: the first session, .html' : '';
    return [name, option('<file>', `${REPORT_FORMATS[name].words}${usual}`)];
  }),
) as Record<ReportFormatName, OptionDeclaration<string | undefined>>;

export const reportOptions = {
  json,
  ...reportFiles,
  samples,
  subjectSystem: option(
    '<uri>',
    'whose subject codes these are, such as https://clinic.example/subjects: the FHIR bundle is then a transaction that a server takes',
    uri,
  ),
};

export const mergeOptions = {
  list: required(option('<file>', 'the list that classify had')),
};

export const evaluateOptions = {
  ...jsonAndModel,
  records: required(
    option('<csv>', 'table of recordings: record, label, and if known database, quality, group, fold'),
  ),
  audio: required(option('<folder>', 'their files')),
  shard,
  shards: option(
    '<folder>',
    'take over what the shards have screened: the folder of the folders that they had as --out',
  ),
  out: withSetting(
    required(option('<folder>', 'where predictions and scores go; an interrupted run goes on there')),
    'evaluate-out',
  ),
  split: option('<words>', 'what these recordings are to the model; stands beside every score'),
  prevalence: option(
    '<share>',
    'predictive values too, where this share of those listened to is ill: 0.02, or several: 0.01,0.1',
    prevalencesOf,
  ),
  fold: option('<n>', 'only this fold of the table', integerIn(0, 1000)),
  replicates: option('<n>', 'of the bootstrap', integerIn(0, 100_000)),
  seed: option('<n>', 'of the bootstrap', integerIn(0, 2 ** 32 - 1)),
  threads,
  channel,
  stethoscope,
};

export const calibrateOptions = {
  ...jsonAndModel,
  stethoscope: required(option('<name>', 'what the profile is called')),
  subjects: option('<csv>', 'who is heard in which file: a table with the columns file and subject'),
  serial: option('<number>', 'serial number of the stethoscope, where the recordings do not tell it'),
  out: withSetting(
    option('<file>', 'the profile; default ~/.config/lubdub/stethoscopes/NAME.json, where live finds it'),
    'calibrate-out',
  ),
};

export const serviceOptions = {
  json,
  kiosk: flag('install: the live page fills the attached display, too (needs cage and chromium)'),
  dryRun: flag('install, uninstall: change nothing, print what would be'),
  root: option(
    '<folder>',
    'install, uninstall, status: files below this folder instead of /; no program is run',
  ),
  follow: flag('logs: go on'),
};

export type ServiceCommandOptions = OptionValues<typeof serviceOptions>;
export type ModelCommandOptions = Omit<OptionValues<typeof jsonAndModel>, 'json'>;
export type ClassifyCommandOptions = OptionValues<typeof classifyOptions>;
export type BedsideCommandOptions = OptionValues<
  typeof jsonAndModel & typeof bedside & { stethoscope: typeof stethoscope }
>;
export type LiveCommandOptions = OptionValues<typeof liveOptions>;
export type ReplayCommandOptions = OptionValues<typeof replayOptions>;
export type SimulatorCommandOptions = OptionValues<typeof simulator>;
export type SimulateCommandOptions = OptionValues<typeof simulateOptions>;
export type RecoverCommandOptions = OptionValues<typeof recoverOptions>;
export type ReportCommandOptions = OptionValues<typeof reportOptions>;
export type MergeCommandOptions = OptionValues<typeof mergeOptions>;
export type CalibrateCommandOptions = OptionValues<typeof calibrateOptions>;
export type EvaluateCommandOptions = OptionValues<typeof evaluateOptions>;
