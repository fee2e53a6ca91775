import type uPlot from 'uplot';
import type { HeartSoundMark } from '../../bedside/bedside-status.js';
import type { Palette } from './theme.js';
import type { WindowEvent } from '../../screen/result-events.js';
import type { GapView } from '../page-messages.js';
import { toClock } from './words.js';

/** With more seconds on a chart the names of heart sounds would stand one over the other. */
const NAMED_SECONDS = 25;
/** So many columns are no louder than what the height is taken from. */
const USUAL_SHARE = 0.97;
const HEADROOM = 1.6;
const LEAST_HEIGHT = 1e-4;

/** First and second sounds as lines from above, with their names where there is room. */
export function drawSounds(
  plot: uPlot,
  sounds: readonly HeartSoundMark[],
  shown: { readonly from: number; readonly to: number },
  palette: Palette,
): void {
  const { ctx, bbox } = plot;
  const isNamed = shown.to - shown.from <= NAMED_SECONDS;
  const scale = window.devicePixelRatio;
  ctx.save();
  ctx.textAlign = 'center';
  ctx.textBaseline = 'top';
  ctx.font = `bold ${12 * scale}px system-ui, sans-serif`;
  ctx.lineWidth = scale;
  for (const { timeSeconds, sound } of sounds) {
    const at = plot.valToPos(timeSeconds, 'x', true);
    if (at < bbox.left || at > bbox.left + bbox.width) continue;
    const row = bbox.top + (sound === 'S1' || !isNamed ? 0 : 13 * scale);
    ctx.fillStyle = ctx.strokeStyle = sound === 'S1' ? palette.s1 : palette.s2;
    ctx.setLineDash(sound === 'S1' ? [] : [3 * scale, 3 * scale]);
    if (isNamed) ctx.fillText(sound, at, row);
    ctx.beginPath();
    ctx.moveTo(at, row + (isNamed ? 13 * scale : 0));
    ctx.lineTo(at, bbox.top + (isNamed ? 0.42 : 0.12) * bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}

/** The greatest amplitude. */
export function peakOf([, least, greatest]: uPlot.AlignedData): number {
  return [...least, ...greatest].reduce<number>((peak, value) => Math.max(peak, Math.abs(value ?? 0)), 0);
}

/** The sound's own height: a knock that is twenty times louder is cut rather than all else made flat. */
export function heightOf([, least, greatest]: uPlot.AlignedData): number {
  const heights: number[] = [];
  for (let i = 0; i < least.length; i++) {
    const height = Math.max(Math.abs(least[i] ?? 0), Math.abs(greatest[i] ?? 0));
    if (height > 0) heights.push(height);
  }
  heights.sort((a, b) => a - b);
  const usual = heights[Math.floor(USUAL_SHARE * heights.length)] ?? 0;
  return Math.max(LEAST_HEIGHT, Math.min(1.05 * (heights.at(-1) ?? 0), HEADROOM * usual));
}

export function timeLabel(seconds: number, splits: readonly number[]): string {
  if ((splits.at(-1) ?? 0) >= 100) return toClock(seconds);
  const step = splits.length > 1 ? splits[1] - splits[0] : 1;
  return `${seconds.toFixed(step < 0.1 ? 2 : step < 1 ? 1 : 0)} s`;
}

/** A window counts for its middle. Filled points: usable; hollow ones: not. */
export function probabilities(all: readonly WindowEvent[]): uPlot.AlignedData {
  const windows = all.filter(({ probability }) => probability !== null);
  const middle = windows.map(({ startSeconds, endSeconds }) => (startSeconds + endSeconds) / 2);
  const of = (usable: boolean) =>
    windows.map((window) => (window.usable === usable ? window.probability : null));
  return [middle, of(true), of(false)];
}

export function windowsInWords(windows: readonly WindowEvent[]): string {
  const usable = windows.filter((window) => window.usable);
  const high = usable.filter(({ probability }) => probability !== null && probability >= 0.5);
  return (
    `Probability of abnormal for each of ${windows.length} windows; ${usable.length} are usable, ` +
    `${high.length} of these at 50 % or more`
  );
}

export function drawGaps(plot: uPlot, gaps: readonly GapView[], palette: Palette): void {
  const { ctx, bbox } = plot;
  ctx.fillStyle = palette.gap;
  for (const gap of gaps) {
    const left = Math.max(bbox.left, plot.valToPos(gap.fromSeconds, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(gap.toSeconds, 'x', true));
    if (right >= left) ctx.fillRect(left, bbox.top, Math.max(2, right - left), bbox.height);
  }
}

/** Where the sound is. */
export function drawPlayhead(plot: uPlot, seconds: number | null, palette: Palette): void {
  if (seconds === null) return;
  const { ctx, bbox } = plot;
  const at = plot.valToPos(seconds, 'x', true);
  if (at < bbox.left || at > bbox.left + bbox.width) return;
  ctx.fillStyle = palette.cursor;
  ctx.fillRect(at - 1, bbox.top, 2, bbox.height);
}
