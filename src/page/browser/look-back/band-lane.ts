import {
  BAND_HIGH_HZ,
  BAND_LEVELS,
  BAND_LEVELS_PER_DB,
  BAND_LOW_HZ,
  BAND_ROWS,
  BAND_TILE_COLUMNS,
  binLength,
} from '../../look-back-grid.js';
import { COLUMN_SECONDS } from '../../spectrum-columns.js';
import { colourTable } from '../band-canvas.js';
import type { SizedCanvas } from '../sized-canvas.js';
import { xOf, type TimeAxis } from './time-axis.js';

/** What lies so far below the loudest of what is shown is black, as on the live page. */
const RANGE_DB = 50;
const MISSING_GREY = 110;
/** Lower than this the numbers would stand one over the other. */
const SCALE_HEIGHT = 66;

/** Draws the spectrogram of what is shown from its tiles, in the live page's colours. */
export class BandLane {
  private readonly image = document.createElement('canvas');
  private readonly colours = colourTable();
  /** The level that is shown. */
  level = 0;

  constructor(
    private readonly sized: SizedCanvas,
    private readonly tile: (level: number, number: number) => Uint8Array | undefined,
  ) {}

  /** @param endSeconds so far the recording has come */
  draw(axis: TimeAxis, endSeconds: number): void {
    const { context, width, height } = this.sized;
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    const level = this.levelThatIsThere(axis, endSeconds);
    const seconds = COLUMN_SECONDS * binLength(level);
    const first = Math.max(0, Math.floor(axis.fromSeconds / seconds));
    const last = Math.ceil(Math.min(axis.fromSeconds + axis.spanSeconds, endSeconds) / seconds) + 1;
    if (last > first) {
      this.paint(level, first, last - first);
      // A column stands for what is around its middle; a coarse one begins where its first fine one does.
      const left = xOf(axis, first * seconds - COLUMN_SECONDS / 2);
      const right = xOf(axis, last * seconds - COLUMN_SECONDS / 2);
      context.imageSmoothingEnabled = true;
      context.drawImage(this.image, left, 0, right - left, height);
    }
    this.drawScale();
  }

  /** The wanted level, or the next coarser one of which something has come. */
  private levelThatIsThere({ fromSeconds, spanSeconds }: TimeAxis, endSeconds: number): number {
    for (let level = this.level; level < BAND_LEVELS; level++) {
      const seconds = COLUMN_SECONDS * binLength(level) * BAND_TILE_COLUMNS;
      const last = Math.floor(Math.min(fromSeconds + spanSeconds, endSeconds) / seconds);
      for (let number = Math.max(0, Math.floor(fromSeconds / seconds)); number <= last; number++) {
        if (this.tile(level, number) !== undefined) return level;
      }
    }
    return this.level;
  }

  private paint(level: number, first: number, count: number): void {
    const columns = Array.from({ length: count }, (_, i) => {
      const number = Math.floor((first + i) / BAND_TILE_COLUMNS);
      const at = (first + i - number * BAND_TILE_COLUMNS) * BAND_ROWS;
      return this.tile(level, number)?.subarray(at, at + BAND_ROWS);
    });
    let loudest = 1;
    for (const column of columns) for (const value of column ?? []) if (value > loudest) loudest = value;
    const range = RANGE_DB * BAND_LEVELS_PER_DB;
    this.image.width = count;
    this.image.height = BAND_ROWS;
    const context = this.image.getContext('2d')!;
    const picture = context.createImageData(count, BAND_ROWS);
    columns.forEach((column, i) => {
      for (let row = 0; row < BAND_ROWS; row++) {
        const value = column?.[row] ?? 0;
        const pixel = 4 * ((BAND_ROWS - 1 - row) * count + i);
        const share = Math.max(0, 1 + (value - loudest) / range);
        const colour = 3 * Math.round(255 * share);
        for (let channel = 0; channel < 3; channel++) {
          // What is missing is grey, which no level is.
          picture.data[pixel + channel] = value === 0 ? MISSING_GREY : this.colours[colour + channel];
        }
        picture.data[pixel + 3] = column === undefined ? 0 : 255;
      }
    });
    context.putImageData(picture, 0, 0);
  }

  private drawScale(): void {
    const { context, width, height } = this.sized;
    context.font = '12px system-ui, sans-serif';
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (const hz of height < SCALE_HEIGHT ? [200] : [100, 200, 300]) {
      const y = height * (1 - (hz - BAND_LOW_HZ) / (BAND_HIGH_HZ - BAND_LOW_HZ));
      context.fillStyle = 'rgb(0 0 0 / 0.6)';
      context.fillRect(width - 56, y - 8, 46, 16);
      context.fillStyle = '#fff';
      context.fillRect(width - 8, y, 8, 1);
      context.fillText(`${hz} Hz`, width - 12, y);
    }
  }
}
