/** What a progress bar is drawn on: a terminal, or a test. */
export interface ProgressTerminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 100;
const BAR_COLUMNS = 24;
/** With fewer things to do the bar is gone before it says anything. */
const LEAST_TOTAL = 3;

/**
 * How far a long job is, with its rate and the time left, on one line that is drawn in place on stderr. Draws nothing
 * where stderr is no terminal: results and logs stay clean.
 */
export class ProgressBar {
  private readonly isShown: boolean;
  private readonly beganAt: number;
  private drawnAt = -Infinity;

  /**
   * @param what the things that are counted, for people
   * @param now milliseconds, monotonic
   */
  constructor(
    private readonly total: number,
    private readonly what: string,
    private readonly terminal: ProgressTerminal = process.stderr,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.isShown = terminal.isTTY === true && total >= LEAST_TOTAL;
    this.beganAt = now();
  }

  update(done: number): void {
    if (!this.isShown) return;
    const now = this.now();
    if (now - this.drawnAt < REDRAW_MS && done < this.total) return;
    this.drawnAt = now;
    const seconds = (now - this.beganAt) / 1000;
    const rate = seconds > 0 ? done / seconds : 0;
    const filled = Math.round((BAR_COLUMNS * done) / this.total);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_COLUMNS - filled);
    const left = rate > 0 ? `, ${timeText((this.total - done) / rate)} left` : '';
    const line = `${bar} ${done} of ${this.total} ${this.what}, ${rate.toFixed(1)} a second${left}`;
    this.terminal.write(`\r\u001b[K${line.slice(0, (this.terminal.columns ?? 80) - 1)}`);
  }

  /** Takes the bar away, so that something else can be written. The next update draws it again. */
  clear(): void {
    if (this.isShown && this.drawnAt > -Infinity) this.terminal.write('\r\u001b[K');
    this.drawnAt = -Infinity;
  }
}

/** How long something takes still, for people. */
export function timeText(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
