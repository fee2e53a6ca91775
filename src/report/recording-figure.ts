import {
  amplitudeOf,
  area,
  rounded,
  spectrogramImage,
  timeTicks,
  tracePath,
  xOf,
  type Strip,
} from './figure-parts.js';
import type { HeartSound } from './heart-sound-intervals.js';
import { html, type HtmlText } from './html-text.js';
import { count, percent, seconds } from './report-words.js';
import type { ReportedRecording } from './reported-recording.js';
import type { SignalPicture } from './signal-picture.js';
import { counts, gapSpans, unusedSpans, windowCells, type Span } from './spans.js';

const WIDTH = 1000;
/** Ten letters of a fixed-width font: which font there is, nobody knows, and no word may be cut in any. */
const LEFT = 78;
const PLOT_WIDTH = WIDTH - LEFT - 14;
/** A time so near to the right end may be too wide for its half to fit there. */
const NEAR_END = WIDTH - 40;

/** Spectrogram, trace, window probabilities and quality of one recording on one time axis, and a detail below. */
export function recordingFigure(
  recording: ReportedRecording,
  picture: SignalPicture,
  /** Unique in the page. */
  id: string,
): HtmlText {
  const axis = { fromSeconds: 0, toSeconds: recording.durationSeconds, left: LEFT, width: PLOT_WIDTH };
  const spectrum: Strip = { ...axis, top: 23, height: 122 };
  const trace: Strip = { ...axis, top: 166, height: 146 };
  const probability: Strip = { ...axis, top: 333, height: 72 };
  const quality: Strip = { ...axis, top: 426, height: 30 };
  const detail = picture.detail;
  const height = detail === null ? 480 : 664;
  const amplitude = amplitudeOf(picture.whole);
  const gaps = gapSpans(recording);
  const unused = unusedSpans(recording);
  return html`<svg
    class="figure"
    viewBox="0 0 ${WIDTH} ${height}"
    role="img"
    aria-labelledby="${id}-title ${id}-text"
  >
    <title id="${id}-title">Heart sound over time</title>
    <desc id="${id}-text">${describe(recording, unused)}</desc>
    ${patterns(id)}
    <g id="${id}-figure">
      ${spectrogramImage(spectrum, picture)} ${marked(spectrum, gaps, unused)}${frame(spectrum)}
      ${scale(spectrum, [
        [`${picture.highHz} Hz`, 0],
        [`${picture.lowHz} Hz`, 1],
      ])}
      ${marked(trace, gaps, unused)}${tracePath(trace, picture.whole, amplitude)}${frame(trace)}
      ${scale(trace, [
        [amplitudeText(amplitude), 0],
        ['0', 0.5],
        [`−${amplitudeText(amplitude)}`, 1],
      ])}
      ${marked(probability, gaps, [])}${windowBars(recording, probability, quality)}
      ${frame(probability)}${scale(probability, [
        ['100 %', 0],
        ['50 %', 0.5],
        ['0 %', 1],
      ])}
      <path class="grid" d="M${LEFT} ${probability.top + probability.height / 2}h${PLOT_WIDTH}" />
      ${frame(quality)}${scale(quality, [
        ['1', 0],
        ['0', 1],
      ])}
      ${timeAxis(quality)}
      ${label(spectrum, 'Spectrogram')}${label(trace, `Sound, ${picture.lowHz} to ${picture.highHz} Hz, in per cent of full scale`)}${label(probability, 'Probability of abnormal, window by window')}${label(quality, 'Signal quality, window by window')}
      ${detail === null ? null : detailStrip(picture, amplitudeOf(detail), { gaps, unused, sounds: recording.sounds ?? [] })}
    </g>
  </svg>`;
}

/** A small picture of one recording among others of an examination. */
export function recordingStrip(recording: ReportedRecording, picture: SignalPicture, id: string): HtmlText {
  const axis = { fromSeconds: 0, toSeconds: recording.durationSeconds, left: LEFT, width: PLOT_WIDTH };
  const trace: Strip = { ...axis, top: 2, height: 44 };
  const probability: Strip = { ...axis, top: 50, height: 24 };
  const unused = unusedSpans(recording);
  const gaps = gapSpans(recording);
  return html`<svg class="figure" viewBox="0 0 ${WIDTH} 98" role="img" aria-labelledby="${id}-text">
    <desc id="${id}-text">${describe(recording, unused)}</desc>
    ${patterns(id)}
    <g id="${id}-figure">
      ${marked(trace, gaps, unused)}${tracePath(trace, picture.whole, amplitudeOf(picture.whole))}${frame(trace)}
      ${marked(probability, gaps, [])}${windowBars(recording, probability, null)}${frame(probability)}
      ${scale(probability, [
        ['100 %', 0],
        ['0 %', 1],
      ])}
      ${timeAxis(probability)}
    </g>
  </svg>`;
}

/** The figure in words, for who does not see it. */
function describe(recording: ReportedRecording, unused: readonly Span[]): string {
  const { windows, gaps, durationSeconds, session } = recording;
  const { lowHz, highHz } = session.hearing.band;
  const used = windows.filter(counts);
  const values = used.map((window) => window.probability!);
  const range =
    values.length === 0
      ? 'No window counts towards the result.'
      : `${count(used.length, 'window')} of ${windows.length} count towards the result; their probability of ` +
        `abnormal goes from ${percent(least(values))} to ${percent(-least(values.map((value) => -value)))}.`;
  const left = unused.reduce((sum, span) => sum + span.toSeconds - span.fromSeconds, 0);
  const holes = gaps.length === 0 ? 'No gap.' : `${count(gaps.length, 'gap')} in the samples.`;
  return (
    `Spectrogram from ${lowHz} to ${highHz} Hz, sound, probability of abnormal and signal quality over ${seconds(durationSeconds)}. ` +
    `${range} ${seconds(left)} do not count. ${holes}`
  );
}

/** Not `Math.min(...)`: a long recording has more windows than a call may have arguments. */
const least = (values: readonly number[]): number => values.reduce((a, b) => Math.min(a, b), Infinity);

/** Hatches must have names of their own: a page holds several figures. */
const patterns = (id: string): HtmlText =>
  html`<defs>
      <pattern
        id="${id}-unused"
        width="7"
        height="7"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
        ><path class="hatch" d="M0 0V7"
      /></pattern>
      <pattern id="${id}-gap" width="4" height="4" patternUnits="userSpaceOnUse"
        ><path class="dots" d="M1 1h1.6v1.6h-1.6Z"
      /></pattern>
    </defs>
    <style>
      #${id}-figure .unused {
        fill: url(#${id}-unused);
      }
      #${id}-figure .gap {
        fill: url(#${id}-gap);
      }
    </style>`;

function windowBars({ windows }: ReportedRecording, probability: Strip, quality: Strip | null): HtmlText[] {
  return windowCells(windows).map(({ span, least, greatest, quality: sqi }) => {
    const x = xOf(probability, span.fromSeconds);
    const width = Math.max(0.4, rounded(xOf(probability, span.toSeconds) - x - 0.8));
    const bar = (strip: Strip, share: number, className: string) => {
      const height = rounded(Math.max(1, share * strip.height));
      const y = rounded(strip.top + strip.height - height);
      return html`<rect class="${className}" x="${x}" y="${y}" width="${width}" height="${height}" />`;
    };
    const range = greatest !== null && greatest > least! && bar(probability, greatest, 'range');
    const upper = least === null ? area(probability, span, 'unused') : bar(probability, least, 'window');
    const lower = quality !== null && sqi !== null && bar(quality, sqi, 'quality');
    return html`${range}${upper}${lower}`;
  });
}

function detailStrip(
  picture: SignalPicture,
  amplitude: number,
  marks: { gaps: readonly Span[]; unused: readonly Span[]; sounds: readonly HeartSound[] },
): HtmlText {
  const detail = picture.detail!;
  const { fromSeconds, toSeconds } = detail;
  const strip: Strip = { fromSeconds, toSeconds, left: LEFT, width: PLOT_WIDTH, top: 503, height: 134 };
  const sounds = marks.sounds.filter(
    ({ timeSeconds }) => timeSeconds >= fromSeconds && timeSeconds <= toSeconds,
  );
  return html`${marked(strip, marks.gaps, marks.unused)}${tracePath(strip, detail, amplitude)}
  ${sounds.map(({ timeSeconds, sound }) => {
    const x = xOf(strip, timeSeconds);
    const base = strip.top + strip.height;
    return html`<path class="${sound === 'S1' ? 's1' : 's2'}" d="M${x} ${strip.top}V${base}" /><text
        class="mark"
        x="${x + 3}"
        y="${base - 4}"
        >${sound}</text
      >`;
  })}
  ${frame(strip)}${scale(strip, [
    [amplitudeText(amplitude), 0],
    ['0', 0.5],
    [`−${amplitudeText(amplitude)}`, 1],
  ])}${timeAxis(strip)}
  ${label(strip, `The clearest stretch of the sound, ${seconds(fromSeconds)} to ${seconds(toSeconds)}`)}`;
}

function marked(strip: Strip, gaps: readonly Span[], unused: readonly Span[]): HtmlText {
  return html`${unused.map((span) => area(strip, span, 'unused'))}${gaps.map((span) => area(strip, span, 'gap'))}`;
}

const frame = ({ left, top, width, height }: Strip): HtmlText =>
  html`<rect class="frame" x="${left}" y="${top}" width="${width}" height="${height}" />`;

/** @param texts each with its place, 0 at the top, 1 at the bottom */
function scale(strip: Strip, texts: readonly (readonly [string, number])[]): HtmlText[] {
  return texts.map(([text, place]) => {
    const y = rounded(strip.top + 5 + place * strip.height + (0.5 - place) * 8);
    return html`<text class="scale" x="${strip.left - 5}" y="${y}">${text}</text>`;
  });
}

function timeAxis(strip: Strip): HtmlText[] {
  const bottom = strip.top + strip.height;
  return timeTicks(strip).map((tick) => {
    const x = xOf(strip, tick);
    const isLast = x > NEAR_END;
    return html`<path class="tick" d="M${x} ${bottom}v5" /><text
        class="${isLast ? 'time last' : 'time'}"
        x="${isLast ? WIDTH - 2 : x}"
        y="${bottom + 19}"
        >${tick} s</text
      >`;
  });
}

const label = (strip: Strip, text: string): HtmlText =>
  html`<text class="label" x="${strip.left}" y="${strip.top - 5}">${text}</text>`;

/** Of full scale. */
function amplitudeText(amplitude: number): string {
  return amplitude === 0 ? '0' : `${(100 * amplitude).toPrecision(2)} %`;
}
