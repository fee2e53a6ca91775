import { FRAME_LENGTH, FRAME_RATE_HZ, FrameField } from './envelope-bank.js';
import { MAX_LAG_FRAMES, RollingAutocorrelation } from './heart-rhythm.js';

export const MIN_BPM = 30;
export const MAX_BPM = 220;

export interface HeartRateEstimate {
  /** Beats a minute, in 30..220. */
  readonly bpm: number;
  /** Probability that the rate is right to within 5 beats a minute, as fitted on hand-corrected recordings. */
  readonly confidence: number;
}

/** What the envelopes of a stretch repeat at, whether or not it is a heart. All correlations are in [-1, 1]. */
export interface Beat {
  readonly bpm: number;
  /** Lag of one beat, in frames. */
  readonly lag: number;
  /** Correlation one beat apart, mean of the two lower bands; then by band. */
  readonly correlation: number;
  readonly low: number;
  readonly mid: number;
  readonly high: number;
  /** Correlation two beats apart; one beat apart where two do not fit. */
  readonly echo: number;
  /** Smallest correlation of the two lower bands at a lag shorter than the beat. */
  readonly trough: number;
  /** Absolute logarithm of the ratio of two independent estimates of the rate, from 25..65 Hz and from 65..150 Hz. */
  readonly disagreement: number;
}

/** Weights of {@link beatConfidenceFeatures} and where an answer begins; see models/signal-quality.json. */
export interface HeartRateModel {
  readonly intercept: number;
  readonly weights: readonly number[];
  /** Below this confidence there is no answer. */
  readonly answerFrom: number;
}

/** The rate that resting hearts have most, and how much a rate away from it must show: see `preference`. */
const TYPICAL_BEAT_SECONDS = 0.7;
const PREFERENCE = 0.3;
const BANDS = [FrameField.low, FrameField.mid, FrameField.high] as const;
const CONTEXT_SECONDS = 8;
const LAGS = MAX_LAG_FRAMES + 1;
const MIN_LAG = Math.floor((60 / MAX_BPM) * FRAME_RATE_HZ);
const MAX_LAG = Math.ceil((60 / MIN_BPM) * FRAME_RATE_HZ) + 1;
/**
 * A fraction of the period found is the beat where it correlates nearly as well, and well at all: otherwise it is
 * systole, whose length varies less than the beat's. Thresholds from the hand-corrected states.
 */
const FRACTION_SHARE = 0.9;
const FRACTIONS = [
  { parts: 2, leastCorrelation: 0.7 },
  { parts: 3, leastCorrelation: 0.85 },
] as const;

/**
 * Heart rate over the last 8 s of a stretch, incrementally, from the autocorrelation of two envelopes.
 *
 * The envelopes are fourth roots of the bands' energies, so that a knock does not outweigh the beats. The beat is the
 * peak of the mean of both autocorrelations, less a preference `0.3 ln(T / 0.7 s)^2` that settles which of the
 * multiples of the period it is. Causal; the value belongs to the middle of the context. `reset()` clears all.
 */
export class HeartRate {
  private readonly rhythm = new RollingAutocorrelation(CONTEXT_SECONDS, BANDS.length);
  private readonly bands = new Float64Array(BANDS.length * LAGS);
  /** By lag in frames: 25..65 Hz, 65..150 Hz, above, and the mean of the first two. Valid after {@link beat}. */
  readonly correlations = {
    low: this.bands.subarray(0, LAGS),
    mid: this.bands.subarray(LAGS, 2 * LAGS),
    high: this.bands.subarray(2 * LAGS),
    mean: new Float64Array(LAGS),
  };

  private envelopes = new Float64Array(BANDS.length * 64);
  /** The beat of the frames so far, once somebody asked. */
  private found: Beat | null | undefined;

  constructor(private readonly model: HeartRateModel) {}

  /** @param frames row-major `[frames, FRAME_LENGTH]` of an EnvelopeBank, contiguous with those before */
  push(frames: Float64Array): void {
    const count = frames.length / FRAME_LENGTH;
    if (count === 0) return;
    const length = BANDS.length * count;
    if (this.envelopes.length < length) this.envelopes = new Float64Array(length);
    const envelopes = this.envelopes.subarray(0, length);
    for (let band = 0, to = 0; band < BANDS.length; band++) {
      for (let at = BANDS[band]; at < frames.length; at += FRAME_LENGTH) {
        envelopes[to++] = Math.sqrt(Math.sqrt(frames[at]));
      }
    }
    this.rhythm.push(envelopes);
    this.found = undefined;
  }

  /** Seconds of signal that the next estimate stands on. */
  get contextSeconds(): number {
    return this.rhythm.contextFrames / FRAME_RATE_HZ;
  }

  /** What the envelopes repeat at, or `null` where no lag stands out. */
  beat(): Beat | null {
    if (this.found === undefined) this.found = this.findBeat();
    return this.found;
  }

  private findBeat(): Beat | null {
    const { low, mid, high, mean } = this.correlations;
    this.rhythm.estimate(this.bands);
    for (let lag = 0; lag <= MAX_LAG_FRAMES; lag++) mean[lag] = (low[lag] + mid[lag]) / 2;
    const lag = strongestLag(mean);
    if (lag === 0) return null;
    let trough = 1;
    for (let l = 1; l < lag; l++) trough = Math.min(trough, mean[l]);
    return {
      bpm: Math.min(MAX_BPM, Math.max(MIN_BPM, (60 * FRAME_RATE_HZ) / refinedLag(mean, lag))),
      lag,
      correlation: mean[lag],
      low: low[lag],
      mid: mid[lag],
      high: high[lag],
      echo: mean[2 * lag <= MAX_LAG_FRAMES ? 2 * lag : lag],
      trough,
      disagreement: disagreement(strongestLag(low), strongestLag(mid)),
    };
  }

  /** Rate and confidence for the beat just found, or `null` where it is too unsure. */
  estimate(beat: Beat | null = this.beat()): HeartRateEstimate | null {
    if (beat === null) return null;
    const features = beatConfidenceFeatures(beat, this.contextSeconds);
    let logit = this.model.intercept;
    for (let i = 0; i < features.length; i++) logit += this.model.weights[i] * features[i];
    const confidence = 1 / (1 + Math.exp(-logit));
    return confidence < this.model.answerFrom ? null : { bpm: beat.bpm, confidence };
  }

  reset(): void {
    this.rhythm.reset();
    this.found = undefined;
  }
}

/** Names of what the confidence of a rate is judged by, in the order of {@link beatConfidenceFeatures}. */
export const BEAT_CONFIDENCE_FEATURES = [
  'correlation',
  'prominence',
  'echo',
  'high',
  'disagreement',
  'contextSeconds',
  'distanceFromTypical',
] as const;

export function beatConfidenceFeatures(beat: Beat, contextSeconds: number): number[] {
  return [
    beat.correlation,
    beat.correlation - beat.trough,
    beat.echo,
    beat.high,
    beat.disagreement,
    contextSeconds,
    Math.abs(Math.log(beat.lag / FRAME_RATE_HZ / TYPICAL_BEAT_SECONDS)),
  ];
}

/** At most 1: beyond that two rates have nothing to do with each other, however far apart. */
const disagreement = (a: number, b: number): number =>
  a === 0 || b === 0 ? 1 : Math.min(1, Math.abs(Math.log(a / b)));

const preferences = Float64Array.from({ length: MAX_LAG_FRAMES + 1 }, (_, lag) =>
  lag === 0 ? 0 : PREFERENCE * Math.log(lag / FRAME_RATE_HZ / TYPICAL_BEAT_SECONDS) ** 2,
);

const isPeak = (r: Float64Array, lag: number): boolean => r[lag] >= r[lag - 1] && r[lag] >= r[lag + 1];

/** The lag of the beat, or 0 where no positive peak lies between 30 and 220 beats a minute. */
function strongestLag(r: Float64Array): number {
  let best = 0;
  for (let lag = MIN_LAG; lag <= MAX_LAG; lag++) {
    if (!(r[lag] > 0) || !isPeak(r, lag)) continue;
    if (best === 0 || r[lag] - preferences[lag] > r[best] - preferences[best]) best = lag;
  }
  for (const { parts, leastCorrelation } of FRACTIONS) {
    const least = Math.max(leastCorrelation, FRACTION_SHARE * r[best]);
    const near = Math.round(best / parts);
    const fraction = [near, near - 1, near + 1].find(
      (lag) => lag >= MIN_LAG && isPeak(r, lag) && r[lag] >= least,
    );
    if (fraction !== undefined) return fraction;
  }
  return best;
}

/** The lag of one beat to a fraction of a frame: from the latest of its multiples that still stands out. */
function refinedLag(r: Float64Array, lag: number): number {
  let refined = lag + vertexOffset(r, lag);
  for (let beats = 2; beats * refined < MAX_LAG_FRAMES - 1; beats++) {
    const near = Math.round(beats * refined);
    const peak = [near, near - 1, near + 1].find((l) => l < MAX_LAG_FRAMES && isPeak(r, l));
    if (peak === undefined || r[peak] < 0.8 * r[lag]) break;
    refined = (peak + vertexOffset(r, peak)) / beats;
  }
  return refined;
}

/** Where the parabola through a peak and its neighbours is highest, in -0.5..0.5 of a lag. */
function vertexOffset(r: Float64Array, lag: number): number {
  const curvature = r[lag - 1] - 2 * r[lag] + r[lag + 1];
  if (!(curvature < 0)) return 0;
  return Math.max(-0.5, Math.min(0.5, (0.5 * (r[lag - 1] - r[lag + 1])) / curvature));
}
