import { spawn } from 'node:child_process';
import { findProgram } from '../acquire/find-program.js';
import { PortOpenError, type PortOpenReason } from '../acquire/port-open-error.js';
import type { PcmFormat } from '../decode/wire/pcm-formats.js';
import { isSourceRate } from '../decode/source-rate.js';
import { PortError } from '../errors.js';

/** A program that records from a sound card, and what it will write. */
export interface SoundRecording {
  readonly command: readonly [string, ...string[]];
  readonly format: PcmFormat;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Beside that of this process. */
  readonly environment?: NodeJS.ProcessEnv;
}

export interface SoundWish {
  /** ALSA's name of the device, or what the recorder calls the default one. */
  readonly device: string;
  /** Default: the best that the card has by itself. */
  readonly sampleRateHz?: number | undefined;
}

export type RecorderName = 'arecord' | 'pw-record' | 'rec' | 'ffmpeg';

/** The recorders that are looked for, the one that is taken first. */
export function recordersOf(platform: NodeJS.Platform = process.platform): readonly RecorderName[] {
  if (platform === 'linux') return ['arecord', 'pw-record'];
  return platform === 'darwin' ? ['rec', 'ffmpeg'] : [];
}

/** Samples may wait so long in the card for a busy machine before it drops any. */
const BUFFER_MICROSECONDS = 1_000_000;
const PERIOD_MICROSECONDS = 50_000;
const PROBE_TIMEOUT_MS = 5000;
const MAX_PROBE_CHARACTERS = 20_000;
/** In this order. Heart sounds end far below; a card's own rates need no converter whose quality nobody knows. */
const PREFERRED_RATES_HZ = [48_000, 44_100, 32_000, 16_000, 8000, 96_000, 192_000];
const DEFAULT_RATE_HZ = 48_000;
/** As ALSA writes them. The finest that a card itself has; behind a converter of ALSA's the plain one. */
const ALSA_FORMATS: readonly (readonly [string, PcmFormat])[] = [
  ['S24_3LE', 's24le'],
  ['S32_LE', 's32le'],
  ['S16_LE', 's16le'],
  ['FLOAT_LE', 'f32le'],
];

/** @returns the first recorder at hand; undefined where there is none */
export function findRecorder(platform?: NodeJS.Platform): { name: RecorderName; path: string } | undefined {
  for (const name of recordersOf(platform)) {
    const path = findProgram(name);
    if (path !== undefined) return { name, path };
  }
  return undefined;
}

/** Whether the recorder knows cards by ALSA's names; the others have names of their own. */
export function knowsSoundCards(): boolean {
  return process.platform === 'linux' && (findRecorder()?.name ?? 'arecord') === 'arecord';
}

/**
 * How to record from a card. `arecord` is asked what the card can; the other programs convert to what they are told.
 *
 * @throws PortOpenError (rejection) where the card is busy, missing, not permitted, or cannot what is wished for; PortError
 *   where no recorder is installed
 */
export async function planRecording(wish: SoundWish): Promise<SoundRecording> {
  const recorder = findRecorder();
  if (recorder === undefined) {
    throw new PortError(
      'no program that records from sound cards was found (looked for: ' +
        `${recordersOf().join(', ') || 'none on this system'}); on Debian and Raspberry Pi OS: sudo apt install alsa-utils; ` +
        'on macOS: brew install sox; or name one with --from-command',
    );
  }
  if (recorder.name === 'arecord') return planArecord(recorder.path, wish);
  const sampleRateHz = wish.sampleRateHz ?? DEFAULT_RATE_HZ;
  const command = commandOf(recorder.name, recorder.path, wish.device, sampleRateHz);
  // SoX has no word for the device on its command line.
  const environment = recorder.name === 'rec' && wish.device !== 'default' ? { AUDIODEV: wish.device } : {};
  return { command, format: 's16le', sampleRateHz, channels: 1, environment };
}

/** The words for a recorder that converts to 16 bits, one channel, whatever the card has. */
export function commandOf(
  name: Exclude<RecorderName, 'arecord'>,
  path: string,
  device: string,
  sampleRateHz: number,
): readonly [string, ...string[]] {
  const rate = String(sampleRateHz);
  const isDefault = device === 'default';
  switch (name) {
    case 'pw-record':
      return [
        path,
        ...(isDefault ? [] : ['--target', device]),
        '--rate',
        rate,
        '--channels',
        '1',
        '--format',
        's16',
        '-',
      ];
    case 'rec':
      return [path, '-q', '-t', 'raw', '-e', 'signed-integer', '-b', '16', '-c', '1', '-r', rate, '-'];
    case 'ffmpeg':
      return [
        ...([path, '-nostdin', '-v', 'error', '-f', 'avfoundation', '-i', `:${device}`] as const),
        ...['-f', 's16le', '-ac', '1', '-ar', rate, '-'],
      ];
  }
}

async function planArecord(path: string, { device, sampleRateHz }: SoundWish): Promise<SoundRecording> {
  const said = await probe(path, device);
  const parameters = readParameters(said);
  if (parameters === undefined) throw openError(device, said);
  const { formats, channels, rates } = parameters;
  // What stands for no piece of hardware converts, and would as gladly give 64 bits.
  const isHardware = device.startsWith('hw:');
  const known = ALSA_FORMATS.filter(([name]) => formats.includes(name));
  const chosen = (isHardware ? undefined : known.find(([, format]) => format === 's16le')) ?? known[0];
  if (chosen === undefined) {
    throw new PortOpenError(
      device,
      'other',
      `${device}: must offer one of ${ALSA_FORMATS.map(([name]) => name).join(', ')}, got ${formats.join(' ')}; ` +
        `let ALSA convert: --sound-card plug${device}`,
    );
  }
  const rate = sampleRateHz ?? PREFERRED_RATES_HZ.find((hz) => hz >= rates[0] && hz <= rates[1]) ?? rates[0];
  if (!isSourceRate(rate) || rate < rates[0] || rate > rates[1]) {
    throw new PortOpenError(
      device,
      'other',
      `${device}: records at ${rates[0]} to ${rates[1]} Hz, got ${rate}; say another --rate, or let ALSA convert: ` +
        `--sound-card plug${device}`,
    );
  }
  const count = isHardware ? Math.max(channels[0], Math.min(2, channels[1])) : channels[0];
  return {
    // A recorder that goes on after an overrun does not say where it was; one that ends there does.
    command: [
      ...([path, '--fatal-errors', '-D', device, '-t', 'raw', '-f', chosen[0]] as const),
      ...['-c', String(count), '-r', String(rate)],
      ...['-B', String(BUFFER_MICROSECONDS), '-F', String(PERIOD_MICROSECONDS)],
    ],
    format: chosen[1],
    sampleRateHz: rate,
    channels: count,
  };
}

interface HardwareParameters {
  readonly formats: readonly string[];
  readonly channels: readonly [number, number];
  readonly rates: readonly [number, number];
}

/** Reads what `arecord --dump-hw-params` writes; undefined where it wrote something else. */
export function readParameters(text: string): HardwareParameters | undefined {
  const line = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '';
  const range = (name: string): readonly [number, number] | undefined => {
    const numbers = line(name).match(/\d+/g)?.map(Number);
    return numbers === undefined ? undefined : [numbers[0], numbers.at(-1)!];
  };
  const formats = line('FORMAT').split(/\s+/).filter(Boolean);
  const channels = range('CHANNELS');
  const rates = range('RATE');
  return formats.length === 0 || channels === undefined || rates === undefined
    ? undefined
    : { formats, channels, rates };
}

/** All that arecord says of a device. It is ended as soon as it has said it: nothing is to be recorded yet. */
function probe(path: string, device: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, ['-D', device, '--dump-hw-params', '-t', 'raw', '-d', '1', '/dev/null'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, LC_ALL: 'C' },
    });
    let text = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), PROBE_TIMEOUT_MS);
    child.stderr.on('data', (bytes: Buffer) => {
      text = (text + bytes.toString('utf8')).slice(0, MAX_PROBE_CHARACTERS);
      if (/^-{10,}[\s\S]*^-{10,}/m.test(text)) child.kill('SIGKILL');
    });
    child.on('error', (error) =>
      reject(new PortError(`arecord cannot be started: ${error.message}`, { cause: error })),
    );
    child.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
}

/** Who may not use sound cards. */
export const AUDIO_GROUP =
  'no permission; add yourself to the group audio with `sudo usermod -aG audio $USER` and log in again';

const REASONS: readonly (readonly [RegExp, PortOpenReason, string])[] = [
  [/busy/i, 'busy', 'another program records from it; close it (`fuser -v /dev/snd/*` names it)'],
  [/permission denied|not permitted/i, 'permission', AUDIO_GROUP],
  [
    /no such|unknown pcm|cannot get card|invalid card|no soundcards/i,
    'missing',
    'there is no such sound card; plug it in, or list what there is with `lubdub ports`',
  ],
];

/** What a recorder's last words mean, and what to do. */
export function openError(device: string, said: string, cause?: unknown): PortOpenError {
  const [, reason, remedy] = REASONS.find(([pattern]) => pattern.test(said)) ?? ([/./, 'other', ''] as const);
  const last = said.trim().split('\n').slice(-2).join(' / ').slice(0, 300);
  const why = remedy === '' ? `the recorder says: ${last || 'nothing'}` : remedy;
  return new PortOpenError(device, reason, `the sound card ${device} cannot be opened: ${why}`, { cause });
}
