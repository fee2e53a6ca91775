import type uPlot from 'uplot';
import { colourTable } from './band-canvas.js';

/** Columns of a frame's hop are all that there is to see. */
const MOST_COLUMNS = 1000;

/** The spectrogram of a stored session's span, as the server measures it, in the live page's colours. */
export class SpectrogramPicture {
  private readonly image = document.createElement('canvas');
  private readonly colours = colourTable();
  private span: { readonly from: number; readonly to: number } | undefined;
  private loading = 0;

  constructor(
    private readonly session: string,
    private readonly signal: AbortSignal,
  ) {}

  /** @returns whether it is there, and still the one that is asked for */
  async load(from: number, to: number, width: number): Promise<boolean> {
    const loading = ++this.loading;
    const columns = Math.max(1, Math.min(MOST_COLUMNS, Math.round(width), Math.ceil((to - from) * 250)));
    const query = new URLSearchParams({ from: String(from), to: String(to), columns: String(columns) });
    const response = await fetch(
      `/api/sessions/${encodeURIComponent(this.session)}/spectrogram?${query.toString()}`,
      { signal: this.signal },
    );
    if (!response.ok) return false;
    const levels = new Uint8Array(await response.arrayBuffer());
    if (loading !== this.loading) return false;
    this.paint(levels, columns, Number(response.headers.get('X-Rows')));
    this.span = { from, to };
    return true;
  }

  forget(): void {
    this.loading++;
    this.span = undefined;
  }

  draw(plot: uPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.fillStyle = '#000';
    ctx.fillRect(bbox.left, bbox.top, bbox.width, bbox.height);
    if (this.span !== undefined) {
      const left = plot.valToPos(this.span.from, 'x', true);
      const right = plot.valToPos(this.span.to, 'x', true);
      ctx.imageSmoothingEnabled = true;
      ctx.drawImage(this.image, left, bbox.top, right - left, bbox.height);
    }
    ctx.restore();
  }

  private paint(levels: Uint8Array, columns: number, rows: number): void {
    this.image.width = columns;
    this.image.height = rows;
    const context = this.image.getContext('2d')!;
    const picture = context.createImageData(columns, rows);
    for (let column = 0; column < columns; column++) {
      for (let row = 0; row < rows; row++) {
        const level = levels[column * rows + row];
        const pixel = 4 * ((rows - 1 - row) * columns + column);
        // What is missing is grey, which no level is.
        for (let channel = 0; channel < 3; channel++) {
          picture.data[pixel + channel] = level === 0 ? 110 : this.colours[3 * level + channel];
        }
        picture.data[pixel + 3] = 255;
      }
    }
    context.putImageData(picture, 0, 0);
  }
}
