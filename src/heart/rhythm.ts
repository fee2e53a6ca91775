import type { BeatInterval } from './beat-intervals.js';
import { medianOf } from './median.js';

export interface RhythmEstimate {
  /** Sample entropy of the intervals between beats, in nats: how little an interval tells of the next one. */
  readonly irregularity: number;
  /** Whether it is more than breathing, extra beats and errors in finding the sounds make it. */
  readonly isIrregular: boolean;
  /** Probability that it is irregular, were half of the hearts so; fitted on made-up rhythms over real beats. */
  readonly confidence: number;
  /** Intervals that it stands on. */
  readonly intervals: number;
}

/** Intervals that the estimate looks back on, and with how few it says nothing: 20 to 30 beats. */
const MOST_INTERVALS = 30;
const LEAST_INTERVALS = 20;
/** Of pairs of intervals one after the other: breaks between stretches take some. */
const LEAST_PAIRS = 16;
/** Intervals closer than this share of the median count as alike. */
const TOLERANCE = 0.08;
/** Fitted by tools/rhythm/study.mjs on folds 0, 1 and 2; models/README.md has what it is worth on 3 and 4. */
const IRREGULAR_FROM = 1.2;
const CONFIDENCE_MIDPOINT = 1.048;
const CONFIDENCE_SCALE = 0.1091;
/** No surer than right: of the made-up rhythms of these folds that are called irregular so many are. */
const MOST_CONFIDENCE = 0.94;
/** In faster hearts too many beats are missed to tell. */
const SHORTEST_USUAL_SECONDS = 0.5;
/** A long interval with something loud in it may be two, one beat of which was not found. */
const HIDDEN_BEAT = { longerThan: 1.6, loudest: 0.5 } as const;

/**
 * Whether beats come without a pattern, as in atrial fibrillation, over the last 20 to 30 of them.
 *
 * Sample entropy with m = 1 (Richman & Moorman, Am. J. Physiol. 278, 2000; on short strips of intervals Lake & Moorman,
 * Am. J. Physiol. 300, 2011): breathing, every second or third beat early, an extra beat or a pause now and then leave a
 * pattern by which an interval tells of the next one; fibrillation leaves none. It is a notice to listen again, never a
 * diagnosis, and no part of a verdict. Lengths of time do not matter to it, but for very fast hearts.
 *
 * Call `endStretch()` where an interval does not follow the one before. `reset()` forgets all.
 */
export class Rhythm {
  /** The last intervals, as a ring. */
  private readonly seconds = new Float64Array(MOST_INTERVALS);
  private readonly loudestRests = new Float64Array(MOST_INTERVALS);
  private readonly followed = new Uint8Array(MOST_INTERVALS);
  private seen = 0;
  private follows = false;
  /** Of pairs of intervals that follow each other. */
  private readonly begins = new Float64Array(MOST_INTERVALS);
  private readonly ends = new Float64Array(MOST_INTERVALS);

  push({ seconds, loudestRest }: Pick<BeatInterval, 'seconds' | 'loudestRest'>): void {
    const at = this.seen++ % MOST_INTERVALS;
    this.seconds[at] = seconds;
    this.loudestRests[at] = loudestRest;
    this.followed[at] = this.follows ? 1 : 0;
    this.follows = true;
  }

  /** @returns `null` before twenty intervals, and in hearts that beat too fast to tell */
  estimate(): RhythmEstimate | null {
    const { seconds, loudestRests, followed, begins, ends, seen } = this;
    const intervals = Math.min(seen, MOST_INTERVALS);
    if (intervals < LEAST_INTERVALS) return null;
    const usual = medianOf(seconds, intervals);
    if (usual < SHORTEST_USUAL_SECONDS) return null;
    let pairs = 0;
    let wasHidden = true;
    for (let i = seen - intervals; i < seen; i++) {
      const at = i % MOST_INTERVALS;
      const isHidden = seconds[at] > HIDDEN_BEAT.longerThan * usual && loudestRests[at] > HIDDEN_BEAT.loudest;
      if (followed[at] === 1 && !isHidden && !wasHidden) {
        begins[pairs] = seconds[(i - 1) % MOST_INTERVALS];
        ends[pairs++] = seconds[at];
      }
      wasHidden = isHidden;
    }
    if (pairs < LEAST_PAIRS) return null;
    const irregularity = sampleEntropy(begins, ends, pairs, TOLERANCE * usual);
    return {
      irregularity,
      isIrregular: irregularity >= IRREGULAR_FROM,
      confidence: Math.min(
        MOST_CONFIDENCE,
        1 / (1 + Math.exp((CONFIDENCE_MIDPOINT - irregularity) / CONFIDENCE_SCALE)),
      ),
      intervals,
    };
  }

  endStretch(): void {
    this.follows = false;
  }

  reset(): void {
    this.endStretch();
    this.seen = 0;
  }
}

/**
 * Of all two that begin alike, the share that goes on alike, as a negative logarithm. Half a pair is added so that it
 * stays finite.
 */
function sampleEntropy(begins: Float64Array, ends: Float64Array, pairs: number, tolerance: number): number {
  let begin = 0;
  let goOn = 0;
  for (let i = 0; i < pairs; i++) {
    for (let j = 0; j < i; j++) {
      if (Math.abs(begins[i] - begins[j]) >= tolerance) continue;
      begin++;
      if (Math.abs(ends[i] - ends[j]) < tolerance) goOn++;
    }
  }
  return -Math.log((goOn + 0.5) / (begin + 1));
}
