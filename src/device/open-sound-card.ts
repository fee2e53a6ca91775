import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  from,
  type Observable,
  of,
  switchMap,
  throwError,
} from 'rxjs';
import {
  isSameSoundCard,
  listSoundCards,
  soundCardsNamed,
  type SoundCard,
} from '../acquire/list-sound-cards.js';
import { PortOpenError } from '../acquire/port-open-error.js';
import { openProgram } from '../acquire/program-output.js';
import { PortError } from '../errors.js';
import { openSampleSource, type SampleSourceEvent, type SampleSourceOptions } from './open-sample-source.js';
import { openedWithFirstBytes, pcmStream } from './open-stream.js';
import type { SourceEvent } from './sample-source.js';
import {
  knowsSoundCards,
  openError,
  planRecording,
  type SoundRecording,
  type SoundWish,
} from './sound-recorder.js';

export interface SoundCardOptions extends SampleSourceOptions {
  /** A card's number, kernel's name, name by-id or a part of its name; any other is ALSA's name of a device; `auto`. */
  readonly card: string;
  /** Default: the best that the card has by itself. */
  readonly sampleRateHz?: number | undefined;
  /** 1 for the first; default the best. */
  readonly channel?: number | undefined;
  /** See `SampleSource.isUnpaced`: a test's device that no clock paces. */
  readonly isUnpaced?: boolean | undefined;
  /** The cards of this machine and how to record from one, unless a test says otherwise. */
  readonly listCards?: () => readonly SoundCard[];
  readonly plan?: (wish: SoundWish) => Promise<SoundRecording>;
}

/** A card that was just plugged in takes a moment, and so does a recorder. */
const FIRST_BYTE_TIMEOUT_MS = 8000;
const OVERRUN = /overrun/i;

/**
 * A sound card as a stethoscope, through a program that records from it; see {@link openSampleSource}.
 *
 * A card that was lost is waited for, and known by what it is, not by its number. Where `arecord` says that the card dropped
 * samples it ends there and is started anew: the gap stands where the samples are missing, to the sample, and is as long
 * as the clock says, from the last sample before to the first after it, some ten milliseconds exact.
 *
 * Errors with PortError `LUBDUB_NO_DEVICE` where there is no such card at first.
 */
export function openSoundCard(options: SoundCardOptions): Observable<SampleSourceEvent> {
  const { card, sampleRateHz, channel, listCards = listSoundCards, plan = planRecording } = options;
  const knowsCards = (): boolean => options.listCards !== undefined || knowsSoundCards();
  let known: SoundCard | undefined;

  const record = (
    recording: SoundRecording,
    path: string,
    device: string,
    serialNumber: string | null,
  ): Observable<SourceEvent> => {
    const format = { path, serialNumber, ...pcmStream({ ...recording, channel }) };
    const run = (isFirst: boolean): Observable<SourceEvent> => {
      let hasRun = !isFirst;
      return openProgram({
        name: `the recorder of ${path}`,
        command: recording.command,
        environment: { ...process.env, ...recording.environment, LC_ALL: 'C' },
      }).pipe(
        openedWithFirstBytes(format),
        concatMap((event): Observable<SourceEvent> => {
          if (event.kind === 'bytes') hasRun = true;
          if (event.kind === 'line') checkRate(device, event.text);
          // Its words go into the error that follows; of what it opened before, nothing is new.
          const isNews = event.kind === 'bytes' || (isFirst && event.kind === 'open');
          return isNews ? of(event) : EMPTY;
        }),
        catchError((error: unknown) => {
          const words = error instanceof PortError ? error.message : '';
          if (hasRun && OVERRUN.test(words))
            return concat(
              of<SourceEvent>({ kind: 'overrun' }),
              defer(() => run(false)),
            );
          return throwError(() => (hasRun ? error : openError(device, words, error)));
        }),
      );
    };
    // A recorder that ends by itself has lost its card.
    const over = (): Observable<SourceEvent> =>
      throwError(() => new PortError(`the recorder of ${path} ended`, { code: 'LUBDUB_DEVICE_LOST' }));
    return concat(run(true), defer(over));
  };

  const open = (): Observable<SourceEvent> =>
    defer(() => {
      const found = knowsCards() ? findCard(card, listCards(), known) : undefined;
      known ??= found;
      const device = found?.path ?? (card === 'auto' ? 'default' : card);
      const path = found?.byId ?? device;
      return from(plan({ device, sampleRateHz })).pipe(
        switchMap((recording) => record(recording, path, device, found?.usbSerialNumber ?? null)),
      );
    });

  return openSampleSource(
    {
      name: 'the sound card',
      path: card,
      open,
      firstByteTimeoutMs: FIRST_BYTE_TIMEOUT_MS,
      ...(options.isUnpaced === undefined ? {} : { isUnpaced: options.isUnpaced }),
    },
    options,
  );
}

/** Where a card offers only some rates, `arecord` takes the nearest and says so. */
function checkRate(device: string, text: string): void {
  const got = /rate is not accurate.*got = (\d+)/i.exec(text)?.[1];
  if (got === undefined) return;
  throw new PortOpenError(
    device,
    'other',
    `${device}: records at ${got} Hz, not at the rate that was asked for; say --rate ${got}`,
  );
}

/**
 * @param known the card that was lost
 * @returns undefined for a name of ALSA's own
 * @throws PortError where there is no such card, or more than one
 */
function findCard(
  word: string,
  cards: readonly SoundCard[],
  known: SoundCard | undefined,
): SoundCard | undefined {
  const noDevice = (message: string): PortError => new PortError(message, { code: 'LUBDUB_NO_DEVICE' });
  const listed = cards.map(({ path, name }) => `${path} (${name})`).join(', ') || 'none';
  if (known !== undefined) {
    const again = cards.filter((card) => isSameSoundCard(known, card));
    const atSamePlace = again.find((card) => card.usbPlace === known.usbPlace) ?? again[0];
    if (atSamePlace === undefined)
      throw noDevice(`the sound card ${known.name} is not there; plug it in again`);
    return atSamePlace;
  }
  if (word === 'auto') {
    if (cards.length > 0) return cards[0];
    throw noDevice('no sound card that records was found; plug it in, or see lubdub doctor');
  }
  const named = soundCardsNamed(word, cards);
  if (named.length > 1) {
    throw noDevice(
      `more than one sound card is called ${word}: ${listed}; name one by its number or by-id name`,
    );
  }
  if (named.length === 1) return named[0];
  // Perhaps one of ALSA's configuration: arecord knows.
  return undefined;
}
