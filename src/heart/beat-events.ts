import type { BeatInterval } from './beat-intervals.js';
import { medianOf } from './median.js';

/** Something that happens to one beat of an otherwise orderly rhythm. */
export interface BeatEvent {
  /** A beat that comes too early, or none for too long. */
  readonly kind: 'extra-beat' | 'pause';
  /** Of the early beat: when it and the one before begin. Of a pause: the beats on both sides. */
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** What this interval would usually last. */
  readonly usualSeconds: number;
  /** Probability, were half of those like it real; fitted on made-up rhythms over real beats and on real ones. */
  readonly confidence: number;
}

/** A candidate with the measures that it is judged by, see {@link EVENT_MEASURES}. */
export interface BeatEventCandidate extends BeatEvent {
  readonly measures: readonly number[];
}

export const EVENT_MEASURES = {
  'extra-beat': [
    /** Length over the usual one; how far this interval and the next are off two usual ones. */
    'length',
    'compensation',
    /** How much the intervals around differ, from the usual one or from the second or third before. */
    'spread',
    /** How far systole is off the usual one. */
    'systole',
    'confidence',
    'loudness',
    'rest',
    'contrast',
  ],
  pause: ['length', 'spread', 'systole', 'confidence', 'loudness', 'rest', 'contrast'],
} as const;

/** Intercept and weights of a logistic function. */
interface Weights {
  readonly intercept: number;
  readonly weights: readonly number[];
  /** Told from this confidence on. */
  readonly toldFrom: number;
}

/** Fitted by tools/rhythm/study.mjs on folds 0, 1 and 2; models/README.md has what it is worth on 3 and 4. */
export const EVENT_WEIGHTS: Readonly<Record<BeatEvent['kind'], Weights>> = {
  'extra-beat': {
    intercept: 22.572,
    weights: [-25.603, -9.459, -6.332, -24.948, -0.011, -3.133, 0.17, 0.613],
    toldFrom: 0.7,
  },
  pause: {
    intercept: -10.137,
    weights: [7.924, -95.538, -26.255, 2.013, -5.791, -2.196, 0.84],
    toldFrom: 0.7,
  },
};

/** No surer than right: of what is told in the made-up rhythms of folds 0, 1 and 2 so much was planned. */
const MOST_CONFIDENCE = 0.97;
/** Intervals that an event is seen among. */
const BEFORE = 9;
const AFTER = 3;
/** Intervals before the one judged are dropped when there are more: seldom, as what is left is copied. */
const MOST_KEPT_BEFORE = 64;
const LEAST_FOR_EXTRA = 6;
const LEAST_FOR_PAUSE = 5;
/** In faster hearts the finder loses beats in twos and threes, which looks like either. */
const SHORTEST_USUAL_SECONDS = 0.6;
const EXTRA = {
  /** A heart is not ready again before. */
  leastLength: 0.45,
  mostLength: 0.85,
  /** The next interval is no short one. */
  leastNext: 0.9,
  leastDifference: 0.12,
  mostRest: 0.45,
  leastLoudness: 0.5,
} as const;
const PAUSE = {
  leastLength: 1.7,
  leastSeconds: 2,
  /** What is louder may be a beat that was not found. */
  mostRest: 0.35,
} as const;
/** Measures beyond say no more. */
const MOST = { length: 2.5, compensation: 0.4, spread: 0.2, systole: 0.2, loudness: 1, contrast: 2 } as const;
const LEAST_REST = -0.3;
const NONE: readonly BeatEventCandidate[] = [];

/**
 * Finds beats that come too early, often followed by a pause that makes up for it, and pauses, among intervals of a rhythm
 * that is orderly otherwise. In one without a pattern it finds next to nothing.
 *
 * An event comes out up to five beats late. Any chunking gives the same. Call `endStretch()` where an interval does not
 * follow the one before.
 */
export class BeatEvents {
  private intervals: BeatInterval[] = [];
  /** Which of them is judged next. */
  private next = 0;

  push(interval: BeatInterval): readonly BeatEventCandidate[] {
    this.intervals.push(interval);
    if (this.next + 1 + AFTER >= this.intervals.length) return NONE;
    const found = this.judge(this.next++);
    if (this.next > MOST_KEPT_BEFORE) {
      this.intervals = this.intervals.slice(this.next - BEFORE);
      this.next = BEFORE;
    }
    return found;
  }

  /** @returns what is found in the last beats of the stretch */
  endStretch(): readonly BeatEventCandidate[] {
    const found: BeatEventCandidate[] = [];
    while (this.next < this.intervals.length) found.push(...this.judge(this.next++));
    this.reset();
    return found;
  }

  reset(): void {
    this.intervals.length = 0;
    this.next = 0;
  }

  private judge(at: number): readonly BeatEventCandidate[] {
    const extra = this.extraBeat(at);
    const pause = this.pause(at);
    if (extra === undefined) return pause === undefined ? NONE : [pause];
    return pause === undefined ? [extra] : [extra, pause];
  }

  private extraBeat(at: number): BeatEventCandidate | undefined {
    if (at + 1 >= this.intervals.length) return undefined;
    const own = this.intervals[at];
    const following = this.intervals[at + 1];
    const rest = following.loudestRest;
    const loudness = Math.min(own.loudness, following.loudness);
    // What most intervals are no candidates for needs no median: the usual one is no shorter than the shortest.
    const mayBe =
      following.seconds - own.seconds >= EXTRA.leastDifference * SHORTEST_USUAL_SECONDS &&
      rest < EXTRA.mostRest &&
      loudness >= EXTRA.leastLoudness;
    if (!mayBe) return undefined;
    const from = Math.max(0, at - BEFORE);
    const around = this.intervals.slice(from, at + 2 + AFTER);
    if (around.length < LEAST_FOR_EXTRA) return undefined;
    const lengths = around.map(({ seconds }) => seconds);
    // Two neighbours last as long as two usual beats, where every second or third beat is early too.
    const usual = medianOf(lengths.slice(1).map((seconds, i) => seconds + lengths[i])) / 2;
    const length = own.seconds / usual;
    const isCandidate =
      usual >= SHORTEST_USUAL_SECONDS &&
      length > EXTRA.leastLength &&
      length < EXTRA.mostLength &&
      following.seconds >= EXTRA.leastNext * usual &&
      following.seconds - own.seconds >= EXTRA.leastDifference * usual;
    if (!isCandidate) return undefined;
    const others = lengths.filter((_, i) => from + i !== at && from + i !== at + 1);
    const spread = Math.min(spreadAbout(others, usual), changeAfter(lengths, 2), changeAfter(lengths, 3));
    const systole = medianOf(around.map(({ systoleSeconds }) => systoleSeconds));
    const offSystole = Math.max(
      ...[own, following].map(({ systoleSeconds }) => Math.abs(systoleSeconds - systole)),
    );
    return candidate('extra-beat', own, usual, [
      length,
      Math.min(MOST.compensation, Math.abs((own.seconds + following.seconds) / usual - 2)),
      Math.min(MOST.spread, spread / usual),
      Math.min(MOST.systole, offSystole / usual),
      Math.min(own.confidence, following.confidence),
      Math.min(MOST.loudness, loudness),
      Math.max(LEAST_REST, rest),
      Math.min(MOST.contrast, own.contrast),
    ]);
  }

  private pause(at: number): BeatEventCandidate | undefined {
    const own = this.intervals[at];
    const isLong = own.seconds > PAUSE.leastLength * SHORTEST_USUAL_SECONDS;
    if (!isLong || !(own.loudestRest < PAUSE.mostRest)) return undefined;
    const around = this.intervals.slice(Math.max(0, at - BEFORE), at + 1 + AFTER);
    const others = around.filter((interval) => interval !== own);
    if (around.length < LEAST_FOR_PAUSE) return undefined;
    const lengths = others.map(({ seconds }) => seconds);
    const usual = medianOf(lengths);
    const isCandidate =
      usual >= SHORTEST_USUAL_SECONDS &&
      (own.seconds > PAUSE.leastLength * usual || own.seconds > PAUSE.leastSeconds);
    if (!isCandidate) return undefined;
    const systole = medianOf(others.map(({ systoleSeconds }) => systoleSeconds));
    return candidate('pause', own, usual, [
      Math.min(MOST.length, own.seconds / usual),
      Math.min(MOST.spread, spreadAbout(lengths, usual) / usual),
      Math.min(MOST.systole, Math.abs(own.systoleSeconds - systole) / usual),
      own.confidence,
      Math.min(MOST.loudness, own.loudness),
      Math.max(LEAST_REST, own.loudestRest),
      Math.min(MOST.contrast, own.contrast),
    ]);
  }
}

/** Whether a candidate is worth telling. */
export const isTold = ({ kind, confidence }: BeatEvent): boolean =>
  confidence >= EVENT_WEIGHTS[kind].toldFrom;

function candidate(
  kind: BeatEvent['kind'],
  interval: BeatInterval,
  usualSeconds: number,
  measures: readonly number[],
): BeatEventCandidate {
  const { intercept, weights } = EVENT_WEIGHTS[kind];
  const score = measures.reduce((sum, value, i) => sum + weights[i] * value, intercept);
  const { fromSeconds, toSeconds } = interval;
  return {
    kind,
    startSeconds: fromSeconds,
    endSeconds: toSeconds,
    usualSeconds,
    confidence: Math.min(MOST_CONFIDENCE, 1 / (1 + Math.exp(-score))),
    measures,
  };
}

const spreadAbout = (values: readonly number[], centre: number): number =>
  medianOf(values.map((value) => Math.abs(value - centre)));

/** Median change after so many intervals; `Infinity` where too few tell. */
function changeAfter(values: readonly number[], steps: number): number {
  const changes = values.slice(steps).map((value, i) => Math.abs(value - values[i]));
  return changes.length < 4 ? Infinity : medianOf(changes);
}
