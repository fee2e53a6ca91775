import { FRAME_LENGTH, FRAME_RATE_HZ, FrameField } from './envelope-bank.js';
import type { HeartSound } from './heart-sounds.js';

/** A heart sound with how loud it is, and how loud it was since the sound before it. */
export interface HeardSound extends HeartSound {
  /** log10 of the mean energy of the sound, in 25..150 Hz. */
  readonly level: number;
  /** The same between the sound before and this one: its loudest 60 ms, and the whole. */
  readonly loudestBefore: number;
  readonly restBefore: number;
}

/** Frames of energy that are kept: a sound comes out 3 s after its end at the latest, and a diastole lasts 2 s at most. */
const KEPT_FRAMES = 8 * FRAME_RATE_HZ;
/** Frames beside a sound that still belong to it. */
const EDGE_FRAMES = 2;
const LOUDEST_FRAMES = 3;
const LEAST_ENERGY = 1e-20;

/**
 * Measures how loud heart sounds are and what lies between them, so that a beat that was not found is not taken for one
 * that never was. State is that of a stretch; any chunking gives the same.
 */
export class HeardSounds {
  private readonly energies = new Float64Array(KEPT_FRAMES);
  private frameCount = 0;
  /** Frame after the sound handed out last. */
  private lastEnd: number | undefined;

  /**
   * @param frames of an EnvelopeBank, contiguous with those before
   * @param sounds that were settled by these frames, in order of time; in seconds since the stretch began
   */
  push(frames: Float64Array, sounds: readonly HeartSound[]): HeardSound[] {
    const { energies } = this;
    let at = this.frameCount % KEPT_FRAMES;
    for (let row = 0; row < frames.length; row += FRAME_LENGTH) {
      energies[at] = frames[row + FrameField.low] + frames[row + FrameField.mid];
      if (++at === KEPT_FRAMES) at = 0;
    }
    this.frameCount += frames.length / FRAME_LENGTH;
    return sounds.length === 0 ? [] : sounds.map((sound) => this.measure(sound));
  }

  reset(): void {
    this.frameCount = 0;
    this.lastEnd = undefined;
  }

  private measure({ sound, startSeconds, endSeconds, confidence }: HeartSound): HeardSound {
    const start = Math.round(startSeconds * FRAME_RATE_HZ);
    const end = Math.round(endSeconds * FRAME_RATE_HZ);
    const from = (this.lastEnd ?? start) + EDGE_FRAMES;
    const to = start - EDGE_FRAMES;
    this.lastEnd = end;
    let loudest = 0;
    for (let frame = from; frame + LOUDEST_FRAMES <= to; frame++) {
      loudest = Math.max(loudest, this.meanOf(frame, frame + LOUDEST_FRAMES));
    }
    return {
      sound,
      startSeconds,
      endSeconds,
      confidence,
      level: logOf(this.meanOf(start, end)),
      loudestBefore: logOf(loudest),
      restBefore: logOf(this.meanOf(from, to)),
    };
  }

  private meanOf(from: number, to: number): number {
    const first = Math.max(from, this.frameCount - KEPT_FRAMES, 0);
    const { energies } = this;
    let sum = 0;
    let at = first % KEPT_FRAMES;
    for (let frame = first; frame < to; frame++) {
      sum += energies[at];
      if (++at === KEPT_FRAMES) at = 0;
    }
    return to > first ? sum / (to - first) : 0;
  }
}

const logOf = (energy: number): number => Math.log10(energy + LEAST_ENERGY);
