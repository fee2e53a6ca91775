import { expectPositive } from '../../expect-positive.js';
import type { PlainWireDecoder } from './plain-wire.js';
import type { Sampled } from '../samples.js';

export interface AsciiWireOptions {
  /** Number that stands for 1.0, default 32768: half of the converter's range, 512 for a 10-bit converter. */
  readonly fullScale?: number;
}

/** Totals since the wire was made or reset. */
export interface AsciiWireCounters {
  readonly samples: number;
  /** Lines that stood for a sample and held no number: the samples lost. */
  readonly badLines: number;
  /** Numbers beyond the full scale: the full scale is wrong. */
  readonly outOfRangeSamples: number;
  /** Bytes before the end of the first line, which may have been cut and is not counted as a sample. */
  readonly leadingBytes: number;
}

/** No decimal number that a double can hold apart needs more. */
const MAX_LINE_BYTES = 64;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const NUMBER = /^[ \t]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[ \t]*$/;
const BLANK = /^[ \t]*$/;

/**
 * One decimal number a line, as `Serial.println` sends it, to samples.
 *
 *     "12\r\n-7\r\nx9\r\n3.5\n"   ->   12, -7, a gap of one sample, 3.5
 *
 * LF, CR or both end a line; blank lines mean nothing. A line that is no number, or longer than 64 bytes, is one lost
 * sample. What this wire cannot show: a digit lost inside a number, a line end lost between two numbers, whole
 * lines lost.
 */
export class AsciiWire implements PlainWireDecoder {
  readonly bitsPerSample = 16;
  readonly fullScale: number;
  private readonly line = new Uint8Array(MAX_LINE_BYTES);
  /** Bytes of the line so far, more than the array holds where the line is too long. */
  private length!: number;
  /** No line end has come yet. */
  private first!: boolean;
  private next!: number;
  private counts!: { -readonly [Name in keyof AsciiWireCounters]: number };

  constructor(options: AsciiWireOptions = {}) {
    const { fullScale = 32768 } = options;
    expectPositive(fullScale, 'fullScale');
    this.fullScale = fullScale;
    this.reset();
  }

  get counters(): AsciiWireCounters {
    return { ...this.counts };
  }

  /** As new: the next line may be cut again. */
  reset(): void {
    this.length = 0;
    this.first = true;
    this.next = 0;
    this.counts = { samples: 0, badLines: 0, outOfRangeSamples: 0, leadingBytes: 0 };
  }

  /**
   * @param bytes the next bytes of the stream; not kept.
   * @returns chunks, and gaps of neighbouring bad lines; the receiver owns the arrays.
   */
  push(bytes: Uint8Array): Sampled[] {
    const run = new Run(this.next);
    for (const byte of bytes) {
      if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
        this.endLine(run);
        this.first = false;
      } else {
        if (this.first) this.counts.leadingBytes += 1;
        if (this.length < MAX_LINE_BYTES) this.line[this.length] = byte;
        this.length += 1;
      }
    }
    this.next = run.next;
    return run.finish();
  }

  /** The stream has ended: a line that did not end may be cut and is a lost sample. */
  finish(): Sampled[] {
    const run = new Run(this.next);
    const overlong = this.length > MAX_LINE_BYTES;
    if (!this.first && (overlong || !BLANK.test(this.text()))) this.giveUp(run);
    this.length = 0;
    this.next = run.next;
    return run.finish();
  }

  private endLine(run: Run): void {
    const text = this.text();
    const overlong = this.length > MAX_LINE_BYTES;
    this.length = 0;
    if (this.first || (!overlong && BLANK.test(text))) return;
    const value = Number(text);
    if (overlong || !NUMBER.test(text) || !Number.isFinite(value)) {
      this.giveUp(run);
      return;
    }
    const amplitude = value / this.fullScale;
    if (amplitude < -1 || amplitude >= 1) this.counts.outOfRangeSamples += 1;
    this.counts.samples += 1;
    run.add(amplitude);
  }

  private giveUp(run: Run): void {
    this.counts.badLines += 1;
    run.lose();
  }

  private text(): string {
    return String.fromCharCode(...this.line.subarray(0, Math.min(this.length, MAX_LINE_BYTES)));
  }
}

/** The samples and losses of one push. */
class Run {
  next: number;
  private readonly items: Sampled[] = [];
  private values: number[] = [];
  private lost = 0;

  constructor(next: number) {
    this.next = next;
  }

  add(value: number): void {
    this.endGap();
    this.values.push(value);
    this.next += 1;
  }

  lose(): void {
    this.endChunk();
    this.lost += 1;
    this.next += 1;
  }

  finish(): Sampled[] {
    this.endGap();
    this.endChunk();
    return this.items;
  }

  private endChunk(): void {
    if (this.values.length === 0) return;
    const samples = Float64Array.from(this.values);
    this.items.push({ kind: 'samples', firstSample: this.next - samples.length, samples });
    this.values = [];
  }

  private endGap(): void {
    if (this.lost === 0) return;
    this.items.push({
      kind: 'gap',
      atSample: this.next - this.lost,
      lostSamples: this.lost,
      cause: 'lost',
    });
    this.lost = 0;
  }
}
