import { FadedReader } from './faded-reader.js';
import type { ListeningFilter } from './listening-filter.js';
import { SoundRenderer } from './sound-renderer.js';
import { SoundRing } from './sound-ring.js';

/** Kept behind and ahead of what is heard. */
const KEPT_SECONDS = 12;
/** So much must have been read from the server before it plays. */
const START_SECONDS = 0.3;

export interface StoredListeningStatus {
  readonly state: 'paused' | 'waiting' | 'playing' | 'ended';
  /** Index of the sample that is heard now. */
  readonly position: number;
  /** Counts seeks; what was read for an earlier one is not taken. */
  readonly seek: number;
}

/** A stored recording to a sound card, from where a person points. What it plays is brought to it piece by piece. */
export class StoredListening {
  private readonly renderer: SoundRenderer;
  private readonly ring: SoundRing;
  private readonly reader: FadedReader;
  private seekNumber = 0;
  private isWanted = false;
  private isStarted = false;
  private isHalf = false;

  /** @param totalSamples of the recording, at its rate */
  constructor(
    outputRateHz: number,
    readonly sampleRateHz: number,
    private readonly totalSamples: number,
  ) {
    this.renderer = new SoundRenderer(outputRateHz);
    this.ring = new SoundRing(Math.ceil(KEPT_SECONDS * sampleRateHz));
    this.reader = new FadedReader(this.ring, sampleRateHz, 'wide');
  }

  set(filter: ListeningFilter, gainDb: number): void {
    this.reader.choose(filter);
    this.renderer.gainDb = gainDb;
  }

  set half(isHalf: boolean) {
    this.isHalf = isHalf;
  }

  play(isWanted: boolean): void {
    this.isWanted = isWanted;
  }

  /** @param seek its number; pieces that are read for it carry it */
  seek(sample: number, seek: number): void {
    this.seekNumber = seek;
    this.isStarted = false;
    this.ring.reset(sample);
    this.reader.jump(sample);
  }

  /** The next piece, where the one before it ended. */
  push(seek: number, samples: Int16Array): void {
    if (seek !== this.seekNumber) return;
    const amplitudes = new Float32Array(samples.length);
    for (let i = 0; i < samples.length; i++) amplitudes[i] = samples[i] / 32768;
    this.ring.write(this.ring.end, amplitudes);
  }

  get pace(): number {
    return this.isHalf ? 0.5 : 1;
  }

  next(): number {
    const { ring, reader } = this;
    if (!this.isStarted) {
      const left = ring.end - reader.position;
      const isEnough = left >= START_SECONDS * this.sampleRateHz || ring.end >= this.totalSamples;
      this.isStarted = this.isWanted && isEnough && left > 0;
      if (!this.isStarted) return 0;
    }
    if (!this.isWanted && reader.isSilent) {
      this.isStarted = false;
      return 0;
    }
    if (reader.position >= ring.end && !reader.isJumping) {
      this.isStarted = false;
      if (ring.end >= this.totalSamples) this.isWanted = false;
      return 0;
    }
    return reader.read(this.isWanted, ring.end);
  }

  render(output: Float32Array): void {
    this.renderer.render(this, output);
  }

  get status(): StoredListeningStatus {
    const { position } = this.reader;
    const isAtEnd = position >= this.totalSamples;
    const delay = this.isStarted ? this.renderer.delaySeconds * this.sampleRateHz * this.pace : 0;
    return {
      state: !this.isWanted ? (isAtEnd ? 'ended' : 'paused') : this.isStarted ? 'playing' : 'waiting',
      position: Math.max(0, position - delay),
      seek: this.seekNumber,
    };
  }
}
