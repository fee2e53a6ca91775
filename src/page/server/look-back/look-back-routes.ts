import type { ServerResponse } from 'node:http';
import { Allowance } from '../../../device/talkativeness.js';
import type { StoredSession } from '../../../record/stored-session.js';
import { BAND_LEVELS, MOST_TILES, TRACE_LEVELS } from '../../look-back-grid.js';
import type { LookBackReach } from '../../look-back-messages.js';
import { HttpProblem, notFound, numberIn, sendBytes, sendJson } from '../http-answers.js';
import type { LiveLookBack } from './live-look-back.js';
import { StoredSound } from './stored-sound.js';

/** Of all pages together. A page that is dragged asks a few times a second. */
const REQUESTS_PER_SECOND = 60;
const REQUESTS_AT_ONCE = 120;
/** An hour of recording is 5 MiB at the levels that are kept. */
const SESSIONS_KEPT = 2;

interface Tiles {
  readonly endSeconds: number;
  trace(level: number, number: number): Float32Array | Promise<Float32Array>;
  bands(level: number, number: number): Uint8Array | Promise<Uint8Array>;
}

/** Answers what a page asks that looks back, below `/api/live` and `/api/sessions/NAME/look`. */
export class LookBackRoutes {
  private readonly sounds = new Map<string, { readonly key: string; readonly sound: Promise<StoredSound> }>();
  private readonly allowance = new Allowance(REQUESTS_AT_ONCE, REQUESTS_PER_SECOND);
  private allowanceAtMs: number;
  /** One at a time is read from the disk for the recording under way. */
  private reading: Promise<unknown> = Promise.resolve();

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly live: Pick<LiveLookBack, 'of'>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.allowanceAtMs = now();
  }

  /** @param path behind `/api/live/` */
  async answerLive(
    response: ServerResponse,
    query: URLSearchParams,
    [number, what, ...rest]: readonly (string | undefined)[],
  ): Promise<void> {
    if (rest.length > 0 || number === undefined || !/^\d{1,10}$/.test(number)) throw notFound();
    const recording = this.live.of(Number(number));
    if (recording === undefined) {
      throw new HttpProblem(
        404,
        'That recording is not kept any more: another one has begun, or it is gone.',
      );
    }
    this.allow();
    if (what === undefined) {
      const from = numberIn(query, 'from', -1e9, 1e9);
      const to = numberIn(query, 'to', from, 1e9);
      return sendJson(response, recording.news(from, to));
    }
    const turn = this.reading.then(() => sendTiles(response, query, recording, what));
    this.reading = turn.catch(() => {});
    return turn;
  }

  /** @param key changes whenever the session does */
  async answerStored(
    response: ServerResponse,
    query: URLSearchParams,
    session: StoredSession,
    what: string | undefined,
  ): Promise<void> {
    this.allow();
    const sound = await this.soundOf(session);
    if (what !== undefined) return sendTiles(response, query, sound, what);
    const reach: LookBackReach = {
      sampleRateHz: session.hearing.sampleRateHz,
      endSeconds: sound.endSeconds,
      keptFromSeconds: {
        trace: new Array<0>(TRACE_LEVELS).fill(0),
        bands: new Array<0>(BAND_LEVELS).fill(0),
      },
      isStored: true,
    };
    sendJson(response, reach);
  }

  private soundOf(session: StoredSession): Promise<StoredSound> {
    const { directory } = session;
    // One that is being written, or was mended, has other samples by now.
    const key = `${session.storedSamples} ${session.durationSeconds}`;
    const known = this.sounds.get(directory);
    this.sounds.delete(directory);
    if (known?.key === key) {
      this.sounds.set(directory, known);
      return known.sound;
    }
    const sound = StoredSound.read(session);
    this.sounds.set(directory, { key, sound });
    // What failed is tried again when it is asked for again.
    sound.catch(() => this.sounds.delete(directory));
    while (this.sounds.size > SESSIONS_KEPT) this.sounds.delete(this.sounds.keys().next().value!);
    return sound;
  }

  private allow(): void {
    const nowMs = this.now();
    this.allowance.pass((nowMs - this.allowanceAtMs) / 1000);
    this.allowanceAtMs = nowMs;
    if (!this.allowance.take()) throw new HttpProblem(503, 'Too many requests a second; try again.');
  }
}

async function sendTiles(
  response: ServerResponse,
  query: URLSearchParams,
  source: Tiles,
  what: string,
): Promise<void> {
  if (what !== 'trace' && what !== 'bands') throw notFound();
  const level = wholeIn(query, 'level', 0, (what === 'trace' ? TRACE_LEVELS : BAND_LEVELS) - 1);
  const first = wholeIn(query, 'first', 0, 1e9);
  const count = wholeIn(query, 'count', 1, MOST_TILES);
  // As it stood before the first of them was looked at.
  const { endSeconds } = source;
  const parts: Uint8Array[] = [];
  for (let number = first; number < first + count; number++) {
    if (response.destroyed) return;
    const tile = await source[what](level, number);
    // A tile of the recording under way goes on being written.
    parts.push(Uint8Array.from(new Uint8Array(tile.buffer, tile.byteOffset, tile.byteLength)));
  }
  response.setHeader('X-Until', String(endSeconds));
  sendBytes(response, 'application/octet-stream', Buffer.concat(parts));
}

function wholeIn(query: URLSearchParams, name: string, least: number, most: number): number {
  const value = numberIn(query, name, least, most);
  if (!Number.isInteger(value)) throw new HttpProblem(400, `${name} must be an integer.`);
  return value;
}
