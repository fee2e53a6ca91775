import { map, mergeMap, type Observable, of } from 'rxjs';
import { openProgram, type ProgramEvent } from '../acquire/program-output.js';
import { isStdinFile, openStandardInput } from '../acquire/standard-input.js';
import type { PcmFormat } from '../decode/wire/pcm-formats.js';
import { PcmWire } from '../decode/wire/pcm-wire.js';
import { expectSourceRate } from '../decode/source-rate.js';
import { ConfigurationError } from '../errors.js';
import { openSampleSource, type SampleSourceEvent, type SampleSourceOptions } from './open-sample-source.js';
import type { SampleSource, SourceEvent, SourceOpened } from './sample-source.js';

export interface PcmStreamFormat {
  readonly format: PcmFormat;
  readonly sampleRateHz: number;
  /** In turn; default 1. */
  readonly channels?: number | undefined;
  /** The one to read, 1 for the first; default the best. */
  readonly channel?: number | undefined;
}

export interface StreamOptions extends SampleSourceOptions, PcmStreamFormat {
  /** A command line for `/bin/sh`; undefined: what is piped into stdin. */
  readonly command?: string;
  /** No clock applies; default: told by how the samples begin to come. */
  readonly isUnpaced?: boolean | undefined;
}

/** A program may have to find its device, and a pipe its program. */
const FIRST_BYTE_TIMEOUT_MS = 30_000;

/**
 * Samples that a program writes, or that are piped into stdin, as a stream; see {@link openSampleSource}. The command is
 * the user's own and a shell reads it, as it would in a script; nothing else is put into it. It is started anew where it
 * fails or falls silent; where it ends with 0 the stream ends.
 *
 * @throws ConfigurationError at the call for wrong options
 */
export function openStream(options: StreamOptions): Observable<SampleSourceEvent> {
  const { command } = options;
  const name = command === undefined ? 'the pipe' : 'the command';
  const path = command === undefined ? 'stdin' : `command ${firstWord(command)}`;
  if (command?.trim() === '')
    throw new ConfigurationError('the command must be one that a shell can run, got nothing');
  const open = (): Observable<ProgramEvent> =>
    command === undefined ? openStandardInput() : openProgram({ name: path, command });
  if (command === undefined) openStandardInput();
  const format = { path, serialNumber: null, ...pcmStream(options) };
  const source: SampleSource = {
    name,
    path,
    open: () => open().pipe(openedWithFirstBytes(format)),
    firstByteTimeoutMs: FIRST_BYTE_TIMEOUT_MS,
    isUnpaced: options.isUnpaced ?? (command === undefined && isStdinFile()),
  };
  return openSampleSource(source, options);
}

/**
 * How a stream of samples in such a format is read.
 *
 * @throws ConfigurationError
 */
export function pcmStream({
  format,
  sampleRateHz,
  channels = 1,
  channel,
}: PcmStreamFormat): Pick<SourceOpened, 'sampleRateHz' | 'channels' | 'channel' | 'decoder' | 'scout'> {
  expectSourceRate(sampleRateHz, 'rate');
  if (channel !== undefined && channel > channels) {
    throw new ConfigurationError(
      `channel ${channel} is asked for, but there are ${channels}; --channels N says how many`,
    );
  }
  const decoder = (index: number): PcmWire => new PcmWire({ format, channels, channel: index });
  decoder(0);
  return {
    sampleRateHz,
    channels,
    channel: channel === undefined ? undefined : channel - 1,
    decoder,
    scout: () => new PcmWire({ format, channels, comparedAtHz: sampleRateHz }),
  };
}

/** `arecord` tells so where it lost samples and went on. */
const OVERRUN = /overrun.*at least ([\d.]+) ms/i;

/** A program stands once it writes: one that cannot open its device writes nothing. */
export function openedWithFirstBytes(format: Omit<SourceOpened, 'kind' | 'pause' | 'resume'>) {
  return (program$: Observable<ProgramEvent>): Observable<SourceEvent> => {
    let opened: SourceOpened | undefined;
    let isTold = false;
    return program$.pipe(
      mergeMap((event): Observable<SourceEvent> => {
        if (event.kind === 'started') {
          opened = { kind: 'open', ...format, pause: event.pause, resume: event.resume };
          return of();
        }
        if (event.kind === 'line') {
          const lostMs = Number(OVERRUN.exec(event.text)?.[1] ?? NaN);
          return Number.isFinite(lostMs) ? of<SourceEvent[]>({ kind: 'report', lostMs }, event) : of(event);
        }
        if (isTold) return of(event);
        isTold = true;
        return of(opened!, event);
      }),
      map((event) => event),
    );
  };
}

/** What events may say of a command: all of it may hold names and secrets. */
function firstWord(command: string): string {
  const word = /^\s*(?:exec\s+)?([\w./-]+)/.exec(command)?.[1] ?? 'sh';
  return word.slice(word.lastIndexOf('/') + 1);
}
