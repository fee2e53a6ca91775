import type { Sampled } from '../decode/samples.js';
import { toLine, type PlacingLine } from './event-log.js';
import { SampleIntegers } from './sample-integers.js';
import type { SampleStorage } from './session-layout.js';
import type { WriteQueue } from './write-queue.js';

/** What could not be kept since the queue became full. */
interface Hole {
  readonly atSample: number;
  samples: number;
  gaps: number;
  events: number;
}

/** Bytes that a line about a gap is reckoned with before it is written. */
const LINE_BYTES = 256;

/**
 * Puts samples and events into the queue in their stored form, with the lines that say where in time samples stand.
 *
 * Where the queue is full a hole opens: nothing is kept until half of the queue is free, so that a slow disk makes few
 * long holes and not many short ones, and then one line says what is missing.
 */
export class KeptStream {
  private readonly integers: SampleIntegers;
  /** Samples that were queued: those on disk once the queue is empty. */
  private accepted = 0;
  /** Index that the next sample has if nothing is missing before it. */
  private position = 0;
  private hole: Hole | null = null;
  private hasEnded = false;
  private notStoredSamples = 0;
  private notStoredEvents = 0;

  /** @param onHole told when a hole opens */
  constructor(
    private readonly queue: WriteQueue,
    private readonly storage: SampleStorage,
    private readonly onHole: () => void,
  ) {
    this.integers = new SampleIntegers(storage);
  }

  get notStored(): { readonly samples: number; readonly events: number } {
    return { samples: this.notStoredSamples, events: this.notStoredEvents };
  }

  get inexactSamples(): number {
    return this.integers.inexact;
  }

  push(value: Sampled): void {
    if (value.kind === 'gap') {
      const { atSample, lostSamples, cause } = value;
      if (this.admit(LINE_BYTES, atSample)) this.place({ what: 'gap', atSample, lostSamples, cause });
      else if (this.hole !== null) this.hole.gaps++;
      this.position = atSample + lostSamples;
    } else if (value.samples.length > 0) {
      this.keep(value.firstSample, value.samples);
      this.position = value.firstSample + value.samples.length;
    }
  }

  event(event: object): void {
    let line = '';
    try {
      line = toLine(event);
    } catch {
      // A cyclic object or a big integer: a fault, but none that may end a screening.
    }
    if (line !== '' && this.admit(line.length, this.position)) {
      this.queue.addEvent(line);
      return;
    }
    this.notStoredEvents++;
    if (this.hole !== null) this.hole.events++;
  }

  /** Nothing more is kept; what comes is only counted. */
  end(): void {
    if (this.hole !== null) this.closeHole(this.hole, this.position);
    this.hasEnded = true;
  }

  /** The disk failed: of what was queued only so many samples were stored. */
  countLost(storedSamples: number): void {
    this.notStoredSamples += this.accepted - storedSamples;
    // Some of the lines that were being written may be there.
    this.notStoredEvents += this.queue.events;
  }

  private keep(firstSample: number, samples: Float64Array): void {
    const bytes = (samples.length * this.storage.bitsPerSample) / 8;
    if (!this.admit(bytes, firstSample)) {
      this.notStoredSamples += samples.length;
      if (this.hole !== null) this.hole.samples += samples.length;
      return;
    }
    if (firstSample !== this.position) this.place({ what: 'position', firstSample });
    this.queue.addSamples(this.integers.encode(samples));
    this.accepted += samples.length;
  }

  /** @returns whether what stands at `atSample` can be kept */
  private admit(bytes: number, atSample: number): boolean {
    if (this.hasEnded) return false;
    if (this.hole === null) {
      if (this.queue.fits(bytes)) return true;
      this.hole = { atSample: this.position, samples: 0, gaps: 0, events: 0 };
      this.onHole();
      return false;
    }
    if (!this.queue.isHalfEmpty) return false;
    this.closeHole(this.hole, atSample);
    return true;
  }

  private closeHole({ atSample, samples, gaps, events }: Hole, untilSample: number): void {
    const lostSamples = Math.max(0, untilSample - atSample);
    this.place({ what: 'not-stored', atSample, lostSamples, samples, gaps, events });
    this.position = atSample + lostSamples;
    this.hole = null;
  }

  private place(line: PlacingLine): void {
    this.queue.addPlacing(toLine({ kind: 'recorder', storedSamples: this.accepted, ...line }));
  }
}
