import { binLength, TRACE_LEVELS, TRACE_TILE_BINS } from '../../look-back-grid.js';
import { TileRow } from './tile-rows.js';

export type TraceTile = Float32Array;

/**
 * A trace at every resolution: least and greatest sample of each bin, level by level. A bin without a sample is NaN.
 * Its memory is bounded: each level keeps its last tiles, a coarse one reaches farther back than a fine one.
 */
export class TracePyramid {
  /** Of level 0 the samples themselves: each is the least and the greatest of its bin. */
  private readonly rows: readonly TileRow<TraceTile>[];

  /** @param mostTiles for each level, the finest first; 0 for a level that is not kept */
  constructor(private mostTiles: readonly number[]) {
    this.rows = Array.from({ length: TRACE_LEVELS }, (_, level) => {
      const length = level === 0 ? TRACE_TILE_BINS : 2 * TRACE_TILE_BINS;
      return new TileRow(mostTiles[level] ?? 0, () => new Float32Array(length), NaN);
    });
  }

  /** @param mostTiles as at the construction, from now on */
  keepAtMost(mostTiles: readonly number[]): void {
    this.mostTiles = mostTiles;
    this.rows.forEach((row, level) => row.keepAtMost(mostTiles[level] ?? 0));
  }

  /** @param first index of the first sample on the time axis; what lies before its beginning is left out */
  push(first: number, samples: ArrayLike<number>): void {
    if (this.mostTiles[0] > 0) this.copy(first, samples);
    for (let level = 1; level < TRACE_LEVELS; level++) {
      if (this.mostTiles[level] > 0) this.fill(this.rows[level], binLength(level), first, samples);
    }
  }

  /**
   * @returns `[2 * TRACE_TILE_BINS]`, least and greatest in turns, only to be read, before more comes; `undefined` where
   *   nothing is kept
   */
  tile(level: number, number: number): TraceTile | undefined {
    const tile = this.rows[level].get(number);
    if (level > 0 || tile === undefined) return tile;
    return Float32Array.from({ length: 2 * TRACE_TILE_BINS }, (_, i) => tile[i >> 1]);
  }

  /** Whether all that was heard of that tile is still known. */
  keeps(level: number, number: number): boolean {
    return this.mostTiles[level] > 0 && number >= this.rows[level].keptFrom;
  }

  /** Index of the sample from which on all of a level is known. */
  keptFrom(level: number): number {
    return this.rows[level].keptFrom * TRACE_TILE_BINS * binLength(level);
  }

  private copy(first: number, samples: ArrayLike<number>): void {
    for (let i = Math.max(0, -first); i < samples.length;) {
      const number = Math.floor((first + i) / TRACE_TILE_BINS);
      const end = Math.min(samples.length, (number + 1) * TRACE_TILE_BINS - first);
      const tile = this.rows[0].open(number);
      const begin = number * TRACE_TILE_BINS - first;
      for (; i < end; i++) if (tile !== undefined) tile[i - begin] = samples[i];
    }
  }

  private fill(row: TileRow<TraceTile>, length: number, first: number, samples: ArrayLike<number>): void {
    let tileNumber = -1;
    let tile: TraceTile | undefined;
    for (let i = Math.max(0, -first); i < samples.length;) {
      const bin = Math.floor((first + i) / length);
      const end = Math.min(samples.length, (bin + 1) * length - first);
      let least = Infinity;
      let greatest = -Infinity;
      for (; i < end; i++) {
        const value = samples[i];
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
      const number = Math.floor(bin / TRACE_TILE_BINS);
      if (number !== tileNumber) {
        tileNumber = number;
        tile = row.open(number);
      }
      if (tile === undefined || least > greatest) continue;
      const at = 2 * (bin - number * TRACE_TILE_BINS);
      // Comparisons with NaN are false: the first samples of a bin always count.
      if (!(tile[at] <= least)) tile[at] = least;
      if (!(tile[at + 1] >= greatest)) tile[at + 1] = greatest;
    }
  }
}
