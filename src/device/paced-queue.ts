import { Subscription } from 'rxjs';
import type { Sampled } from '../decode/samples.js';
import { lengthOf } from './loss-watch.js';
import type { CreditOptions } from './search-ports.js';

export interface PacedQueueListener {
  tell(value: Sampled): void;
  /** So much waits that the source should wait too. */
  full(): void;
  empty(): void;
}

/** From here on the source is to wait, in seconds of its own time. */
const FULL_SECONDS = 10;
const LOOK_INTERVAL_MS = 50;

/** Samples of a source that waits, handed on no faster than the receiver takes them, in pieces of a second at most. */
export class PacedQueue {
  private readonly parts = new Subscription();
  private values: Sampled[] = [];
  private waiting = 0;
  private isFull = false;
  private last: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isDraining = false;
  private sampleRateHz = 0;

  /** @param credit without it everything is handed on at once */
  constructor(
    private readonly credit: CreditOptions | undefined,
    private readonly listener: PacedQueueListener,
  ) {
    this.parts.add(credit?.roomAgain$?.subscribe(() => this.drain()));
  }

  get isEmpty(): boolean {
    return this.values.length === 0;
  }

  push(value: Sampled, sampleRateHz: number): void {
    this.sampleRateHz = sampleRateHz;
    this.values.push(value);
    this.waiting += lengthOf(value);
    this.drain();
    if (!this.isFull && this.waiting > FULL_SECONDS * sampleRateHz) {
      this.isFull = true;
      this.listener.full();
    }
  }

  /** Nobody wants the rest. */
  clear(): void {
    this.values = [];
    this.waiting = 0;
  }

  /** Calls once nothing waits any more. */
  onceEmpty(last: () => void): void {
    this.last = last;
    this.drain();
  }

  close(): void {
    clearTimeout(this.timer);
    this.clear();
    this.last = undefined;
    this.parts.unsubscribe();
  }

  private drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    while (this.values.length > 0 && (this.credit?.availableSamples() ?? 1) > 0)
      this.listener.tell(this.takePiece());
    this.isDraining = false;
    if (this.values.length > 0) {
      this.timer = setTimeout(() => this.drain(), LOOK_INTERVAL_MS);
      return;
    }
    if (this.isFull) {
      this.isFull = false;
      this.listener.empty();
    }
    const { last } = this;
    this.last = undefined;
    last?.();
  }

  private takePiece(): Sampled {
    const [value] = this.values;
    const most = Math.max(1, Math.round(this.sampleRateHz));
    if (value.kind === 'gap' || value.samples.length <= most) {
      this.values.shift();
      this.waiting -= lengthOf(value);
      return value;
    }
    this.waiting -= most;
    this.values[0] = {
      ...value,
      firstSample: value.firstSample + most,
      samples: value.samples.subarray(most),
    };
    return { ...value, samples: value.samples.slice(0, most) };
  }
}
