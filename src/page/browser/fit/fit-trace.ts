import type { LiveView, TraceFrame } from '../../page-messages.js';
import { TraceRing } from '../../trace-ring.js';
import { element } from '../elements.js';
import { Playhead } from '../playhead.js';
import { SizedCanvas } from '../sized-canvas.js';
import { readPalette, type Palette } from '../theme.js';
import { TraceCanvas } from '../trace-canvas.js';

const SPAN_SECONDS = 10;
const NOTHING = { gaps: [], windows: [], noContact: [] };

/** The trace while a stethoscope is fitted, drawn once a frame while it is to be seen. */
export class FitTrace {
  private readonly ring = new TraceRing();
  private readonly playhead = new Playhead();
  private readonly size = new SizedCanvas(element<HTMLCanvasElement>('fit-trace'));
  private readonly trace = new TraceCanvas(this.size, this.ring);
  private readonly wantsStillness = matchMedia('(prefers-reduced-motion: reduce)');
  private palette: Palette = readPalette();
  private recording = -1;
  private view: Pick<LiveView, 'gaps' | 'windows' | 'noContact'> = NOTHING;
  private isShown = false;
  private drawn = '';

  /** How far the trace has come. */
  get heardSeconds(): number {
    return this.ring.endSeconds;
  }

  recolour(): void {
    this.palette = readPalette();
    this.drawn = '';
  }

  show(isShown: boolean): void {
    if (isShown && !this.isShown) requestAnimationFrame((now) => this.frame(now));
    this.isShown = isShown;
    this.drawn = '';
  }

  takeView(view: LiveView): void {
    this.begin(view.recording);
    this.view = view;
  }

  takeTrace(frame: TraceFrame): void {
    this.begin(frame.recording);
    this.ring.push(frame);
  }

  /** After the line to the server broke it tells everything anew. */
  forget(): void {
    this.recording = -1;
  }

  private begin(recording: number): void {
    if (recording === this.recording) return;
    this.recording = recording;
    this.ring.clear();
    this.playhead.reset();
    this.view = NOTHING;
    this.drawn = '';
  }

  private frame(nowMs: number): void {
    if (!this.isShown) return;
    requestAnimationFrame((now) => this.frame(now));
    const untilSeconds = this.playhead.advance(nowMs, this.ring.endSeconds);
    // For people whom moving pictures trouble the picture stands still and the trace runs through it.
    const fromSeconds = this.wantsStillness.matches
      ? Math.floor(untilSeconds / SPAN_SECONDS) * SPAN_SECONDS
      : untilSeconds - SPAN_SECONDS;
    const picture = `${fromSeconds} ${untilSeconds} ${this.ring.endSample}`;
    if (picture === this.drawn && !this.size.isChanged) return;
    this.drawn = picture;
    this.size.isChanged = false;
    this.trace.draw(
      { fromSeconds, spanSeconds: SPAN_SECONDS, untilSeconds },
      { marks: [], ...this.view },
      this.palette,
    );
  }
}
