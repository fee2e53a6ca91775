import type { Output } from './output.js';
import type { LevelEvent, StatusEvent } from '../screen/screening-events.js';
import type { ProgramEvent } from './program-events.js';
import { printable } from '../printable.js';
import { eventSentence } from './sentences.js';
import { blockFor, TraceStrip } from './trace-strip.js';
import { DISCLAIMER } from '../verdict/disclaimer.js';
import { percent, reasonSentence, seconds } from '../verdict/verdict-words.js';
import type { VerdictEvent, WindowEvent } from '../screen/result-events.js';

const REDRAW_MS = 100;
const TRACE_SECONDS = 6;
const LABEL_COLUMNS = 13;

/** What the view writes to: a terminal, or a test. */
export interface TerminalLike {
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * A live recording in a terminal: a few lines that are drawn anew in place. What a person must not miss (lost samples,
 * connection, errors, the final result) is written above them and stays. Without colour (NO_COLOR) it says the same.
 */
export class LiveView implements Output {
  private readonly strip: TraceStrip;
  private readonly columns: number;
  private readonly probabilities: (number | null)[] = [];
  private device = 'looking for a stethoscope …';
  private window: WindowEvent | undefined;
  private verdict: VerdictEvent | undefined;
  private status: StatusEvent | undefined;
  private level: LevelEvent | undefined;
  private lostSamples = 0;
  private drawnLines = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly terminal: TerminalLike,
    modelRateHz: number,
    private readonly color: boolean,
  ) {
    this.columns = Math.max(20, Math.min(100, (terminal.columns ?? 80) - LABEL_COLUMNS - 1));
    this.strip = new TraceStrip(modelRateHz, this.columns, TRACE_SECONDS);
  }

  trace(samples: Float64Array): void {
    this.strip.push(samples);
    this.redrawSoon();
  }

  event(event: ProgramEvent): void {
    switch (event.kind) {
      case 'device':
        this.device = eventSentence(event)!;
        break;
      case 'window':
        this.window = event;
        this.probabilities.push(event.probability);
        if (this.probabilities.length > this.columns) this.probabilities.shift();
        break;
      case 'verdict':
        this.verdict = event;
        break;
      case 'status':
        this.status = event;
        break;
      case 'level':
        this.level = event;
        break;
      case 'gap':
        this.lostSamples += event.lostSamples;
        this.say(eventSentence(event)!);
        break;
      case 'final':
        this.close();
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
    this.erase();
    this.terminal.write(`${line}\n`);
  }

  log(line: string): void {
    this.say(printable(line));
  }

  /** Draws nothing more; what stands in the terminal is erased. */
  close(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.erase();
  }

  private redrawSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.erase();
      const lines = this.lines();
      this.terminal.write(`${lines.join('\n')}\n`);
      this.drawnLines = lines.length;
    }, REDRAW_MS);
  }

  private erase(): void {
    if (this.drawnLines > 0) this.terminal.write(`\u001b[${this.drawnLines}A\u001b[J`);
    this.drawnLines = 0;
  }

  private lines(): string[] {
    const { window, verdict, status } = this;
    const label = (name: string) => name.padEnd(LABEL_COLUMNS);
    const cut = (line: string) => line.slice(0, this.columns + LABEL_COLUMNS);
    const quality =
      window === undefined
        ? '–'
        : `${window.quality.toFixed(2)} ${window.usable ? 'good' : window.reasons.map(reasonSentence).join('; ')}`;
    const word = verdict?.verdict ?? 'listening';
    const because =
      verdict === undefined || verdict.reasons.length === 0
        ? ''
        : `: ${verdict.reasons.map(reasonSentence).join('; ')}`;
    const figures = `probability of abnormal ${percent(verdict?.probability ?? null)}, ${seconds(verdict?.usableSeconds ?? 0)} usable`;
    const battery = (status?.batteryPercent ?? null) === null ? '' : `   battery ${status?.batteryPercent} %`;
    const contact = status?.contact === false ? '   no skin contact' : '';
    const bpm = window?.heartRateBpm ?? null;
    const rate = bpm === null ? '–' : `${Math.round(bpm)} beats a minute`;
    return [
      cut(this.device),
      label('heart sound') + this.strip.toString(),
      label('abnormal') + this.probabilities.map(blockFor).join('').padStart(this.columns),
      cut(label('quality') + quality),
      label('heart rate') + rate,
      ...(this.level === undefined ? [] : [cut(label('level') + levelLine(this.level))]),
      label('verdict') + this.paint(word, cut(`${word.toUpperCase()}${because} (${figures})`)),
      cut(`${label('lost')}${this.lostSamples} samples${battery}${contact}`),
    ];
  }

  private paint(verdict: VerdictEvent['verdict'], text: string): string {
    if (!this.color) return text;
    const codes = { listening: '36', normal: '32', abnormal: '31', inconclusive: '33' };
    return `\u001b[1;${codes[verdict]}m${text}\u001b[0m`;
  }
}

const METER_COLUMNS = 20;
const METER_FROM_DB = -60;
const ADVICE = { good: '', quiet: '   too quiet: more gain', clipping: '   CLIPPING: less gain' } as const;

/** A bar from -60 dB to full scale, the figure, and what to do about it. */
function levelLine({ peakDbfs, advice }: LevelEvent): string {
  const share = peakDbfs === null ? 0 : Math.max(0, Math.min(1, 1 - peakDbfs / METER_FROM_DB));
  const filled = Math.round(METER_COLUMNS * share);
  const figure = peakDbfs === null ? 'silent' : `${Math.round(peakDbfs)} dB`;
  return `${'█'.repeat(filled)}${'░'.repeat(METER_COLUMNS - filled)} ${figure}${ADVICE[advice]}`;
}
