import { MAX_BPM, MIN_BPM } from './heart-rate.js';
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
/** With fewer, a median says nothing. */
const LEAST_BEATS = 5;
/** What is beyond is a missed or a false sound. */
const SHORTEST_BEAT_SECONDS = 60 / MAX_BPM;
const LONGEST_BEAT_SECONDS = 60 / MIN_BPM;
const BINS = Math.ceil(LONGEST_BEAT_SECONDS / BIN_SECONDS) + 1;

/**
 * Systole and diastole of a recording, from its heart sounds in order of time: of beats that were heard whole, S1, S2 and
 * S1 in turn. Bounded memory: histograms.
 *
 * Call `endStretch()` at a gap, and where sounds are not to be believed: no beat spans it. `reset()` forgets all.
 */
export class HeartIntervals {
  private readonly systoles = new Uint32Array(BINS);
  private readonly diastoles = new Uint32Array(BINS);
  private beats = 0;
  private last: Pick<HeartSound, 'sound' | 'startSeconds'> | undefined;
  private systole: number | undefined;

  push(sound: Pick<HeartSound, 'sound' | 'startSeconds'>): void {
    const { last, systole } = this;
    this.last = sound;
    this.systole = undefined;
    if (last === undefined || last.sound === sound.sound) return;
    const interval = sound.startSeconds - last.startSeconds;
    if (sound.sound === 'S2') {
      this.systole = interval;
      return;
    }
    if (systole === undefined) return;
    const beat = systole + interval;
    if (beat < SHORTEST_BEAT_SECONDS || beat > LONGEST_BEAT_SECONDS) return;
    this.systoles[Math.round(systole / BIN_SECONDS)]++;
    this.diastoles[Math.round(interval / BIN_SECONDS)]++;
    this.beats++;
  }

  /** @returns medians, or `null` before five whole beats */
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

const medianOf = (histogram: Uint32Array, total: number): number =>
  ((binAt(histogram, Math.floor((total - 1) / 2)) + binAt(histogram, Math.ceil((total - 1) / 2))) / 2) *
  BIN_SECONDS;

/** The bin that holds the value of this rank, counted from 0. */
function binAt(histogram: Uint32Array, rank: number): number {
  let below = 0;
  let bin = 0;
  while (below + histogram[bin] <= rank) below += histogram[bin++];
  return bin;
}
