import type { LiveView, TraceFrame } from '../page-messages.js';
import { BandCanvas } from './band-canvas.js';
import { element, setText } from './elements.js';
import { Playhead } from './playhead.js';
import { readPalette, type Palette } from './theme.js';
import { SizedCanvas } from './sized-canvas.js';
import { TraceCanvas, type Span } from './trace-canvas.js';
import { TraceRing } from '../trace-ring.js';
import type { HeartSoundMark } from '../../bedside/bedside-status.js';

const SPAN_SECONDS = 10;
const MARKS_KEPT = 100;
const SCALE_INTERVAL_MS = 500;
const NOTHING = { gaps: [], windows: [], noContact: [] };

/** The two pictures of the live page, on one time axis, drawn once a frame while they are to be seen. */
export class LiveCharts {
  private readonly ring = new TraceRing();
  private readonly playhead = new Playhead();
  private readonly trace: TraceCanvas;
  private readonly bands: BandCanvas;
  private readonly traceSize = new SizedCanvas(element<HTMLCanvasElement>('trace'));
  private readonly bandSize = new SizedCanvas(element<HTMLCanvasElement>('bands'));
  private readonly wantsStillness = matchMedia('(prefers-reduced-motion: reduce)');
  private palette: Palette = readPalette();
  private recording = -1;
  private marks: HeartSoundMark[] = [];
  private view: Pick<LiveView, 'gaps' | 'windows' | 'noContact'> = NOTHING;
  private isShown = false;
  private isWanted = false;
  private isPaused = false;
  private shown: Span = { fromSeconds: -SPAN_SECONDS, spanSeconds: SPAN_SECONDS, untilSeconds: 0 };
  private drawn = '';
  private scaleAtMs = 0;
  private heardAtMs = performance.now();

  constructor() {
    this.trace = new TraceCanvas(this.traceSize, this.ring);
    this.bands = new BandCanvas(this.bandSize, this.ring);
  }

  recolour(): void {
    this.palette = readPalette();
    this.drawn = '';
  }

  show(isShown: boolean): void {
    this.isWanted = isShown;
    this.run();
  }

  /** What comes is kept while another picture is looked at. */
  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.run();
  }

  private run(): void {
    const isShown = this.isWanted && !this.isPaused;
    if (isShown && !this.isShown) requestAnimationFrame((now) => this.frame(now));
    this.isShown = isShown;
    this.drawn = '';
  }

  /** What is drawn now: of which recording, and which part of it. */
  get picture(): { readonly recording: number; readonly sampleRateHz: number; readonly span: Span } {
    const { recording, ring, shown } = this;
    return { recording, sampleRateHz: ring.sampleRateHz, span: shown };
  }

  takeView(view: LiveView): void {
    this.begin(view.recording);
    this.view = view;
    this.drawn = '';
  }

  /** How far the trace has come, and since when nothing has. */
  get present(): { readonly heardSeconds: number; readonly silentMs: number } {
    return { heardSeconds: this.ring.endSeconds, silentMs: performance.now() - this.heardAtMs };
  }

  takeTrace(frame: TraceFrame): void {
    this.begin(frame.recording);
    this.heardAtMs = performance.now();
    this.ring.push(frame);
  }

  takeMarks(recording: number, marks: readonly HeartSoundMark[]): void {
    this.begin(recording);
    this.marks = [...this.marks, ...marks].slice(-MARKS_KEPT);
    this.drawn = '';
  }

  /** After the line to the server broke it tells everything anew. */
  forget(): void {
    this.recording = -1;
  }

  private begin(recording: number): void {
    if (recording === this.recording) return;
    this.recording = recording;
    this.heardAtMs = performance.now();
    this.ring.clear();
    this.playhead.reset();
    this.bands.reset();
    this.marks = [];
    this.view = NOTHING;
  }

  private frame(nowMs: number): void {
    if (!this.isShown) return;
    requestAnimationFrame((now) => this.frame(now));
    const span = (this.shown = this.span(nowMs));
    // Where nothing moves there is nothing to draw.
    const picture = `${span.fromSeconds} ${span.untilSeconds} ${this.ring.endSample}`;
    if (picture === this.drawn && !this.traceSize.isChanged && !this.bandSize.isChanged) return;
    this.drawn = picture;
    this.traceSize.isChanged = this.bandSize.isChanged = false;
    this.trace.draw(span, { marks: this.marks, ...this.view }, this.palette);
    this.bands.draw(span);
    if (nowMs - this.scaleAtMs < SCALE_INTERVAL_MS) return;
    this.scaleAtMs = nowMs;
    const percent = 100 * this.trace.fullDeflection;
    setText(element('scale'), `· height ±${percent.toFixed(percent < 10 ? 1 : 0)} % of full scale`);
  }

  private span(nowMs: number): Span {
    const untilSeconds = this.playhead.advance(nowMs, this.ring.endSeconds);
    // For people whom moving pictures trouble the picture stands still and the trace runs through it.
    const fromSeconds = this.wantsStillness.matches
      ? Math.floor(untilSeconds / SPAN_SECONDS) * SPAN_SECONDS
      : untilSeconds - SPAN_SECONDS;
    return { fromSeconds, spanSeconds: SPAN_SECONDS, untilSeconds };
  }
}
