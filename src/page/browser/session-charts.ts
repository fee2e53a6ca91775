import uPlot from 'uplot';
import type { SessionPage } from '../session-pages.js';
import {
  drawGaps,
  drawPlayhead,
  drawSounds,
  heightOf,
  peakOf,
  probabilities,
  timeLabel,
  windowsInWords,
} from './chart-parts.js';
import { watchTaps } from './listen/watch-taps.js';
import { SpectrogramPicture } from './spectrogram-picture.js';
import { believable } from './trace-canvas.js';
import type { HeartSoundMark } from '../../bedside/bedside-status.js';
import { readPalette, type Palette } from './theme.js';

/** Nothing is to be seen below this. */
const LEAST_SPAN_SECONDS = 0.2;
const MOST_COLUMNS = 4000;

/** Trace, spectrogram and window probabilities of a stored session, one above the other on one time axis. */
export class SessionCharts {
  private trace: uPlot | undefined;
  private windows: uPlot | undefined;
  private bands: uPlot | undefined;
  private readonly picture: SpectrogramPicture;
  private sounds: readonly HeartSoundMark[] = [];
  private palette: Palette = readPalette();
  private columns: uPlot.AlignedData = [[], [], []];
  private playedSeconds: number | null = null;
  private shown = { from: 0, to: 0 };
  private loading = 0;
  private readonly observer: ResizeObserver;
  /** What is still being asked for is not wanted once this is gone. */
  private readonly ended = new AbortController();
  private asked: AbortController | undefined;
  /** Of the recording, in seconds. */
  private readonly length: number;

  constructor(
    private readonly session: SessionPage,
    private readonly traceBox: HTMLElement,
    private readonly bandsBox: HTMLElement,
    private readonly windowsBox: HTMLElement,
    onTap: (seconds: number) => void,
  ) {
    for (const box of [traceBox, bandsBox]) watchTaps(box, (share) => onTap(this.secondsAt(share)));
    this.picture = new SpectrogramPicture(session.name, this.ended.signal);
    this.length = Math.max(LEAST_SPAN_SECONDS, session.durationSeconds ?? 0);
    this.shown.to = this.length;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(traceBox);
  }

  /** @returns the greatest amplitude */
  async load(): Promise<number> {
    await this.fetchColumns(this.shown.from, this.shown.to);
    this.draw();
    // One after the other: the server makes few of them at once.
    void this.loadPicture()
      .then(() => this.loadSounds())
      .catch((error: unknown) => this.complain(error));
    return peakOf(this.columns);
  }

  /** First and second sounds, where the signal is usable: a cycle is found in anything. */
  private async loadSounds(): Promise<void> {
    const response = await fetch(`/api/sessions/${encodeURIComponent(this.session.name)}/sounds`, {
      signal: this.ended.signal,
    });
    if (!response.ok) return;
    this.sounds = believable((await response.json()) as HeartSoundMark[], this.session.windows);
    this.trace?.redraw(false, false);
  }

  private async loadPicture(): Promise<void> {
    const { from, to } = this.shown;
    if (await this.picture.load(from, to, this.width)) this.bands?.redraw(false, false);
  }

  recolour(): void {
    this.palette = readPalette();
    if (this.trace !== undefined) this.draw();
  }

  /** Shows where the sound is, and turns the page where it plays beyond what is shown. */
  follow(seconds: number, isPlaying: boolean): void {
    this.playedSeconds = seconds;
    const { from, to } = this.shown;
    if (isPlaying && (seconds < from || seconds > to)) this.look(seconds, seconds + to - from);
    for (const plot of this.plots) plot?.redraw(false, false);
  }

  /** Around the middle of what is shown; below 1 closer. */
  scaleBy(factor: number): void {
    const middle = (this.shown.from + this.shown.to) / 2;
    const half = ((this.shown.to - this.shown.from) / 2) * factor;
    this.look(middle - half, middle + half);
  }

  /** By so large a part of what is shown, later where positive. */
  moveBy(part: number): void {
    const by = (this.shown.to - this.shown.from) * part;
    this.look(this.shown.from + by, this.shown.to + by);
  }

  lookAtAll(): void {
    this.look(0, this.length);
  }

  destroy(): void {
    this.loading++;
    this.ended.abort();
    this.asked?.abort();
    this.observer.disconnect();
    for (const plot of this.plots) plot?.destroy();
    this.picture.forget();
    this.trace = this.windows = this.bands = undefined;
  }

  private secondsAt(share: number): number {
    return this.shown.from + share * (this.shown.to - this.shown.from);
  }

  private get plots(): readonly (uPlot | undefined)[] {
    return [this.trace, this.bands, this.windows];
  }

  private get width(): number {
    return Math.max(200, Math.floor(this.traceBox.clientWidth));
  }

  private async fetchColumns(from: number, to: number): Promise<boolean> {
    const loading = ++this.loading;
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    const count = Math.min(MOST_COLUMNS, this.width);
    const query = new URLSearchParams({ from: String(from), to: String(to), columns: String(count) });
    const response = await fetch(
      `/api/sessions/${encodeURIComponent(this.session.name)}/trace?${query.toString()}`,
      { signal: asked.signal },
    );
    if (!response.ok) throw new Error(await response.text());
    const extremes = new Float32Array(await response.arrayBuffer());
    if (loading !== this.loading) return false;
    const missing = (value: number) => (Number.isNaN(value) ? null : value);
    const column = Array.from({ length: count }, (_, i) => i);
    this.columns = [
      column.map((i) => from + ((i + 0.5) / count) * (to - from)),
      column.map((i) => missing(extremes[2 * i])),
      column.map((i) => missing(extremes[2 * i + 1])),
    ];
    return true;
  }

  /** Shows from `from` to `to` seconds, kept inside the recording; what cannot be loaded stays as it was. */
  private look(from: number, to: number): void {
    const span = Math.min(this.length, Math.max(LEAST_SPAN_SECONDS, to - from));
    const begin = Math.max(0, Math.min(from, this.length - span));
    this.shown = { from: begin, to: begin + span };
    for (const plot of this.plots) plot?.setScale('x', { min: begin, max: begin + span });
    this.fetchColumns(begin, begin + span).then(
      (isNewest) => isNewest && this.showColumns(),
      (error: unknown) => this.complain(error),
    );
    this.loadPicture().catch((error: unknown) => this.complain(error));
  }

  private complain(error: unknown): void {
    if ((error as Error).name !== 'AbortError') console.error(error);
  }

  private showColumns(): void {
    this.trace?.batch(() => {
      this.trace!.setData(this.columns, false);
      const most = heightOf(this.columns);
      this.trace!.setScale('y', { min: -most, max: most });
    });
  }

  private draw(): void {
    for (const plot of this.plots) plot?.destroy();
    const { palette } = this;
    const sync = uPlot.sync(`session ${this.session.name}`);
    const fill = (plot: uPlot) => drawPlayhead(plot, this.playedSeconds, this.palette);
    const common = {
      width: this.width,
      legend: { show: false },
      cursor: {
        sync: { key: sync.key, setSeries: false },
        drag: { x: true, y: false, setScale: false },
        y: false,
      },
    };
    const axis = {
      stroke: palette.text,
      grid: { stroke: palette.grid, width: 1 },
      ticks: { stroke: palette.grid },
    };
    const time = {
      ...axis,
      values: (_: uPlot, splits: number[]) => splits.map((seconds) => timeLabel(seconds, splits)),
    };
    this.trace = new uPlot(
      {
        ...common,
        height: 170,
        scales: {
          x: { time: false, min: this.shown.from, max: this.shown.to },
          y: { auto: false, min: -heightOf(this.columns), max: heightOf(this.columns) },
        },
        axes: [time, { ...axis, size: 56 }],
        series: [
          {},
          { stroke: palette.trace, width: 1, points: { show: false } },
          { stroke: palette.trace, width: 1, points: { show: false } },
        ],
        bands: [{ series: [2, 1], fill: palette.trace }],
        hooks: {
          drawClear: [(plot) => drawGaps(plot, this.session.gaps, this.palette)],
          draw: [(plot) => drawSounds(plot, this.sounds, this.shown, this.palette), fill],
          setSelect: [
            (plot) => {
              const from = plot.posToVal(plot.select.left, 'x');
              const to = plot.posToVal(plot.select.left + plot.select.width, 'x');
              if (plot.select.width <= 5) return;
              plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
              this.look(from, to);
            },
          ],
        },
      },
      this.columns,
      this.traceBox,
    );
    const { lowHz, highHz } = this.session.band;
    this.bands = new uPlot(
      {
        ...common,
        height: 110,
        scales: {
          x: { time: false, min: this.shown.from, max: this.shown.to },
          y: { auto: false, min: lowHz, max: highHz },
        },
        axes: [
          time,
          { ...axis, size: 56, grid: { show: false }, values: (_, splits) => splits.map((hz) => `${hz} Hz`) },
        ],
        series: [{}, { show: true, stroke: 'transparent', points: { show: false } }],
        hooks: { drawClear: [(plot) => this.picture.draw(plot)], draw: [fill] },
      },
      [
        [this.shown.from, this.shown.to],
        [null, null],
      ],
      this.bandsBox,
    );
    this.windows = new uPlot(
      {
        ...common,
        height: 120,
        scales: {
          x: { time: false, min: this.shown.from, max: this.shown.to },
          y: { range: [0, 1] },
        },
        axes: [
          time,
          { ...axis, size: 56, values: (_, splits) => splits.map((share) => `${Math.round(100 * share)} %`) },
        ],
        series: [
          {},
          { stroke: palette.abnormal, width: 2, points: { show: true, size: 7, fill: palette.abnormal } },
          {
            stroke: palette.text,
            width: 0,
            points: { show: true, size: 7, fill: palette.background, stroke: palette.text },
          },
        ],
        hooks: { draw: [fill] },
      },
      probabilities(this.session.windows),
      this.windowsBox,
    );
    for (const [box, label] of [
      [this.traceBox, 'Trace of the recording, with first and second heart sounds'],
      [this.bandsBox, `Spectrogram, ${lowHz} to ${highHz} hertz`],
      [this.windowsBox, windowsInWords(this.session.windows)],
    ] as const) {
      box.setAttribute('role', 'img');
      box.setAttribute('aria-label', label);
    }
  }

  private resize(): void {
    if (this.trace === undefined || this.trace.width === this.width) return;
    for (const plot of this.plots) plot?.setSize({ width: this.width, height: plot.height });
  }
}
