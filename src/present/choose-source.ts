import type { Observable } from 'rxjs';
import { openPlainWire } from '../device/open-plain-wire.js';
import type { SampleSourceOptions } from '../device/open-sample-source.js';
import { openSoundCard } from '../device/open-sound-card.js';
import { openStethoscope, type StethoscopeOptions } from '../device/open-stethoscope.js';
import { openStream } from '../device/open-stream.js';
import type { SourceStreamEvent } from '../device/stream-samples.js';
import { ConfigurationError } from '../errors.js';
import type { LiveCommandOptions } from './command-options.js';

/** What all sources are opened with. */
export type OpeningOptions = Pick<SampleSourceOptions & StethoscopeOptions, 'stop$' | 'credit' | 'reconnect'>;

export interface ChosenSource {
  readonly connect: (options: OpeningOptions) => Observable<SourceStreamEvent>;
  /** What is piped in, or what a command prints, is not there twice: it is opened at Start and never before. */
  readonly isOnce: boolean;
  /** Any port will do, a simulator's too. */
  readonly isAuto: boolean;
  /** For the session: what the result depends on; nothing of a command, which may hold secrets. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

/**
 * The one source that a command line asks for: a serial port unless it says otherwise.
 *
 * @param word `-` for stdin
 * @throws ConfigurationError for two sources at once, or one that lacks its rate
 */
export function chooseSource(options: LiveCommandOptions, word: string | undefined): ChosenSource {
  const { port, baud, serial, wire, rate, soundCard, fromCommand, channel } = options;
  if (word !== undefined && word !== '-') {
    throw new ConfigurationError(
      `live takes - for what is piped into stdin and nothing else, got ${word}; a file is screened with: lubdub classify ${word}`,
    );
  }
  const asked = [
    word === undefined ? undefined : '-',
    soundCard === undefined ? undefined : '--sound-card',
    fromCommand === undefined ? undefined : '--from-command',
  ].filter((one) => one !== undefined);
  if (asked.length > 1)
    throw new ConfigurationError(`one source at a time: got ${asked.join(' and ')}; leave one out`);
  if (soundCard !== undefined) {
    return {
      connect: (opening) =>
        openSoundCard({
          card: soundCard,
          sampleRateHz: rate,
          channel,
          isUnpaced: options.unpaced,
          ...opening,
        }),
      isOnce: false,
      isAuto: false,
      configuration: { source: 'sound card', rate: rate ?? null, channel: channel ?? null },
    };
  }
  if (asked.length === 1) return streamSource(options, asked[0]);
  if (wire === 'protocol') {
    return {
      connect: (opening) =>
        openStethoscope({
          port,
          ...(opening as Pick<StethoscopeOptions, 'stop$' | 'credit' | 'reconnect'>),
          ...(baud === undefined ? {} : { baudRate: baud }),
          ...(serial === undefined ? {} : { serialNumber: serial }),
        }),
      isOnce: false,
      isAuto: port === 'auto',
      configuration: { port, wire, rate: rate ?? null },
    };
  }
  if (rate === undefined) {
    throw new ConfigurationError(
      `--wire ${wire} needs --rate HZ: a board that only sends samples does not say how many a second`,
    );
  }
  return {
    connect: (opening) =>
      openPlainWire({
        port,
        wire,
        sampleRateHz: rate,
        isUnpaced: options.unpaced,
        ...opening,
        ...(baud === undefined ? {} : { baudRate: baud }),
      }),
    isOnce: false,
    isAuto: port === 'auto',
    configuration: { port, wire, rate },
  };
}

function streamSource(options: LiveCommandOptions, asked: string): ChosenSource {
  const { fromCommand, rate, format, channels, channel, unpaced } = options;
  if (rate === undefined || format === undefined) {
    throw new ConfigurationError(
      `${asked} needs --rate HZ and --format KIND (s16le for most): nothing in a stream of samples says what they are`,
    );
  }
  return {
    connect: (opening) =>
      openStream({
        format,
        sampleRateHz: rate,
        channels,
        channel,
        isUnpaced: unpaced,
        ...opening,
        ...(fromCommand === undefined ? {} : { command: fromCommand }),
      }),
    isOnce: true,
    isAuto: false,
    configuration: {
      source: fromCommand === undefined ? 'stdin' : 'command',
      rate,
      format,
      channels: channels ?? 1,
      channel: channel ?? null,
    },
  };
}
