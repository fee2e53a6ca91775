import type { ControllerStatus, PreviewWindow } from '../bedside/bedside-status.js';
import { RecentHeartRate } from '../heart/recent-heart-rate.js';
import { printable } from '../printable.js';
import type { VerdictEvent, WindowEvent } from '../screen/result-events.js';
import type { LevelEvent, StatusEvent } from '../screen/screening-events.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';
import { reasonSentence } from '../verdict/verdict-words.js';
import { levelLine } from './level-line.js';
import type { Output } from './output.js';
import type { ProgramEvent } from './program-events.js';
import { eventSentence, figuresSentence } from './sentences.js';
import { linesThatFit, type Row } from './terminal-rows.js';
import { cutToCells, rowsOf, wrapToCells } from './terminal-lines.js';
import { blockFor, TraceStrip } from './trace-strip.js';

const REDRAW_MS = 100;
const TRACE_SECONDS = 6;
const LABEL_COLUMNS = 13;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const MOST_STRIP_COLUMNS = 100;
const LOOKING = 'looking for a stethoscope …';

/** What the view writes to: a terminal, or a test. */
export interface TerminalLike {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  /** Calls back when its size has changed. */
  on?(event: 'resize', changed: () => void): unknown;
  off?(event: 'resize', changed: () => void): unknown;
}

/**
 * A live recording in a terminal: a few lines that are drawn anew in place. What a person must not miss (lost samples,
 * connection, errors, the final result) is written above them and stays. Without colour (NO_COLOR) it says the same.
 *
 * No line is wider than the terminal, and no more lines than it has rows, whatever its size; where it is made narrower
 * the rows that the lines take then are the ones that are erased. Only what that pushes out at the top stays in the history.
 */
export class LiveView implements Output {
  private strip: TraceStrip;
  private probabilities: (number | null)[] = [];
  private readonly heartRate = new RecentHeartRate();
  private device = LOOKING;
  private bedside: ControllerStatus | undefined;
  private window: PreviewWindow | undefined;
  private verdict: VerdictEvent | undefined;
  private lastStatus: StatusEvent | undefined;
  private level: LevelEvent | undefined;
  private lostSamples = 0;
  private drawn: readonly string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly resized = () => {
    if (this.drawn.length > 0) this.draw();
  };

  constructor(
    private readonly terminal: TerminalLike,
    modelRateHz: number,
    private readonly color: boolean,
  ) {
    this.strip = new TraceStrip(modelRateHz, this.stripColumns, TRACE_SECONDS);
    terminal.on?.('resize', this.resized);
  }

  trace(samples: Float64Array): void {
    this.strip.push(samples);
    this.redrawSoon();
  }

  status(status: ControllerStatus): void {
    const { bedside: before } = this;
    this.bedside = status;
    const begins = status.state === 'connecting' && before?.state !== 'connecting';
    const listens = status.preview === 'listening' && before?.preview !== 'listening';
    const searches = status.preview === 'searching' && before?.preview !== 'searching';
    if (begins || listens || searches) this.forget();
    if (begins || searches) this.device = LOOKING;
    if (status.preview !== before?.preview || begins) this.redrawSoon();
  }

  preview(window: PreviewWindow): void {
    this.window = window;
    this.redrawSoon();
  }

  event(event: ProgramEvent): void {
    switch (event.kind) {
      case 'device':
        this.device = eventSentence(event)!;
        break;
      case 'window':
        this.takeWindow(event);
        break;
      case 'verdict':
        this.verdict = event;
        break;
      case 'status':
        this.lastStatus = event;
        break;
      case 'level':
        this.level = event;
        break;
      case 'gap':
        this.lostSamples += event.lostSamples;
        this.say(eventSentence(event)!);
        break;
      case 'final':
        this.stopDrawing();
        this.say(`${this.paint(event.verdict, eventSentence(event)!)}\n${DISCLAIMER}`);
        return;
      default: {
        const sentence = eventSentence(event);
        if (sentence !== undefined) this.say(sentence);
      }
    }
    this.redrawSoon();
  }

  say(line: string): void {
    this.terminal.write(`${this.erasing()}${line}\n`);
  }

  log(line: string): void {
    this.say(printable(line));
  }

  /** Draws nothing more; what stands in the terminal is erased. */
  close(): void {
    this.terminal.off?.('resize', this.resized);
    this.stopDrawing();
  }

  private takeWindow(event: WindowEvent): void {
    this.window = event;
    this.heartRate.push(event.heartRateBpm);
    // What was heard in noise alone says nothing of the heart.
    this.probabilities.push(event.usable ? event.probability : null);
    if (this.probabilities.length > MOST_STRIP_COLUMNS) this.probabilities.shift();
  }

  /** Another recording, or a preview, is about to be shown. */
  private forget(): void {
    this.probabilities = [];
    this.heartRate.reset();
    this.window = undefined;
    this.verdict = undefined;
    this.lastStatus = undefined;
    this.lostSamples = 0;
    this.strip = this.strip.cleared();
  }

  private stopDrawing(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const erasing = this.erasing();
    if (erasing !== '') this.terminal.write(erasing);
  }

  private redrawSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.draw();
    }, REDRAW_MS);
  }

  /** In one write, so that nobody sees the view without its lines. */
  private draw(): void {
    if (this.strip.columns !== this.stripColumns) this.strip = this.strip.resized(this.stripColumns);
    const erasing = this.erasing();
    this.drawn = this.lines();
    this.terminal.write(`${erasing}${this.drawn.map((line) => `${line}\n`).join('')}`);
  }

  private erasing(): string {
    const rows = this.drawn.reduce((sum, line) => sum + rowsOf(line, this.columns), 0);
    this.drawn = [];
    return rows === 0 ? '' : `\u001b[${rows}A\r\u001b[J`;
  }

  private get columns(): number {
    return this.terminal.columns ?? DEFAULT_COLUMNS;
  }

  /** Cells of a line: one less than the terminal's, since some break a line that is full. */
  private get width(): number {
    return Math.max(1, this.columns - 1);
  }

  private get stripColumns(): number {
    return Math.max(1, Math.min(MOST_STRIP_COLUMNS, this.width - LABEL_COLUMNS));
  }

  private lines(): readonly string[] {
    const rows = this.isPreview ? this.previewRows() : this.recordingRows();
    const room = Math.max(1, (this.terminal.rows ?? DEFAULT_ROWS) - 1);
    return linesThatFit(rows, room);
  }

  private get isPreview(): boolean {
    return this.bedside?.preview === 'listening' || this.bedside?.preview === 'searching';
  }

  private previewRows(): Row[] {
    const what =
      this.bedside?.preview === 'searching'
        ? 'no stethoscope is heard; it is found by itself once it is plugged in'
        : 'nothing is stored or judged; press Start on the live page to record';
    return [
      this.deviceRow(),
      this.stripRow(),
      ...this.levelRow(),
      this.row('quality', this.qualityWords, 4),
      this.row('heart rate', this.rateWords, 3),
      this.row('PREVIEW', what, 6),
    ];
  }

  private recordingRows(): Row[] {
    const { verdict, lastStatus } = this;
    const word = verdict?.verdict ?? 'listening';
    const reasons = verdict?.reasons ?? [];
    const because = reasons.length === 0 ? '' : `: ${reasons.map(reasonSentence).join('; ')}`;
    const figures = figuresSentence({
      probability: verdict?.probability ?? null,
      usableSeconds: verdict?.usableSeconds ?? 0,
    });
    const battery =
      (lastStatus?.batteryPercent ?? null) === null ? '' : `   battery ${lastStatus?.batteryPercent} %`;
    const contact = lastStatus?.contact === false ? '   no skin contact' : '';
    const chances = this.probabilities.slice(-this.stripColumns).map(blockFor).join('');
    return [
      this.deviceRow(),
      this.stripRow(),
      ...this.levelRow(),
      this.plainRow('abnormal', chances.padStart(this.stripColumns), 2),
      this.row('quality', this.qualityWords, 4),
      this.row('heart rate', this.rateWords, 3),
      this.row('verdict', `${word.toUpperCase()}${because} (${figures})`, 6, (text) =>
        this.paint(word, text),
      ),
      this.row('lost', `${this.lostSamples} samples${battery}${contact}`, 5),
    ];
  }

  private get qualityWords(): string {
    const { window } = this;
    if (window === undefined) return '–';
    const words = window.usable ? 'good' : window.reasons.map(reasonSentence).join('; ');
    return `${window.quality.toFixed(2)} ${words}`;
  }

  private get rateWords(): string {
    const bpm = this.isPreview ? (this.window?.heartRateBpm ?? null) : this.heartRate.estimate();
    return bpm === null ? '–' : `${Math.round(bpm)} beats a minute`;
  }

  /** Only of a source that has a gain to set. */
  private levelRow(): Row[] {
    return this.level === undefined ? [] : [this.plainRow('level', levelLine(this.level), 2)];
  }

  private deviceRow(): Row {
    return { lines: [cutToCells(this.device, this.width)], worth: 1 };
  }

  private stripRow(): Row {
    return this.plainRow('heart sound', this.strip.toString(), 2);
  }

  private plainRow(label: string, text: string, worth: number): Row {
    return { lines: [cutToCells(label.padEnd(LABEL_COLUMNS) + text, this.width)], worth };
  }

  private row(label: string, text: string, worth: number, paint = (line: string) => line): Row {
    const lines = wrapToCells(text, this.stripWidth).map((line, i) => {
      const place = cutToCells((i === 0 ? label : '').padEnd(LABEL_COLUMNS), this.width);
      return place.padEnd(Math.min(LABEL_COLUMNS, this.width - 1)) + paint(line);
    });
    return { lines, worth };
  }

  /** Cells beside the label, however narrow the terminal. */
  private get stripWidth(): number {
    return Math.max(1, this.width - LABEL_COLUMNS);
  }

  private paint(verdict: VerdictEvent['verdict'], text: string): string {
    if (!this.color) return text;
    const codes = { listening: '36', normal: '32', abnormal: '31', inconclusive: '33' };
    return `\u001b[1;${codes[verdict]}m${text}\u001b[0m`;
  }
}
