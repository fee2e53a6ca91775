import type { HeartSound } from './heart-sounds.js';

export interface CardiacIntervals {
  /** Medians of the beats, from the beginning of S1 to that of S2, and from there to the next S1. */
  readonly systoleSeconds: number;
  readonly diastoleSeconds: number;
  /** Beats that both are known of. */
  readonly beats: number;
}

/** A histogram's bin: half a frame, so that each frame count has a bin of its own. */
const BIN_SECONDS = 0.01;
const BINS = 200;
/** Fewer beats tell nothing. */
const LEAST_BEATS = 3;
/** Between two sounds further apart something was not heard. */
const LONGEST_SECONDS = 1.8;

/**
 * Systole and diastole of a recording, from its heart sounds in order of time. Bounded memory: histograms.
 *
 * Call `endStretch()` at a gap: no interval spans it. `reset()` forgets all.
 */
export class HeartIntervals {
  private readonly systoles = new Uint32Array(BINS);
  private readonly diastoles = new Uint32Array(BINS);
  private beats = 0;
  private last: HeartSound | undefined;
  private systole: number | undefined;

  push(sound: HeartSound): void {
    const { last } = this;
    this.last = sound;
    if (last === undefined || last.sound === sound.sound) {
      this.systole = undefined;
      return;
    }
    const interval = sound.startSeconds - last.startSeconds;
    if (interval > LONGEST_SECONDS) {
      this.systole = undefined;
    } else if (sound.sound === 'S2') {
      this.systole = interval;
    } else if (this.systole !== undefined) {
      this.systoles[Math.round(this.systole / BIN_SECONDS)]++;
      this.diastoles[Math.round(interval / BIN_SECONDS)]++;
      this.beats++;
    }
  }

  /** @returns medians, or `null` before three whole beats */
  estimate(): CardiacIntervals | null {
    if (this.beats < LEAST_BEATS) return null;
    return {
      systoleSeconds: medianOf(this.systoles, this.beats),
      diastoleSeconds: medianOf(this.diastoles, this.beats),
      beats: this.beats,
    };
  }

  endStretch(): void {
    this.last = undefined;
    this.systole = undefined;
  }

  reset(): void {
    this.endStretch();
    this.systoles.fill(0);
    this.diastoles.fill(0);
    this.beats = 0;
  }
}

function medianOf(histogram: Uint32Array, total: number): number {
  let below = 0;
  let bin = 0;
  while (below + histogram[bin] <= total / 2 && bin < BINS - 1) below += histogram[bin++];
  return bin * BIN_SECONDS;
}
