import {
  BAND_HIGH_HZ,
  BAND_LEVELS,
  BAND_LOW_HZ,
  BAND_ROWS,
  BAND_TILE_COLUMNS,
  binLength,
  toBandLevel,
} from '../../look-back-grid.js';
import { SpectrumColumns } from '../../spectrum-columns.js';
import type { TraceRing } from '../../trace-ring.js';
import { TileRow } from './tile-rows.js';

export type BandTile = Uint8Array;

/**
 * A spectrogram at every resolution. A coarse column holds the loudest of its fine ones: a heart sound is short, and a
 * mean would hide it. Bounded as the trace is.
 */
export class BandPyramid {
  private readonly columns = new SpectrumColumns(BAND_LOW_HZ, BAND_HIGH_HZ, BAND_ROWS);
  private readonly column = new Uint8Array(BAND_ROWS);
  private readonly rows: readonly TileRow<BandTile>[];

  /** @param mostTiles for each level, the finest first; 0 for a level that is not kept */
  constructor(private mostTiles: readonly number[]) {
    const make = () => new Uint8Array(BAND_TILE_COLUMNS * BAND_ROWS);
    this.rows = Array.from(
      { length: BAND_LEVELS },
      (_, level) => new TileRow(mostTiles[level] ?? 0, make, 0),
    );
  }

  /** @param mostTiles as at the construction, from now on */
  keepAtMost(mostTiles: readonly number[]): void {
    this.mostTiles = mostTiles;
    this.rows.forEach((row, level) => row.keepAtMost(mostTiles[level] ?? 0));
  }

  /** Takes what has become complete in the ring. */
  advance(ring: TraceRing): void {
    this.columns.advance(ring, (column, decibels) => decibels !== null && this.take(column, decibels));
  }

  /** @returns `[BAND_TILE_COLUMNS][BAND_ROWS]`, the lowest frequency first; 0 where nothing was heard. Only to be read, before more comes */
  tile(level: number, number: number): BandTile | undefined {
    return this.rows[level].get(number);
  }

  keeps(level: number, number: number): boolean {
    return this.mostTiles[level] > 0 && number >= this.rows[level].keptFrom;
  }

  /** Column of level 0 from which on all of a level is known. */
  keptFrom(level: number): number {
    return this.rows[level].keptFrom * BAND_TILE_COLUMNS * binLength(level);
  }

  private take(column: number, decibels: Float32Array): void {
    if (column < 0) return;
    const { column: heard } = this;
    for (let row = 0; row < BAND_ROWS; row++) heard[row] = toBandLevel(decibels[row]);
    for (let level = 0; level < BAND_LEVELS; level++) {
      if (!(this.mostTiles[level] > 0)) continue;
      const at = Math.floor(column / binLength(level));
      const number = Math.floor(at / BAND_TILE_COLUMNS);
      const tile = this.rows[level].open(number);
      if (tile === undefined) continue;
      const first = (at - number * BAND_TILE_COLUMNS) * BAND_ROWS;
      for (let row = 0; row < BAND_ROWS; row++) {
        if (heard[row] > tile[first + row]) tile[first + row] = heard[row];
      }
    }
  }
}
