import { FadedReader } from './faded-reader.js';
import type { ListeningFilter } from './listening-filter.js';
import { SoundRing } from './sound-ring.js';

/** What is kept: half-speed replay of ten seconds takes twenty, in which ten more come. */
const KEPT_SECONDS = 32;
export const REPLAY_SECONDS = 10;
/** Left in the buffer when the next sound comes, at best. */
const LEAST_MARGIN_SECONDS = 0.04;
const MOST_MARGIN_SECONDS = 0.64;
/** A margin that was not used for so long is halved. */
const CALM_SECONDS = 30;
/** The longest piece that is waited for; what comes in larger ones comes in bursts. */
const MOST_PIECE_SECONDS = 0.25;
/** So much more than is wanted is caught up with by leaving sound out, less by playing faster. */
const LATE_SECONDS = 0.15;
/** So much more is never waited for, not even until the next look. */
const TOO_LATE_SECONDS = 0.5;
const LOOK_SECONDS = 2;
/** Of the error a second; with {@link INTEGRAL} critically damped. */
const PROPORTIONAL = 0.2;
const INTEGRAL = 0.01;
/** A step of pace that no ear hears. */
const MOST_CORRECTION = 0.01;
/** A board's clock may be off by more than a sound card's: 3 % pass as its rate. */
const MOST_DRIFT = 0.04;
const MOST_ERROR_SECONDS = 0.1;

export type PlayoutState = 'waiting' | 'live' | 'half';

/**
 * Decides which sample of a live sound is heard next, and at which pace, so that it stays close behind the newest.
 *
 * What it steers is how much is left each time that new sound comes: enough for the next delay, not more. It follows the
 * drift between the source's clock and the sound card's by a slightly different pace, leaves out sound that came too late
 * (counted), and waits where there is none. A buffer that ran dry gets a larger margin, a calm one a smaller.
 */
export class LivePlayout {
  droppedSamples = 0;
  private readonly ring: SoundRing;
  private readonly reader: FadedReader;
  private mode: PlayoutState = 'waiting';
  private hasPlayed = false;
  private halfUntil = 0;
  private marginSeconds = LEAST_MARGIN_SECONDS;
  private pieceSamples = 0;
  private least = Infinity;
  private leastBefore = Infinity;
  private drift = 0;
  private correction = 0;
  private sinceLook = 0;
  private calm = 0;

  constructor(
    readonly sampleRateHz: number,
    firstSample: number,
    filter: ListeningFilter,
  ) {
    this.ring = new SoundRing(Math.ceil(KEPT_SECONDS * sampleRateHz));
    this.ring.reset(firstSample);
    this.reader = new FadedReader(this.ring, sampleRateHz, filter);
    this.reader.position = firstSample;
  }

  get state(): PlayoutState {
    return this.mode;
  }

  /** Between the newest sample and the one that is heard next. */
  get behindSamples(): number {
    return Math.max(0, this.ring.end - this.reader.position);
  }

  /** Index of the sample that is read next. */
  get position(): number {
    return this.reader.position;
  }

  /** What the sound card is to be fed with, by the card's own clock: 1 is the source's pace. */
  get pace(): number {
    return this.mode === 'half' ? 0.5 : 1 + this.drift + this.correction;
  }

  /** With so many samples left playing begins. */
  get startSamples(): number {
    return Math.ceil(this.marginSeconds * this.sampleRateHz + this.pieceSamples);
  }

  choose(filter: ListeningFilter): void {
    this.reader.choose(filter);
  }

  push(firstSample: number, amplitudes: ArrayLike<number>): void {
    const { ring, reader, sampleRateHz } = this;
    if (this.mode === 'live') this.least = Math.min(this.least, ring.end - reader.position);
    ring.write(firstSample, amplitudes);
    const piece = Math.min(amplitudes.length, MOST_PIECE_SECONDS * sampleRateHz);
    this.pieceSamples = Math.max(piece, 0.98 * this.pieceSamples);
    const behind = ring.end - reader.position;
    if (this.mode === 'waiting' && behind >= this.startSamples) {
      this.mode = 'live';
      this.skipTo(ring.end - this.startSamples);
      this.hasPlayed = true;
    } else if (
      this.mode === 'live' &&
      !reader.isJumping &&
      behind > this.startSamples + TOO_LATE_SECONDS * sampleRateHz
    ) {
      this.skipTo(ring.end - this.startSamples);
    }
  }

  /** Plays the last {@link REPLAY_SECONDS} at half speed, an octave lower, then goes on live. */
  replayHalf(): void {
    const { ring, reader } = this;
    if (ring.end === ring.begin) return;
    this.halfUntil = ring.end;
    this.mode = 'half';
    reader.jump(Math.max(ring.begin, ring.end - Math.round(REPLAY_SECONDS * this.sampleRateHz)));
  }

  goLive(): void {
    if (this.mode !== 'half') return;
    // What came meanwhile was not asked for, and is not counted as dropped.
    this.reader.jump(Math.max(this.ring.begin, this.ring.end - this.startSamples));
    this.mode = 'live';
    this.lookAnew();
  }

  /** The next sample to be heard; silence where there is none. */
  next(): number {
    const { ring, reader } = this;
    if (this.mode === 'half' && reader.position >= this.halfUntil && !reader.isJumping) this.goLive();
    if (this.mode === 'waiting') return 0;
    if (reader.position >= ring.end && !reader.isJumping) {
      this.runDry();
      return 0;
    }
    return reader.read(true, this.mode === 'half' ? this.halfUntil : ring.end);
  }

  /** So much was played, by the card's clock. */
  advance(seconds: number): void {
    if (this.mode !== 'live') return;
    this.calm += seconds;
    if (this.calm > CALM_SECONDS) {
      this.calm = 0;
      this.marginSeconds = Math.max(LEAST_MARGIN_SECONDS, this.marginSeconds / 2);
    }
    this.sinceLook += seconds;
    if (this.sinceLook >= LOOK_SECONDS) this.look();
  }

  private look(): void {
    const least = Math.min(this.least, this.leastBefore);
    this.leastBefore = this.least;
    this.least = Infinity;
    const passed = this.sinceLook;
    this.sinceLook = 0;
    if (least === Infinity || this.reader.isJumping) return;
    const error = least / this.sampleRateHz - this.marginSeconds;
    if (error > LATE_SECONDS)
      return this.skipTo(this.reader.position + Math.round(error * this.sampleRateHz));
    const bounded = Math.max(-MOST_ERROR_SECONDS, Math.min(MOST_ERROR_SECONDS, error));
    this.drift = within(this.drift + bounded * INTEGRAL * passed, MOST_DRIFT);
    this.correction = within(error * PROPORTIONAL, MOST_CORRECTION);
  }

  private runDry(): void {
    this.mode = 'waiting';
    this.calm = 0;
    this.marginSeconds = Math.min(MOST_MARGIN_SECONDS, 2 * this.marginSeconds);
    // It ran dry because it was too fast, or because nothing came: of that the pace knows nothing.
    this.correction = 0;
    this.lookAnew();
  }

  private lookAnew(): void {
    this.least = this.leastBefore = Infinity;
    this.sinceLook = 0;
  }

  /** Sound that is there and not heard is dropped; a hole is not, nor what came before anybody listened. */
  private skipTo(index: number): void {
    const { ring, reader } = this;
    if (this.hasPlayed) this.droppedSamples += ring.count(reader.position, index);
    reader.jump(Math.max(ring.begin, index));
    this.correction = 0;
    this.lookAnew();
  }
}

const within = (value: number, most: number): number => Math.max(-most, Math.min(most, value));
