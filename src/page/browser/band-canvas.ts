import { COLUMN_SECONDS, SpectrumColumns } from '../spectrum-columns.js';
import type { SizedCanvas } from './sized-canvas.js';
import type { Span } from './trace-canvas.js';
import type { TraceRing } from '../trace-ring.js';

const ROWS = 96;
const LOW_HZ = 25;
const HIGH_HZ = 400;
/** Columns that are kept, a power of two: twenty seconds. */
const COLUMNS = 1024;
/** What lies so far below the loudest is black. */
const RANGE_DB = 50;
/** The loudest level is forgotten at this pace. */
const DECAY_DB = 0.02;

/**
 * Draws the spectrogram. Each column is computed and coloured once, into an image that is used as a ring; a frame
 * only copies at most two pieces of it to where they stand now.
 */
export class BandCanvas {
  private readonly columns = new SpectrumColumns(LOW_HZ, HIGH_HZ, ROWS);
  private readonly image = document.createElement('canvas');
  private readonly imageContext: CanvasRenderingContext2D;
  private readonly column: ImageData;
  private readonly colours = colourTable();
  private newest = -1;
  private loudestDb = -60;

  constructor(
    private readonly sized: SizedCanvas,
    private readonly ring: TraceRing,
  ) {
    this.image.width = COLUMNS;
    this.image.height = ROWS;
    this.imageContext = this.image.getContext('2d')!;
    this.column = this.imageContext.createImageData(1, ROWS);
  }

  reset(): void {
    this.columns.reset();
    this.newest = -1;
    this.loudestDb = -60;
    this.imageContext.clearRect(0, 0, COLUMNS, ROWS);
  }

  draw(span: Span): void {
    this.columns.advance(this.ring, (column, levels) => this.paint(column, levels));
    const { context, width, height } = this.sized;
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    const until = Math.min(span.untilSeconds, span.fromSeconds + span.spanSeconds);
    const first = Math.max(0, Math.floor(span.fromSeconds / COLUMN_SECONDS), this.newest - COLUMNS + 1);
    const last = Math.min(this.newest, Math.ceil(until / COLUMN_SECONDS));
    const pixelsPerColumn = (width * COLUMN_SECONDS) / span.spanSeconds;
    const x = (column: number) =>
      ((column - 0.5) * COLUMN_SECONDS - span.fromSeconds) * (width / span.spanSeconds);
    for (let from = first; from <= last;) {
      const place = from % COLUMNS;
      const count = Math.min(last - from + 1, COLUMNS - place);
      context.drawImage(this.image, place, 0, count, ROWS, x(from), 0, count * pixelsPerColumn, height);
      from += count;
    }
    context.font = '12px system-ui, sans-serif';
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (const hz of [100, 200, 300]) {
      const y = height * (1 - (hz - LOW_HZ) / (HIGH_HZ - LOW_HZ));
      context.fillStyle = 'rgb(0 0 0 / 0.6)';
      context.fillRect(width - 56, y - 8, 46, 16);
      context.fillStyle = '#fff';
      context.fillRect(width - 8, y, 8, 1);
      context.fillText(`${hz} Hz`, width - 12, y);
    }
  }

  private paint(column: number, levels: Float32Array | null): void {
    const { data } = this.column;
    // What is missing is grey, which no level is.
    data.fill(110);
    if (levels !== null) {
      this.loudestDb -= DECAY_DB;
      for (const level of levels) if (level > this.loudestDb) this.loudestDb = level;
      for (let row = 0; row < ROWS; row++) {
        const share = 1 + (levels[row] - this.loudestDb) / RANGE_DB;
        const colour = 3 * Math.round(255 * Math.max(0, Math.min(1, share)));
        const pixel = 4 * (ROWS - 1 - row);
        data[pixel] = this.colours[colour];
        data[pixel + 1] = this.colours[colour + 1];
        data[pixel + 2] = this.colours[colour + 2];
      }
    }
    for (let row = 0; row < ROWS; row++) data[4 * row + 3] = 255;
    this.imageContext.putImageData(this.column, column % COLUMNS, 0);
    this.newest = Math.max(this.newest, column);
  }
}

/** Black over violet and orange to pale yellow: brighter is louder, also in grey and for the colour-blind. */
export function colourTable(): Uint8ClampedArray {
  const stops = [
    [0, 0, 4],
    [60, 15, 112],
    [150, 44, 128],
    [229, 80, 100],
    [252, 160, 110],
    [252, 253, 191],
  ];
  const table = new Uint8ClampedArray(3 * 256);
  for (let i = 0; i < 256; i++) {
    const position = (i / 255) * (stops.length - 1);
    const from = Math.min(stops.length - 2, Math.floor(position));
    for (let channel = 0; channel < 3; channel++) {
      const low = stops[from][channel];
      table[3 * i + channel] = low + (stops[from + 1][channel] - low) * (position - from);
    }
  }
  return table;
}
