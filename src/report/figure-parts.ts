import { html, type HtmlText } from './html-text.js';
import { encodePng } from './png.js';
import type { SignalPicture, Trace } from './signal-picture.js';
import type { Span } from './spans.js';

/** A rectangle of the figure, in its units, that shows a span of time from its left to its right edge. */
export interface Strip extends Span {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function xOf(strip: Strip, atSeconds: number): number {
  const share = (atSeconds - strip.fromSeconds) / (strip.toSeconds - strip.fromSeconds);
  return rounded(strip.left + strip.width * Math.max(0, Math.min(1, share)));
}

/** The part of a strip that a span takes. One that is too short to see is drawn a hair's breadth wide. */
export function area(strip: Strip, span: Span, className: string): HtmlText | null {
  if (span.toSeconds < strip.fromSeconds || span.fromSeconds > strip.toSeconds) return null;
  const from = xOf(strip, span.fromSeconds);
  const width = Math.max(1, rounded(xOf(strip, span.toSeconds) - from));
  return html`<rect
    class="${className}"
    x="${from}"
    y="${strip.top}"
    width="${width}"
    height="${strip.height}"
  />`;
}

/** The trace as one filled outline a stretch, scaled so that `amplitude` fills the strip. */
export function tracePath(strip: Strip, { extremes }: Trace, amplitude: number): HtmlText {
  const columns = extremes.length / 2;
  const middle = strip.top + strip.height / 2;
  const y = (value: number) => {
    const share = amplitude === 0 ? 0 : Math.max(-1, Math.min(1, value / amplitude));
    return rounded(middle - (share * strip.height) / 2);
  };
  const x = (column: number) => rounded(strip.left + ((column + 0.5) * strip.width) / columns);
  let path = '';
  for (let first = 0; first < columns; first++) {
    if (Number.isNaN(extremes[2 * first])) continue;
    let after = first;
    while (after < columns && !Number.isNaN(extremes[2 * after])) after++;
    for (let i = first; i < after; i++) path += `${i === first ? 'M' : 'L'}${x(i)} ${y(extremes[2 * i + 1])}`;
    for (let i = after - 1; i >= first; i--) path += `L${x(i)} ${y(extremes[2 * i])}`;
    path += 'Z';
    first = after;
  }
  return html`<path class="trace" d="${path}" />`;
}

/** What the greatest amplitudes reach but for one column in 200, so that one knock does not flatten the rest. */
export function amplitudeOf({ extremes }: Trace): number {
  const magnitudes: number[] = [];
  for (let i = 0; i < extremes.length; i += 2) {
    if (!Number.isNaN(extremes[i])) magnitudes.push(Math.max(-extremes[i], extremes[i + 1]));
  }
  magnitudes.sort((a, b) => a - b);
  return magnitudes[Math.floor(0.995 * (magnitudes.length - 1))] ?? 0;
}

/** From white to ink. */
const RANGE_DB = 45;
/** One cell in so many may be louder than ink can say, so that one knock does not bleach the rest. */
const LOUDEST_SHARE = 1 / 200;
const INK = [16, 44, 84] as const;

/** From paper to ink: it prints on any printer, and darker is louder to everybody. The last colour is none. */
const palette = Array.from({ length: 256 }, (_, i): [number, number, number, number] => {
  const share = Math.min(1, i / 254);
  const [red, green, blue] = INK.map((ink) => Math.round(255 + (ink - 255) * share));
  return i === 255 ? [255, 255, 255, 0] : [red, green, blue, 255];
});

export function spectrogramImage(strip: Strip, { spectrogram }: SignalPicture): HtmlText {
  const { columns, bands, decibels } = spectrogram;
  const heard = decibels.filter((value) => !Number.isNaN(value)).sort();
  const top = heard[Math.floor((1 - LOUDEST_SHARE) * (heard.length - 1))] ?? 0;
  const pixels = new Uint8Array(columns * bands);
  for (let band = 0; band < bands; band++) {
    const row = (bands - 1 - band) * columns;
    for (let column = 0; column < columns; column++) {
      const value = decibels[band * columns + column];
      // In utter silence the top is as low.
      const share = value === -Infinity ? 0 : 1 + (value - top) / RANGE_DB;
      pixels[row + column] = Number.isNaN(share) ? 255 : Math.round(254 * Math.max(0, Math.min(1, share)));
    }
  }
  const data = Buffer.from(encodePng(columns, bands, pixels, palette)).toString('base64');
  return html`<image
    x="${strip.left}"
    y="${strip.top}"
    width="${strip.width}"
    height="${strip.height}"
    preserveAspectRatio="none"
    href="data:image/png;base64,${data}"
  />`;
}

/** Ticks at a round distance, between four and ten of them. */
export function timeTicks({ fromSeconds, toSeconds }: Span): number[] {
  const length = toSeconds - fromSeconds;
  if (!(length > 0)) return [];
  const steps = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400];
  const step = steps.find((candidate) => length / candidate <= 10) ?? 28800 * Math.ceil(length / 288_000);
  const ticks: number[] = [];
  for (let tick = Math.ceil(fromSeconds / step - 1e-9); tick * step <= toSeconds + 1e-9; tick++) {
    ticks.push(Number((tick * step).toFixed(3)));
  }
  return ticks;
}

export const rounded = (value: number): number => Math.round(value * 10) / 10;
