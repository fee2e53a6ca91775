import type { SizedCanvas } from '../sized-canvas.js';
import type { Palette } from '../theme.js';
import type { Measurement } from './measurement.js';
import { xOf, type TimeAxis } from './time-axis.js';

export interface OverlayLines {
  readonly measurement: Measurement | null;
  /** Where the sound is, `null` where nothing is played. */
  readonly playedSeconds: number | null;
  /** Whether a person steers by keys: then the middle is where Enter sets a mark. */
  readonly hasKeys: boolean;
  readonly palette: Palette;
}

const BANDS = 1;

/** What was tapped and where the sound is, through all lanes: trace, spectrogram and windows. */
export function drawLines(
  lanes: readonly SizedCanvas[],
  axis: TimeAxis,
  { measurement, playedSeconds, hasKeys, palette }: OverlayLines,
): void {
  const place = (seconds: number | null) => (seconds === null ? null : xOf(axis, seconds));
  const first = place(measurement?.firstSeconds ?? null);
  const second = place(measurement?.secondSeconds ?? null);
  for (const [lane, { context, width, height }] of lanes.entries()) {
    // The spectrogram is dark whatever the page's colours.
    context.fillStyle = lane === BANDS ? '#fff' : palette.cursor;
    if (first !== null && second !== null) {
      context.globalAlpha = 0.15;
      context.fillRect(Math.min(first, second), 0, Math.abs(second - first), height);
      context.globalAlpha = 1;
    }
    for (const x of [first, second, place(playedSeconds)]) {
      if (x !== null && x >= 0 && x <= width) context.fillRect(x - 1, 0, 2, height);
    }
    if (hasKeys) for (let y = 0; y < height; y += 8) context.fillRect(width / 2 - 0.5, y, 1, 4);
  }
}
