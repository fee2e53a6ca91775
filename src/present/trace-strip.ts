/** Heights of a line of text, lowest first. */
const BLOCKS = '▁▂▃▄▅▆▇█';
/** Levels below this share of the loudest one are drawn lowest, so that a pause looks like one. */
const FLOOR = 0.04;

/**
 * The last seconds of the heart sound as one line of text: the loudest sample of each short piece, relative to the
 * loudest of all pieces shown.
 */
export class TraceStrip {
  private readonly peaks: number[] = [];
  private peak = 0;
  private count = 0;

  /**
   * @param sampleRateHz of the samples pushed
   * @param columns characters of the line
   * @param seconds what the line spans
   */
  constructor(
    private readonly sampleRateHz: number,
    readonly columns: number,
    private readonly seconds: number,
  ) {}

  /** The same seconds in a line of another length. */
  resized(columns: number): TraceStrip {
    const strip = this.cleared(columns);
    const shown = Math.round((this.peaks.length * columns) / this.columns);
    for (let i = 0; i < shown; i++) {
      strip.peaks.push(this.peaks[Math.floor((i * this.peaks.length) / shown)]);
    }
    return strip;
  }

  /** One that has heard nothing yet. */
  cleared(columns = this.columns): TraceStrip {
    return new TraceStrip(this.sampleRateHz, columns, this.seconds);
  }

  push(samples: Float64Array): void {
    const perColumn = Math.max(1, Math.round((this.seconds * this.sampleRateHz) / this.columns));
    for (const sample of samples) {
      this.peak = Math.max(this.peak, Math.abs(sample));
      if (++this.count < perColumn) continue;
      this.peaks.push(this.peak);
      if (this.peaks.length > this.columns) this.peaks.shift();
      this.peak = this.count = 0;
    }
  }

  toString(): string {
    const loudest = Math.max(...this.peaks, Number.MIN_VALUE);
    const blocks = this.peaks.map((peak) => {
      const height = Math.sqrt(Math.max(0, peak / loudest - FLOOR) / (1 - FLOOR));
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(height * BLOCKS.length))];
    });
    return blocks.join('').padStart(this.columns);
  }
}

/** A share in [0, 1] as one character; a space for what is not known. */
export function blockFor(share: number | null): string {
  if (share === null) return ' ';
  return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(share * BLOCKS.length))];
}
