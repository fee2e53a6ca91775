import type { HeardSound } from './heard-sounds.js';

/** From one first heart sound to the next. */
export interface BeatInterval {
  /** When the first sounds at both ends begin. */
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly seconds: number;
  /** From the first to the second sound. */
  readonly systoleSeconds: number;
  /** The least that the sounds which bound it are what they are called, in [0, 1]. */
  readonly confidence: number;
  /** How loud the fainter of its two first sounds is: 1 as first sounds usually are, 0 as the rest between the sounds. */
  readonly loudness: number;
  /** How loud it was at most between its second sound and its end, on the same scale: near 1, a beat may be hidden there. */
  readonly loudestRest: number;
  /** How far first sounds stand over the rest, in log10 of energy. */
  readonly contrast: number;
}

/** Sounds that say what is usual. */
const KEPT = 24;
const LEAST_KEPT = 3;
/** What is fainter than this on the scale of {@link BeatInterval.loudness} is no sound: the finder always finds one. */
const FAINT = 0.3;
const LEAST_CONTRAST = 0.3;
const MOST_LOUDNESS = 2;

/** The last levels and their median. */
class RecentLevels {
  private readonly levels = new Float64Array(KEPT);
  /** The first of them are those that are known. */
  private readonly ascending = new Float64Array(KEPT);
  private seen = 0;

  get count(): number {
    return Math.min(this.seen, KEPT);
  }

  push(level: number): void {
    const { levels, ascending, count } = this;
    const next = this.seen++ % KEPT;
    let at = count;
    if (count === KEPT) {
      for (at = 0; at < KEPT - 1 && ascending[at] !== levels[next];) at++;
      for (; at < KEPT - 1 && ascending[at + 1] < level; at++) ascending[at] = ascending[at + 1];
    }
    for (; at > 0 && ascending[at - 1] > level; at--) ascending[at] = ascending[at - 1];
    ascending[at] = levels[next] = level;
  }

  /** Of one or more. */
  median(): number {
    const { ascending, count } = this;
    return (ascending[(count - 1) >> 1] + ascending[count >> 1]) / 2;
  }

  reset(): void {
    this.seen = 0;
  }
}

/**
 * Measures intervals from beat to beat. What the finder puts into silence is taken out again, and what may hide a beat
 * that it missed is measured.
 *
 * Call `endStretch()` at a gap, and where sounds are not to be believed: no interval spans it. `reset()` forgets all.
 */
export class BeatIntervals {
  private readonly firstLevels = new RecentLevels();
  private readonly restLevels = new RecentLevels();
  /** The first sound that an interval begins with, its second sound, and the loudest since that. */
  private first: HeardSound | undefined;
  private second: HeardSound | undefined;
  private loudest = -Infinity;

  /** @returns the interval that this sound ends, if any */
  push(sound: HeardSound): BeatInterval | undefined {
    if (sound.restBefore > -19) this.restLevels.push(sound.restBefore);
    const { first, second } = this;
    if (sound.sound === 'S2') {
      if (first === undefined) return undefined;
      if (second === undefined) this.second = sound;
      else this.hear(sound);
      return undefined;
    }
    const loudness = this.loudnessOf(sound.level);
    this.firstLevels.push(sound.level);
    if (first !== undefined && loudness < FAINT) {
      this.hear(sound);
      return undefined;
    }
    const { loudest } = this;
    this.first = sound;
    this.second = undefined;
    this.loudest = -Infinity;
    if (first === undefined || second === undefined) return undefined;
    return {
      fromSeconds: first.startSeconds,
      toSeconds: sound.startSeconds,
      seconds: sound.startSeconds - first.startSeconds,
      systoleSeconds: second.startSeconds - first.startSeconds,
      confidence: Math.min(first.confidence, second.confidence, sound.confidence),
      loudness: Math.min(this.loudnessOf(first.level), loudness),
      loudestRest: this.loudnessOf(Math.max(loudest, sound.loudestBefore)),
      contrast: this.contrast(),
    };
  }

  endStretch(): void {
    this.first = this.second = undefined;
    this.loudest = -Infinity;
  }

  reset(): void {
    this.endStretch();
    this.firstLevels.reset();
    this.restLevels.reset();
  }

  private hear({ level, loudestBefore }: HeardSound): void {
    this.loudest = Math.max(this.loudest, level, loudestBefore);
  }

  private loudnessOf(level: number): number {
    if (Math.min(this.firstLevels.count, this.restLevels.count) < LEAST_KEPT) return 1;
    const loudness = (level - this.restLevels.median()) / Math.max(LEAST_CONTRAST, this.contrast());
    return Math.max(-MOST_LOUDNESS, Math.min(MOST_LOUDNESS, loudness));
  }

  private contrast(): number {
    if (Math.min(this.firstLevels.count, this.restLevels.count) === 0) return 0;
    return this.firstLevels.median() - this.restLevels.median();
  }
}
