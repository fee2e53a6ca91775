import { binLength, TRACE_LEVELS, TRACE_TILE_BINS } from '../../look-back-grid.js';
import type { ColumnSource } from '../column-source.js';

export type FindTile = (level: number, number: number) => Float32Array | undefined;

/**
 * Least and greatest of a trace that lies in tiles, column by column. Where the wanted level has not come yet, a
 * coarser one stands in.
 */
export class TraceTiles implements ColumnSource {
  /** Of a pixel's own bins, or coarser where a finer level is not kept. */
  level = 0;

  constructor(
    readonly sampleRateHz: number,
    private readonly tile: FindTile,
  ) {}

  /** As `TraceRing.extremes`; a bin belongs to the column in which it begins, one longer than a column to all it meets. */
  extremes(first: number, samplesPerColumn: number, end: number, extremes: Float32Array): void {
    for (let column = 0; column < extremes.length / 2; column++) {
      const from = first + column * samplesPerColumn;
      const to = Math.min(end, from + samplesPerColumn);
      let found: readonly [number, number] | undefined;
      for (let level = this.level; level < TRACE_LEVELS && found === undefined; level++) {
        found = this.atLevel(level, from, to);
      }
      [extremes[2 * column], extremes[2 * column + 1]] = found ?? [NaN, NaN];
    }
  }

  /** @returns least and greatest of a time, `null` where nothing was heard in it */
  within(fromSeconds: number, seconds: number): { readonly least: number; readonly greatest: number } | null {
    const { sampleRateHz } = this;
    const found = new Float32Array(2);
    this.extremes(fromSeconds * sampleRateHz, seconds * sampleRateHz, Infinity, found);
    return Number.isNaN(found[0]) ? null : { least: found[0], greatest: found[1] };
  }

  /** @returns `undefined` where a tile is missing */
  private atLevel(level: number, from: number, to: number): readonly [number, number] | undefined {
    const length = binLength(level);
    const isWider = length > to - from;
    const begin = Math.max(0, isWider ? Math.floor(from / length) : Math.ceil(from / length));
    const stop = Math.max(isWider && to > 0 ? begin + 1 : begin, Math.ceil(to / length));
    let least = NaN;
    let greatest = NaN;
    let number = -1;
    let tile: Float32Array | undefined;
    for (let bin = begin; bin < stop; bin++) {
      if (number !== Math.floor(bin / TRACE_TILE_BINS)) {
        number = Math.floor(bin / TRACE_TILE_BINS);
        tile = this.tile(level, number);
        if (tile === undefined) return undefined;
      }
      const at = 2 * (bin - number * TRACE_TILE_BINS);
      if (tile![at] !== tile![at]) continue;
      if (!(least <= tile![at])) least = tile![at];
      if (!(greatest >= tile![at + 1])) greatest = tile![at + 1];
    }
    return [least, greatest];
  }
}
