import type { Gap } from '../decode/samples.js';

/** A piece of the time axis. */
export interface Span {
  readonly fromSeconds: number;
  readonly toSeconds: number;
}

/** A window, as far as its place and its weight go. */
export interface PlacedWindow {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly probability: number | null;
  readonly quality: number | null;
  readonly usable: boolean;
}

/** Whether the result rests on this window. */
export const counts = ({ usable, probability }: Pick<PlacedWindow, 'usable' | 'probability'>): boolean =>
  usable && probability !== null;

/** What a recording has on its time axis, which counts lost samples. */
interface Placed {
  readonly windows: readonly PlacedWindow[];
  readonly gaps: readonly Gap[];
  readonly durationSeconds: number;
  readonly sampleRateHz: number;
}

/** Holes in the samples; one where only continuity broke has no length. */
export function gapSpans({ gaps, sampleRateHz }: Pick<Placed, 'gaps' | 'sampleRateHz'>): Span[] {
  return gaps.map(({ atSample, lostSamples }) => ({
    fromSeconds: atSample / sampleRateHz,
    toSeconds: (atSample + lostSamples) / sampleRateHz,
  }));
}

/** What was heard and does not count: no usable, scored window covers it. In order of time. */
export function unusedSpans(recording: Placed): Span[] {
  const covered = recording.windows.filter(counts);
  const taken = [
    ...covered.map(({ startSeconds, endSeconds }) => ({ fromSeconds: startSeconds, toSeconds: endSeconds })),
    ...gapSpans(recording),
  ];
  const spans: Span[] = [];
  let from = 0;
  for (const span of taken.sort(inTime)) {
    if (span.fromSeconds > from) spans.push({ fromSeconds: from, toSeconds: span.fromSeconds });
    from = Math.max(from, span.toSeconds);
  }
  if (recording.durationSeconds > from) {
    spans.push({ fromSeconds: from, toSeconds: recording.durationSeconds });
  }
  return spans;
}

/** What does not count, and the gaps. In order of time. */
export const notHeardSpans = (recording: Placed): Span[] =>
  [...unusedSpans(recording), ...gapSpans(recording)].sort(inTime);

const inTime = (a: Span, b: Span): number => a.fromSeconds - b.fromSeconds;

/** More bars than this nobody can tell apart on a page. */
const MAX_CELLS = 600;

/** What is drawn of one window, or of neighbouring ones where there are too many. */
export interface WindowCell {
  readonly span: Span;
  /** Of the windows that count; `null` where none does. */
  readonly least: number | null;
  readonly greatest: number | null;
  /** Mean of those that have one. */
  readonly quality: number | null;
}

/** At most {@link MAX_CELLS} cells side by side: windows overlap, and each has the time around its middle for itself. */
export function windowCells(windows: readonly PlacedWindow[]): WindowCell[] {
  const cells: WindowCell[] = [];
  const step = Math.ceil(windows.length / MAX_CELLS);
  for (let first = 0; first < windows.length; first += step) {
    const after = Math.min(windows.length, first + step);
    const some = windows.slice(first, after);
    const probabilities = some.filter(counts).map(({ probability }) => probability!);
    const qualities = some.map(({ quality }) => quality).filter((quality) => quality !== null);
    cells.push({
      span: {
        fromSeconds: cellOf(windows, first).fromSeconds,
        toSeconds: cellOf(windows, after - 1).toSeconds,
      },
      least: probabilities.length === 0 ? null : Math.min(...probabilities),
      greatest: probabilities.length === 0 ? null : Math.max(...probabilities),
      quality:
        qualities.length === 0
          ? null
          : qualities.reduce((sum, quality) => sum + quality, 0) / qualities.length,
    });
  }
  return cells;
}

/** Up to halfway to the middle of a neighbour that it overlaps with, else its whole length. */
function cellOf(windows: readonly PlacedWindow[], at: number): Span {
  const window = windows[at];
  const before = windows[at - 1];
  const after = windows[at + 1];
  const meet = (a: PlacedWindow, b: PlacedWindow) =>
    (a.startSeconds + a.endSeconds + b.startSeconds + b.endSeconds) / 4;
  return {
    fromSeconds: before?.endSeconds > window.startSeconds ? meet(before, window) : window.startSeconds,
    toSeconds: after?.startSeconds < window.endSeconds ? meet(window, after) : window.endSeconds,
  };
}

/**
 * The clearest stretch of a recording: where the windows that count have the best mean quality.
 *
 * @returns at most `seconds` long, `null` where nothing counts
 */
export function clearestSpan(recording: Pick<Placed, 'windows'>, seconds: number): Span | null {
  let best: { span: Span; worth: number } | null = null;
  const windows = recording.windows.filter(counts);
  for (let first = 0; first < windows.length; first++) {
    const { startSeconds } = windows[first];
    let toSeconds = startSeconds;
    let sum = 0;
    let after = first;
    for (; after < windows.length && windows[after].endSeconds <= startSeconds + seconds; after++) {
      toSeconds = windows[after].endSeconds;
      sum += windows[after].quality ?? 0;
    }
    if (after === first) continue;
    // A long stretch shows more beats than a short one that is hardly better.
    const worth = (sum / (after - first)) * ((toSeconds - startSeconds) / seconds);
    if (best === null || worth > best.worth) {
      best = { span: { fromSeconds: startSeconds, toSeconds }, worth };
    }
  }
  return best?.span ?? null;
}
