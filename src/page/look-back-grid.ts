import { COLUMN_SECONDS } from './spectrum-columns.js';

/**
 * What page and server agree on when a page looks back: the recording's time axis is cut into bins, a level's bins are
 * four times as long as those of the level below, and a tile is a row of bins that travels as one.
 */

const LEVEL_FACTOR = 4;
const BINS_PER_PIXEL = 2;
/** Level 0 has a bin for each sample at the model's rate, level 7 one for 16,384: 16 s at 1,000 Hz. */
export const TRACE_LEVELS = 8;
export const TRACE_TILE_BINS = 1024;
/** Level 0 has a column every 20 ms, level 5 one for 20 s. */
export const BAND_LEVELS = 6;
export const BAND_TILE_COLUMNS = 256;
export const BAND_ROWS = 48;
export const BAND_LOW_HZ = 25;
export const BAND_HIGH_HZ = 400;
/** Tiles that one request may ask for: they cover any screen. */
export const MOST_TILES = 8;

/** The decibels of {@link toBandLevel}'s least and greatest level. */
const LEAST_DB = -150;
const GREATEST_DB = 50;
export const BAND_LEVELS_PER_DB = 254 / (GREATEST_DB - LEAST_DB);

const BIN_LENGTHS = Array.from({ length: TRACE_LEVELS }, (_, level) => LEVEL_FACTOR ** level);
/** Bins of level 0 in one of `level`. */
export const binLength = (level: number): number => BIN_LENGTHS[level];

/** @param sampleRateHz of level 0 */
export const traceTileSeconds = (level: number, sampleRateHz: number): number =>
  (TRACE_TILE_BINS * binLength(level)) / sampleRateHz;
export const bandTileSeconds = (level: number): number =>
  BAND_TILE_COLUMNS * binLength(level) * COLUMN_SECONDS;

/** @returns the coarsest level that has two bins for each pixel, so that a bin's place is a pixel's; else the finest */
export function levelFor(binsPerPixel: number, levels: number): number {
  let level = 0;
  while (level + 1 < levels && BINS_PER_PIXEL * binLength(level + 1) <= binsPerPixel) level++;
  return level;
}

/** The wanted level, or the finest one that reaches as far back; the coarsest where none does. */
export function keptLevel(wanted: number, keptFromSeconds: readonly number[], fromSeconds: number): number {
  let level = wanted;
  while (level + 1 < keptFromSeconds.length && keptFromSeconds[level] > Math.max(0, fromSeconds)) level++;
  return level;
}

/** @returns 1 (quiet) to 255; 0 stands for what was not heard */
export function toBandLevel(decibels: number): number {
  const level = Math.round((decibels - LEAST_DB) * BAND_LEVELS_PER_DB);
  return 1 + Math.max(0, Math.min(254, level));
}
