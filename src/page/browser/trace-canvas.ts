import type { GapView } from '../page-messages.js';
import { gapLabels } from './gap-labels.js';
import type { Palette } from './theme.js';
import type { TraceRing } from './trace-ring.js';
import type { HeartSoundMark } from '../../bedside/bedside-status.js';

/** A canvas in the size in which it is shown, without a look at the layout while drawing. */
export class SizedCanvas {
  readonly context: CanvasRenderingContext2D;
  /** In CSS pixels. */
  width = 0;
  height = 0;
  isChanged = true;

  constructor(readonly canvas: HTMLCanvasElement) {
    this.context = canvas.getContext('2d', { alpha: false })!;
    new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect;
      // More than two pixels a pixel nobody sees from arm's length.
      const scale = Math.min(2, window.devicePixelRatio);
      this.width = Math.round(width);
      this.height = Math.round(height);
      canvas.width = Math.max(1, Math.round(this.width * scale));
      canvas.height = Math.max(1, Math.round(this.height * scale));
      this.context.setTransform(scale, 0, 0, scale, 0, 0);
      this.isChanged = true;
    }).observe(canvas);
  }
}

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
    private readonly ring: TraceRing,
  ) {}

  /** The amplitude at the upper edge; full scale is 1. */
  get fullDeflection(): number {
    return this.amplitude;
  }

  draw(span: Span, { marks, gaps, windows }: TraceMarks, palette: Palette): void {
    const { context, width, height } = this.sized;
    const pixelsPerSecond = width / span.spanSeconds;
    const x = (seconds: number) => (seconds - span.fromSeconds) * pixelsPerSecond;
    context.fillStyle = palette.background;
    context.fillRect(0, 0, width, height);
    this.drawGrid(span, x, palette);
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
    const first = Math.max(0, Math.floor(span.fromSeconds));
    for (let second = first; second <= span.fromSeconds + span.spanSeconds; second++) {
      const at = x(second);
      context.moveTo(at, 0);
      context.lineTo(at, height);
      if (second % 2 === 0) context.fillText(`${second} s`, at + 3, height - 6);
    }
    context.moveTo(0, height / 2);
    context.lineTo(width, height / 2);
    context.stroke();
  }

  private drawTrace(span: Span, pixelsPerSecond: number, palette: Palette): void {
    const { context, width, height } = this.sized;
    const { ring } = this;
    const rate = ring.sampleRateHz;
    if (rate === 0 || width === 0) return;
    if (this.extremes.length !== 2 * (width + 2)) this.extremes = new Float32Array(2 * (width + 2));
    const { extremes } = this;
    const samplesPerColumn = rate / pixelsPerSecond;
    const firstColumn = Math.floor(span.fromSeconds * pixelsPerSecond);
    ring.extremes(firstColumn * samplesPerColumn, samplesPerColumn, span.untilSeconds * rate, extremes);
    this.follow(extremes);
    const offset = firstColumn - span.fromSeconds * pixelsPerSecond;
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
      const at = column + offset + 0.5;
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
    for (const { timeSeconds, sound } of marks) {
      const at = x(timeSeconds);
      if (at < 0 || at > width || timeSeconds > span.untilSeconds) continue;
      const row = sound === 'S1' ? 0 : MARK_ROW;
      context.fillStyle = context.strokeStyle = sound === 'S1' ? palette.s1 : palette.s2;
      context.fillText(sound, at, row + 1);
      context.beginPath();
      context.setLineDash(sound === 'S1' ? [] : [3, 3]);
      context.moveTo(at, row + MARK_ROW);
      context.lineTo(at, 0.42 * height);
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
