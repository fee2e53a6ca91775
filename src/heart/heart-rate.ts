import { SignalKernel } from '../compute/signal-kernel.js';
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

/** The rate that resting hearts have most, and how much a rate away from it must show: see `PREFERENCES`. */
const TYPICAL_BEAT_SECONDS = 0.7;
const PREFERENCE = 0.3;
const BANDS = [FrameField.low, FrameField.mid, FrameField.high] as const;
const CONTEXT_SECONDS = 8;
const LAGS = MAX_LAG_FRAMES + 1;
const MIN_LAG = Math.floor((60 / MAX_BPM) * FRAME_RATE_HZ);
const MAX_LAG = Math.ceil((60 / MIN_BPM) * FRAME_RATE_HZ) + 1;
/** Numbers that the module says of a beat. */
const FOUND_LENGTH = 8;
/** What a lag has to show more than others, by lag. */
const PREFERENCES = Float64Array.from({ length: LAGS }, (_, lag) =>
  lag === 0 ? 0 : PREFERENCE * Math.log(lag / FRAME_RATE_HZ / TYPICAL_BEAT_SECONDS) ** 2,
);

/**
 * Heart rate over the last 8 s of a stretch, incrementally, from the autocorrelation of two envelopes.
 *
 * The envelopes are fourth roots of the bands' energies, so that a knock does not outweigh the beats. The beat is the
 * peak of the mean of both autocorrelations, less a preference `0.3 ln(T / 0.7 s)^2` that settles which of the
 * multiples of the period it is. Causal; the value belongs to the middle of the context. `reset()` clears all.
 */
export class HeartRate {
  private readonly rhythm = new RollingAutocorrelation(CONTEXT_SECONDS, BANDS.length);
  private readonly kernel = SignalKernel.get();
  private readonly bands = new Float64Array((BANDS.length + 1) * LAGS);
  /** By lag in frames: 25..65 Hz, 65..150 Hz, above, and the mean of the first two. Valid after {@link beat}. */
  readonly correlations = {
    low: this.bands.subarray(0, LAGS),
    mid: this.bands.subarray(LAGS, 2 * LAGS),
    high: this.bands.subarray(2 * LAGS, 3 * LAGS),
    mean: this.bands.subarray(3 * LAGS),
  };

  private envelopes = new Float64Array(BANDS.length * 64);
  /** The beat of the frames so far, once somebody asked. */
  private known: Beat | null | undefined;
  private readonly found = new Float64Array(FOUND_LENGTH);

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
    this.known = undefined;
  }

  /** Seconds of signal that the next estimate stands on. */
  get contextSeconds(): number {
    return this.rhythm.contextFrames / FRAME_RATE_HZ;
  }

  /** What the envelopes repeat at, or `null` where no lag stands out. */
  beat(): Beat | null {
    if (this.known === undefined) this.known = this.findBeat();
    return this.known;
  }

  private findBeat(): Beat | null {
    const { kernel, bands } = this;
    const preferences = kernel.beatPreferences.holding(PREFERENCES);
    const output = kernel.input.room(8 * FOUND_LENGTH);
    const correlations = this.rhythm.correlate();
    const lag = kernel.functions.findBeat(correlations, LAGS, MIN_LAG, MAX_LAG, preferences, output);
    kernel.get(correlations, bands.length, bands);
    if (lag === 0) return null;
    const { found } = this;
    kernel.get(output, FOUND_LENGTH, found);
    return {
      bpm: Math.min(MAX_BPM, Math.max(MIN_BPM, (60 * FRAME_RATE_HZ) / found[0])),
      lag,
      correlation: found[1],
      low: found[2],
      mid: found[3],
      high: found[4],
      echo: found[5],
      trough: found[6],
      disagreement: found[7],
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
    this.known = undefined;
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
