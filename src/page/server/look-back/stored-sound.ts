import type { StoredSession } from '../../../record/stored-session.js';
import {
  BAND_LEVELS,
  BAND_ROWS,
  BAND_TILE_COLUMNS,
  bandTileSeconds,
  TRACE_LEVELS,
  TRACE_TILE_BINS,
  traceTileSeconds,
} from '../../look-back-grid.js';
import type { BandTile } from './band-pyramid.js';
import { conditionedBetween } from './conditioned-stretch.js';
import { SoundPyramids } from './sound-pyramids.js';
import type { TraceTile } from './trace-pyramid.js';

/** A spectrum needs what lies around it. */
const AROUND_SECONDS = 0.2;
/** Levels that are always read from the disk: of a day they would fill the memory, and each tile is a few seconds. */
const READ_TRACE_LEVELS = 2;
const READ_BAND_LEVELS = 1;
/** For each level: two hours of bins of 16 ms, three of columns of 80 ms. What is older is read again. */
const MOST_TILES = 512;

/** @returns one tile of a stored trace, read from the disk */
export async function readTraceTile(
  session: StoredSession,
  level: number,
  number: number,
): Promise<TraceTile> {
  const { sampleRateHz } = session.hearing;
  const seconds = traceTileSeconds(level, sampleRateHz);
  const only = { trace: oneOf(TRACE_LEVELS, level), bands: [] };
  const sound = await readSound(session, number * seconds, (number + 1) * seconds, only, 0);
  return sound.trace.tile(level, number) ?? new Float32Array(2 * TRACE_TILE_BINS).fill(NaN);
}

/** @returns one tile of a stored spectrogram, read from the disk */
export async function readBandTile(session: StoredSession, level: number, number: number): Promise<BandTile> {
  const seconds = bandTileSeconds(level);
  const only = { trace: [], bands: oneOf(BAND_LEVELS, level) };
  const sound = await readSound(session, number * seconds, (number + 1) * seconds, only, AROUND_SECONDS);
  return sound.bands.tile(level, number) ?? new Uint8Array(BAND_TILE_COLUMNS * BAND_ROWS);
}

async function readSound(
  session: StoredSession,
  fromSeconds: number,
  toSeconds: number,
  kept: { trace: readonly number[]; bands: readonly number[] },
  around: number,
): Promise<SoundPyramids> {
  const sound = new SoundPyramids(kept);
  const { sampleRateHz } = session.hearing;
  for await (const { startSeconds, samples } of conditionedBetween(
    session,
    fromSeconds - around,
    toSeconds + around,
  )) {
    sound.push(startSeconds, sampleRateHz, samples);
  }
  return sound;
}

/** Besides the tile that is wanted its neighbours are touched. */
const TOUCHED_TILES = 8;
const oneOf = (levels: number, level: number): number[] =>
  Array.from({ length: levels }, (_, i) => (i === level ? TOUCHED_TILES : 0));

/** A finished session's sound: what is coarse in memory, made in one pass, what is fine from the disk. */
export class StoredSound {
  private constructor(
    readonly session: StoredSession,
    private readonly sound: SoundPyramids,
  ) {}

  /** Reads all of it once. */
  static async read(session: StoredSession): Promise<StoredSound> {
    const many = (levels: number, least: number) =>
      Array.from({ length: levels }, (_, level) => (level < least ? 0 : MOST_TILES));
    const kept = { trace: many(TRACE_LEVELS, READ_TRACE_LEVELS), bands: many(BAND_LEVELS, READ_BAND_LEVELS) };
    return new StoredSound(session, await readSound(session, 0, session.durationSeconds, kept, 0));
  }

  get endSeconds(): number {
    return this.session.durationSeconds;
  }

  trace(level: number, number: number): TraceTile | Promise<TraceTile> {
    const { trace } = this.sound;
    if (trace.keeps(level, number)) return trace.tile(level, number) ?? NO_TRACE;
    return readTraceTile(this.session, level, number);
  }

  bands(level: number, number: number): BandTile | Promise<BandTile> {
    const { bands } = this.sound;
    if (bands.keeps(level, number)) return bands.tile(level, number) ?? NO_BANDS;
    return readBandTile(this.session, level, number);
  }
}

export const NO_TRACE: TraceTile = new Float32Array(2 * TRACE_TILE_BINS).fill(NaN);
export const NO_BANDS: BandTile = new Uint8Array(BAND_TILE_COLUMNS * BAND_ROWS);
