import { accessSync, constants, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';

/** A sound card that can record, as the kernel knows it. Null is "not known". */
export interface SoundCard {
  /** ALSA's name of its first recording device, e.g. `hw:CARD=Device,DEV=0`. */
  readonly path: string;
  /** The kernel's number; it changes with the order in which cards are plugged in. */
  readonly number: number;
  /** The kernel's name; two cards of one kind are told apart by a number that may change. */
  readonly id: string;
  /** Maker and product, for people. */
  readonly name: string;
  /** Its link below `/dev/snd/by-id`, which tells maker, product and perhaps serial number; null where there is none. */
  readonly byId: string | null;
  /** USB vendor and product, `0d8c:0014`; null for a card that is not on USB. */
  readonly usbId: string | null;
  readonly usbSerialNumber: string | null;
  /** Where on USB it is plugged in. */
  readonly usbPlace: string | null;
  /** Rates that it records at, Hz; null where the kernel does not tell before it is opened. */
  readonly ratesHz: readonly number[] | null;
  /** Process that records from it now. */
  readonly usedBy: number | null;
  readonly isPermitted: boolean;
}

/** Where to look; a test names other places. */
export interface SoundCardPlaces {
  readonly proc: string;
  readonly dev: string;
  readonly sys: string;
}

const SYSTEM_PLACES: SoundCardPlaces = { proc: '/proc/asound', dev: '/dev/snd', sys: '/sys/class/sound' };

/** The sound cards of this machine that can record, those on USB first. Empty where there is no ALSA. */
export function listSoundCards(places: SoundCardPlaces = SYSTEM_PLACES): SoundCard[] {
  const names = byIdNames(places.dev);
  return textOf(join(places.proc, 'cards'))
    .split(/\n(?=\s*\d+ \[)/)
    .flatMap((entry) => describeCard(entry, places, names) ?? [])
    .sort(
      (one, other) => Number(one.usbId === null) - Number(other.usbId === null) || one.number - other.number,
    );
}

/** Whether both are the same piece of hardware, as far as can be told: by serial number, else by kind and place. */
export function isSameSoundCard(one: SoundCard, other: SoundCard): boolean {
  if (one.usbId !== other.usbId) return false;
  if (one.usbId === null) return one.id === other.id;
  if (one.usbSerialNumber !== null || other.usbSerialNumber !== null) {
    return one.usbSerialNumber === other.usbSerialNumber;
  }
  return true;
}

/**
 * The cards that a person may mean: by number, kernel's name, name below `/dev/snd/by-id`, or a part of its name that no
 * other card has.
 */
export function soundCardsNamed(word: string, cards: readonly SoundCard[]): readonly SoundCard[] {
  const exact = cards.filter(
    ({ number, id, byId, path }) =>
      word === String(number) ||
      word === id ||
      word === path ||
      (byId !== null && (word === byId || byId.endsWith(`/${word}`))),
  );
  if (exact.length > 0) return exact;
  const part = word.toLowerCase();
  return cards.filter(({ name }) => name.toLowerCase().includes(part));
}

function describeCard(
  entry: string,
  places: SoundCardPlaces,
  names: Map<number, string>,
): SoundCard | undefined {
  const head = /^\s*(\d+) \[(\S+)\s*\]: \S+ - (.*)\n?\s*(.*)/.exec(entry);
  if (head === null) return undefined;
  const number = Number(head[1]);
  const folder = join(places.proc, `card${number}`);
  const device = entriesOf(folder)
    .flatMap((name) => /^pcm(\d+)c$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)[0];
  if (device === undefined) return undefined;
  const usbId = textOf(join(folder, 'usbid')).trim();
  const owner = /owner_pid\s*:\s*(\d+)/.exec(textOf(join(folder, `pcm${device}c`, 'sub0', 'status')));
  return {
    path: `hw:CARD=${head[2]},DEV=${device}`,
    number,
    id: head[2],
    name: (head[4] || head[3]).replace(/ at .*$/, '').trim() || head[3],
    byId: names.get(number) ?? null,
    usbId: usbId === '' ? null : usbId,
    usbSerialNumber: textOf(`${places.sys}/card${number}/device/../serial`).trim() || null,
    usbPlace: / at (usb-\S+?),/.exec(head[4])?.[1] ?? null,
    ratesHz: captureRates(textOf(join(folder, 'stream0'))),
    usedBy: owner === null ? null : Number(owner[1]),
    isPermitted: isReadable(join(places.dev, `pcmC${number}D${device}c`)),
  };
}

/** Of a USB card: `Rates: 44100, 48000` below `Capture:`, or `8000 - 48000 (continuous)`, of which the ends are given. */
function captureRates(stream: string): number[] | null {
  const capture = /^Capture:[\s\S]*?(?=^\S|$(?![\s\S]))/m.exec(stream)?.[0] ?? '';
  const rates = [...capture.matchAll(/Rates: (.*)/g)].flatMap(
    ([, list]) => list.match(/\d+/g)?.map(Number) ?? [],
  );
  return rates.length === 0 ? null : [...new Set(rates)].sort((a, b) => a - b);
}

function byIdNames(dev: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const name of entriesOf(join(dev, 'by-id'))) {
    const path = join(dev, 'by-id', name);
    try {
      const number = /controlC(\d+)$/.exec(realpathSync(path))?.[1];
      if (number !== undefined) names.set(Number(number), path);
    } catch {
      // A link that udev has not removed yet: the card is gone.
    }
  }
  return names;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch (error) {
    // What is not there is another trouble than permission.
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
