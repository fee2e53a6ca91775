import type { GapView } from '../page-messages.js';
import type { ColumnSource } from './column-source.js';
import { gapLabels } from './gap-labels.js';
import type { SizedCanvas } from './sized-canvas.js';
import type { Palette } from './theme.js';
import { timeTicks } from './look-back/time-axis.js';
import type { NoContactView } from '../no-contact-times.js';
import type { HeartSoundMark } from '../../bedside/bedside-status.js';

/** What is shown, on the recording's time axis. */
export interface Span {
  /** At the left edge. */
  readonly fromSeconds: number;
  readonly spanSeconds: number;
  /** What is later is not drawn yet. */
  readonly untilSeconds: number;
}

export interface TraceMarks {
  readonly marks: readonly HeartSoundMark[];
  readonly gaps: readonly GapView[];
  readonly noContact: readonly NoContactView[];
  readonly windows: readonly {
    readonly startSeconds: number;
    readonly endSeconds: number;
    readonly usable: boolean;
  }[];
}

/** The scale never magnifies beyond this: silence should look silent. */
const LEAST_AMPLITUDE = 0.002;
/** Two rows of names: a first and a second sound may stand closer together than their names are wide. */
const MARK_ROW = 13;
const MARK_HEIGHT = 2 * MARK_ROW + 2;
/** Heart sounds that stand closer than this have no room for names, and then none for lines. */
const NAMED_PIXELS = 14;
const LINE_PIXELS = 3;
const NAMED_HEIGHT = 100;
/** Of a picture that stands, so many columns are no louder than what its height is taken from. */
const USUAL_SHARE = 0.97;
const HEADROOM = 1.6;

/**
 * Draws the trace: one vertical stroke from the least to the greatest sample of each pixel column.
 *
 * A chart library redraws axes, legend and the path of every sample sixty times a second; this draws what moves. The
 * columns stand at fixed times, so that the picture slides and does not shimmer.
 */
export class TraceCanvas {
  private amplitude = LEAST_AMPLITUDE;
  private extremes = new Float32Array(0);

  constructor(
    private readonly sized: SizedCanvas,
    private readonly source: ColumnSource,
    /** A picture that stands fits what it shows, one that moves follows it. */
    private readonly stands = false,
  ) {}

  /** The amplitude at the upper edge; full scale is 1. */
  get fullDeflection(): number {
    return this.amplitude;
  }

  draw(span: Span, { marks, gaps, noContact, windows }: TraceMarks, palette: Palette): void {
    const { context, width, height } = this.sized;
    const pixelsPerSecond = width / span.spanSeconds;
    const x = (seconds: number) => (seconds - span.fromSeconds) * pixelsPerSecond;
    context.fillStyle = palette.background;
    context.fillRect(0, 0, width, height);
    this.drawGrid(span, x, palette);
    this.drawNoContact(noContact, span, x, palette);
    this.drawGaps(gaps, x, palette);
    this.drawTrace(span, pixelsPerSecond, palette);
    this.drawMarks(believable(marks, windows), span, x, palette);
    this.drawWindows(windows, x, palette);
  }

  private drawGrid(span: Span, x: (seconds: number) => number, palette: Palette): void {
    const { context, width, height } = this.sized;
    context.strokeStyle = palette.grid;
    context.fillStyle = palette.text;
    context.lineWidth = 1;
    context.font = '12px system-ui, sans-serif';
    context.textBaseline = 'bottom';
    context.textAlign = 'left';
    context.beginPath();
    for (const { seconds, label } of timeTicks({ ...span, width })) {
      const at = x(seconds);
      context.moveTo(at, 0);
      context.lineTo(at, height);
      if (label !== null) context.fillText(label, at + 3, height - 6);
    }
    context.moveTo(0, height / 2);
    context.lineTo(width, height / 2);
    context.stroke();
  }

  private drawTrace(span: Span, pixelsPerSecond: number, palette: Palette): void {
    const { context, width, height } = this.sized;
    const { source } = this;
    const rate = source.sampleRateHz;
    if (rate === 0 || width === 0) return;
    // Closer than a sample a pixel the line goes from sample to sample.
    const columnPixels = Math.max(1, pixelsPerSecond / rate);
    const samplesPerColumn = columnPixels > 1 ? 1 : rate / pixelsPerSecond;
    const columns = Math.ceil(width / columnPixels) + 2;
    if (this.extremes.length !== 2 * columns) this.extremes = new Float32Array(2 * columns);
    const { extremes } = this;
    const firstColumn = Math.floor((span.fromSeconds * pixelsPerSecond) / columnPixels);
    source.extremes(firstColumn * samplesPerColumn, samplesPerColumn, span.untilSeconds * rate, extremes);
    this.follow(extremes);
    const offset =
      firstColumn * columnPixels - span.fromSeconds * pixelsPerSecond + (columnPixels > 1 ? 0 : 0.5);
    const middle = height / 2;
    const scale = (0.46 * (height - MARK_HEIGHT)) / this.amplitude;
    context.strokeStyle = palette.trace;
    context.lineWidth = 1.5;
    context.lineJoin = 'round';
    context.beginPath();
    let isDown = false;
    for (let column = 0; column < extremes.length / 2; column++) {
      const least = extremes[2 * column];
      const greatest = extremes[2 * column + 1];
      if (least !== least) {
        isDown = false;
        continue;
      }
      const at = column * columnPixels + offset;
      if (isDown) context.lineTo(at, middle - least * scale);
      else context.moveTo(at, middle - least * scale);
      // A column with one value still leaves a dot.
      context.lineTo(at, Math.min(middle - greatest * scale, middle - least * scale - 0.5));
      isDown = true;
    }
    context.stroke();
  }

  /** The scale widens at once, so that nothing is cut, and narrows slowly, so that the picture does not pump. */
  private follow(extremes: Float32Array): void {
    if (this.stands) {
      this.amplitude = usualAmplitude(extremes);
      return;
    }
    let peak = LEAST_AMPLITUDE;
    for (const value of extremes) if (Math.abs(value) > peak) peak = Math.abs(value);
    this.amplitude = peak > this.amplitude ? peak : this.amplitude + (peak - this.amplitude) * 0.02;
  }

  private drawGaps(gaps: readonly GapView[], x: (seconds: number) => number, palette: Palette): void {
    const { context, width, height } = this.sized;
    context.textAlign = 'left';
    context.textBaseline = 'top';
    for (const { fromSeconds, toSeconds } of gaps) {
      const left = x(fromSeconds);
      const right = x(toSeconds);
      if (right < 0 || left > width) continue;
      context.fillStyle = palette.gap;
      context.fillRect(left, 0, Math.max(2, right - left), height);
    }
    context.fillStyle = palette.text;
    for (const { at, text } of gapLabels(gaps, x, width, (words) => context.measureText(words).width)) {
      context.fillText(text, at, MARK_HEIGHT + 4);
    }
  }

  /** Hatched: sound is there, but of no skin. */
  private drawNoContact(
    parts: readonly NoContactView[],
    span: Span,
    x: (seconds: number) => number,
    palette: Palette,
  ): void {
    const { context, width, height } = this.sized;
    context.strokeStyle = palette.gap;
    context.lineWidth = 1;
    for (const { fromSeconds, toSeconds } of parts) {
      const left = Math.max(0, x(fromSeconds));
      const right = Math.min(width, x(Math.min(toSeconds, span.untilSeconds)));
      if (right <= left) continue;
      context.save();
      context.beginPath();
      context.rect(left, 0, Math.max(2, right - left), height);
      context.clip();
      context.beginPath();
      // Fixed in time, so that they move with what they mark.
      const origin = x(fromSeconds);
      const first = Math.floor((left - height - origin) / 9);
      for (let i = first; origin + 9 * i < right; i++) {
        context.moveTo(origin + 9 * i, height);
        context.lineTo(origin + 9 * i + height, 0);
      }
      context.stroke();
      context.fillStyle = palette.text;
      context.textAlign = 'left';
      context.textBaseline = 'bottom';
      if (right - left > 70) context.fillText('no contact', left + 4, height - 20);
      context.restore();
    }
  }

  private drawMarks(
    marks: readonly HeartSoundMark[],
    span: Span,
    x: (seconds: number) => number,
    palette: Palette,
  ): void {
    const { context, width, height } = this.sized;
    context.textAlign = 'center';
    context.textBaseline = 'top';
    context.font = 'bold 13px system-ui, sans-serif';
    const shown = marks.filter(
      ({ timeSeconds }) => x(timeSeconds) >= 0 && x(timeSeconds) <= width && timeSeconds <= span.untilSeconds,
    );
    const [first, last] = [shown[0]?.timeSeconds ?? 0, shown.at(-1)?.timeSeconds ?? 0];
    const room = shown.length < 2 ? width : (x(last) - x(first)) / shown.length;
    if (room < LINE_PIXELS) return;
    const isNamed = room >= NAMED_PIXELS && height >= NAMED_HEIGHT;
    for (const { timeSeconds, sound } of shown) {
      const at = x(timeSeconds);
      const row = sound === 'S1' ? 0 : MARK_ROW;
      context.fillStyle = context.strokeStyle = sound === 'S1' ? palette.s1 : palette.s2;
      if (isNamed) context.fillText(sound, at, row + 1);
      context.beginPath();
      context.setLineDash(sound === 'S1' ? [] : [3, 3]);
      context.moveTo(at, isNamed ? row + MARK_ROW : 0);
      context.lineTo(at, (isNamed ? 0.42 : 0.2) * height);
      context.stroke();
    }
    context.setLineDash([]);
  }

  /** Under the trace: what counts is a full bar, what does not is a dotted line. */
  private drawWindows(
    windows: TraceMarks['windows'],
    x: (seconds: number) => number,
    palette: Palette,
  ): void {
    const { context, width, height } = this.sized;
    for (const { startSeconds, endSeconds, usable } of windows) {
      const left = x(startSeconds);
      const right = x(endSeconds);
      if (right < 0 || left > width) continue;
      context.fillStyle = usable ? palette.normal : palette.gap;
      if (usable) context.fillRect(left, height - 4, right - left, 4);
      else for (let at = left; at < right; at += 6) context.fillRect(at, height - 3, 2, 2);
    }
  }
}

/** A heart cycle is found in anything; only where the signal is usable it is worth showing. */
export function believable(
  marks: readonly HeartSoundMark[],
  windows: TraceMarks['windows'],
): HeartSoundMark[] {
  return marks.filter(({ timeSeconds }) =>
    windows.some(
      ({ usable, startSeconds, endSeconds }) =>
        usable && timeSeconds >= startSeconds && timeSeconds < endSeconds,
    ),
  );
}

/** The sound's own height: a knock that is twenty times louder is cut rather than all else made flat. */
function usualAmplitude(extremes: Float32Array): number {
  const heights: number[] = [];
  for (let i = 0; i < extremes.length; i += 2) {
    const height = Math.max(Math.abs(extremes[i]), Math.abs(extremes[i + 1]));
    if (height > 0) heights.push(height);
  }
  heights.sort((a, b) => a - b);
  const usual = heights[Math.floor(USUAL_SHARE * heights.length)] ?? 0;
  return Math.max(LEAST_AMPLITUDE, Math.min(heights.at(-1) ?? 0, HEADROOM * usual));
}
