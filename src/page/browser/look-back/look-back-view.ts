import {
  BAND_LEVELS,
  BAND_ROWS,
  BAND_TILE_COLUMNS,
  bandTileSeconds,
  keptLevel,
  levelFor,
  MOST_TILES,
  TRACE_LEVELS,
  TRACE_TILE_BINS,
  traceTileSeconds,
} from '../../look-back-grid.js';
import { COLUMN_SECONDS } from '../../spectrum-columns.js';
import { setText } from '../elements.js';
import { readPalette, type Palette } from '../theme.js';
import { SizedCanvas } from '../sized-canvas.js';
import { TraceCanvas } from '../trace-canvas.js';
import { BandLane } from './band-lane.js';
import { Gestures, type GestureListener } from './gestures.js';
import { takeKey, type KeyListener } from './keys.js';
import { buildParts, type LookBackParts } from './look-back-parts.js';
import type { LookBackSource } from './look-back-source.js';
import { remarksOn, windowsInWords } from './look-back-words.js';
import { drawLines } from './overlay-lines.js';
import { endNear, measuredWords, tapped, type Measurement } from './measurement.js';
import {
  clockAt,
  dragged,
  movedTo,
  secondsAt,
  secondsPerPixel,
  whole,
  zoomed,
  type TimeAxis,
} from './time-axis.js';
import { TileStore } from './tile-store.js';
import { TraceTiles } from './trace-tiles.js';
import { WindowLane } from './window-lane.js';

export interface LookBackOptions {
  readonly source: LookBackSource;
  readonly fromSeconds: number;
  readonly spanSeconds: number;
  /** See `Gestures`. */
  readonly takesWheel: boolean;
  /** Told of each moment that is tapped. */
  readonly onTap?: (seconds: number) => void;
  /** Back to what moves; without it there is nothing that does. */
  readonly onLive?: () => void;
}

const STEP = 0.1;
const PAGE = 0.9;
const ZOOM = 0.5;

/** Looks at any part of a recording: trace, spectrogram and windows on one time axis, with what was found in it. */
export class LookBackView {
  readonly parts: LookBackParts;
  private readonly trace: TraceCanvas;
  private readonly bands: BandLane;
  private readonly windows: WindowLane;
  private readonly sizes: readonly SizedCanvas[];
  private readonly traceTiles: TraceTiles;
  private readonly traceStore: TileStore<Float32Array>;
  private readonly bandStore: TileStore<Uint8Array>;
  private palette: Palette = readPalette();
  private shown: TimeAxis;
  private measurement: Measurement | null = null;
  private grabbed: keyof Measurement | null = null;
  private playedSeconds: number | null = null;
  private frame: number | undefined;
  private isComplete = false;
  private waiting: (() => void)[] = [];

  constructor(
    box: HTMLElement,
    private readonly options: LookBackOptions,
  ) {
    const { source, fromSeconds, spanSeconds } = options;
    const { sampleRateHz } = source.reach;
    this.shown = { fromSeconds, spanSeconds, width: 1 };
    this.parts = buildParts(options.onLive, {
      move: (part) => this.moveBy(part),
      zoom: (factor) => this.scaleBy(factor),
      all: () => this.lookAtAll(),
      clear: () => this.measure(null),
      slide: (share) => this.slide(share),
    });
    const invalidate = () => this.invalidate();
    const [trace, bands, windows] = (['trace', 'bands', 'windows'] as const).map(
      (lane) => new SizedCanvas(this.parts.lanes[lane], invalidate),
    );
    this.sizes = [trace, bands, windows];
    this.traceStore = new TileStore({
      ask: source.trace,
      tileSeconds: (level) => traceTileSeconds(level, sampleRateHz),
      length: 2 * TRACE_TILE_BINS,
      mostAtOnce: MOST_TILES,
      onNews: invalidate,
    });
    this.bandStore = new TileStore({
      ask: source.bands,
      tileSeconds: bandTileSeconds,
      length: BAND_TILE_COLUMNS * BAND_ROWS,
      mostAtOnce: MOST_TILES,
      onNews: invalidate,
    });
    this.traceTiles = new TraceTiles(sampleRateHz, (level, number) => this.traceStore.get(level, number));
    this.trace = new TraceCanvas(trace, this.traceTiles, true);
    this.bands = new BandLane(bands, (level, number) => this.bandStore.get(level, number));
    this.windows = new WindowLane(windows);
    const { hand } = this.parts;
    new Gestures(hand, this.listener, options.takesWheel);
    hand.addEventListener('keydown', (event) => takeKey(event, this.keys));
    box.append(this.parts.root);
    source.look(fromSeconds, fromSeconds + spanSeconds);
  }

  /** Something came from the source. */
  invalidate(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = undefined;
      this.draw();
    });
  }

  /** Once all that is shown has come. */
  complete(): Promise<void> {
    return this.isComplete ? Promise.resolve() : new Promise((resolve) => this.waiting.push(resolve));
  }

  /** The greatest amplitude of what is shown. */
  get peak(): number {
    const found = this.traceTiles.within(this.shown.fromSeconds, this.shown.spanSeconds);
    return found === null ? 0 : Math.max(-found.least, found.greatest);
  }

  recolour(): void {
    this.palette = readPalette();
    this.invalidate();
  }

  /** Shows where the sound is, and turns the page where it plays beyond what is shown. */
  follow(seconds: number, isPlaying: boolean): void {
    this.playedSeconds = seconds;
    const { fromSeconds, spanSeconds } = this.shown;
    const isBeyond = seconds < fromSeconds || seconds > fromSeconds + spanSeconds;
    this.look(isPlaying && isBeyond ? movedTo(this.shown, seconds, this.endSeconds) : this.shown);
  }

  /** Around the middle of what is shown; below 1 closer. */
  scaleBy(factor: number, x = this.shown.width / 2): void {
    this.look(zoomed(this.shown, factor, x, this.endSeconds));
  }

  /** By so large a part of what is shown, later where positive. */
  moveBy(part: number): void {
    this.look(dragged(this.shown, -part * this.shown.width, this.endSeconds));
  }

  lookAtAll(): void {
    this.look(whole(this.shown, this.endSeconds));
  }

  destroy(): void {
    if (this.frame !== undefined) cancelAnimationFrame(this.frame);
    this.frame = -1;
    this.traceStore.destroy();
    this.bandStore.destroy();
    this.options.source.destroy();
    this.parts.root.remove();
  }

  private get endSeconds(): number {
    return this.options.source.reach.endSeconds;
  }

  private slide(share: number): void {
    const room = Math.max(0, this.endSeconds - this.shown.spanSeconds);
    this.look(movedTo(this.shown, share * room, this.endSeconds));
  }

  private look(axis: TimeAxis): void {
    this.shown = axis;
    this.invalidate();
  }

  private measure(measurement: Measurement | null): void {
    this.measurement = measurement;
    this.invalidate();
  }

  private readonly listener: GestureListener = {
    drag: (pixels) => this.look(dragged(this.shown, pixels, this.endSeconds)),
    zoom: (factor, x) => this.scaleBy(factor, x),
    tap: (x) => {
      const seconds = secondsAt(this.shown, x);
      this.measure(tapped(this.measurement, seconds));
      this.options.onTap?.(seconds);
    },
    grab: (x) => {
      this.grabbed = endNear(this.measurement, this.shown, x);
      return this.grabbed !== null;
    },
    moveGrabbed: (x) => {
      if (this.measurement === null || this.grabbed === null) return;
      this.measure({ ...this.measurement, [this.grabbed]: secondsAt(this.shown, x) });
    },
  };

  private readonly keys: KeyListener = {
    move: (steps) => this.moveBy(STEP * steps),
    page: (pages) => this.moveBy(PAGE * pages),
    begin: () => this.look(movedTo(this.shown, 0, this.endSeconds)),
    end: () => this.look(movedTo(this.shown, Infinity, this.endSeconds)),
    zoom: (isCloser) => this.scaleBy(isCloser ? ZOOM : 1 / ZOOM),
    all: () => this.lookAtAll(),
    mark: () => this.listener.tap(this.shown.width / 2),
    escape: () => {
      if (this.measurement === null) return false;
      this.measure(null);
      return true;
    },
  };

  private draw(): void {
    const { source } = this.options;
    const [{ width }] = this.sizes;
    if (width === 0) return;
    const axis = (this.shown = { ...this.shown, width });
    const { endSeconds, keptFromSeconds, sampleRateHz } = source.reach;
    const toSeconds = axis.fromSeconds + axis.spanSeconds;
    source.look(axis.fromSeconds, toSeconds);
    const pixelSeconds = secondsPerPixel(axis);
    const wanted = levelFor(sampleRateHz * pixelSeconds, TRACE_LEVELS);
    const level = keptLevel(wanted, keptFromSeconds.trace, axis.fromSeconds);
    const bandLevel = levelFor(pixelSeconds / COLUMN_SECONDS, BAND_LEVELS);
    this.traceTiles.level = level;
    this.bands.level = keptLevel(bandLevel, keptFromSeconds.bands, axis.fromSeconds);
    // What is shown first, then what the next movement shows.
    const hasTrace = this.wantAround(this.traceStore, level);
    const hasBands = this.wantAround(this.bandStore, this.bands.level);
    const { marks, windows, gaps, noContact } = source.told;
    const span = { ...axis, untilSeconds: endSeconds };
    this.trace.draw(span, { marks: marks ?? [], windows, gaps, noContact }, this.palette);
    this.bands.draw(axis, endSeconds);
    this.windows.draw(axis, windows, this.palette);
    drawLines(this.sizes, axis, {
      measurement: this.measurement,
      playedSeconds: this.playedSeconds,
      hasKeys: this.parts.hand.matches(':focus-visible'),
      palette: this.palette,
    });
    this.say(level > wanted, hasTrace && hasBands);
    this.isComplete = hasTrace && hasBands;
    if (this.isComplete) for (const resolve of this.waiting.splice(0)) resolve();
  }

  private wantAround(store: TileStore<Float32Array> | TileStore<Uint8Array>, level: number): boolean {
    const { fromSeconds, spanSeconds } = this.shown;
    const has = store.want(level, fromSeconds, fromSeconds + spanSeconds, this.endSeconds);
    const toSeconds = fromSeconds + 1.5 * spanSeconds;
    if (has) store.want(level, fromSeconds - spanSeconds / 2, toSeconds, this.endSeconds);
    return has;
  }

  private say(isOutline: boolean, isThere: boolean): void {
    const { parts, shown, measurement, endSeconds } = this;
    const pixelSeconds = secondsPerPixel(shown);
    const from = Math.max(0, shown.fromSeconds);
    const to = Math.min(endSeconds, shown.fromSeconds + shown.spanSeconds);
    const span = `${clockAt(from, pixelSeconds)} to ${clockAt(to, pixelSeconds)}`;
    const { told } = this.options.source;
    const remarks = remarksOn({
      fullDeflection: this.trace.fullDeflection,
      failure: this.traceStore.error ?? this.bandStore.error,
      isThere,
      isOutline,
      told,
    });
    setText(parts.span, [span, ...remarks].join(' · '));
    setText(
      parts.reading,
      measurement === null
        ? ''
        : measuredWords(measurement, pixelSeconds, this.swing(measurement, pixelSeconds)),
    );
    parts.hand.setAttribute('aria-label', `Heart sound from ${span}`);
    parts.lanes.windows.setAttribute('aria-label', windowsInWords(told.windows, from, to));
    parts.clear.disabled = measurement === null;
    parts.setPlace(from, to, endSeconds, span);
  }

  private swing({ firstSeconds, secondSeconds }: Measurement, pixelSeconds: number): number | null {
    if (secondSeconds === null) return null;
    const seconds = Math.max(pixelSeconds, Math.abs(secondSeconds - firstSeconds));
    const found = this.traceTiles.within(Math.min(firstSeconds, secondSeconds), seconds);
    return found === null ? null : found.greatest - found.least;
  }
}
