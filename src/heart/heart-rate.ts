import { SignalKernel } from '../compute/signal-kernel.js';
import { FRAME_LENGTH, FRAME_RATE_HZ } from './envelope-bank.js';
import {
  FOUND_LENGTH,
  HeartRhythm,
  MAX_BPM,
  MIN_BPM,
  TYPICAL_BEAT_SECONDS,
  type Correlations,
} from './heart-rhythm.js';

export { MAX_BPM, MIN_BPM } from './heart-rhythm.js';

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

/**
 * Heart rate over the last 8 s of a stretch, incrementally, from the autocorrelation of two envelopes.
 *
 * The beat is the peak of the mean of both autocorrelations, less a preference `0.3 ln(T / 0.7 s)^2` that settles which of the
 * multiples of the period it is. Causal; the value belongs to the middle of the context. `reset()` clears all.
 */
export class HeartRate {
  private readonly rhythm = new HeartRhythm();
  private readonly kernel = SignalKernel.get();
  /** The beat of so many frames, once somebody asked. */
  private known: Beat | null = null;
  private knownAt = 0;
  private isWhole = false;
  private readonly found = new Float64Array(FOUND_LENGTH);

  constructor(private readonly model: HeartRateModel) {}

  /** What a rate follows the frames with, for whoever has them in the module already. */
  static rhythmOf({ rhythm }: HeartRate): HeartRhythm {
    return rhythm;
  }

  /** @param frames row-major `[frames, FRAME_LENGTH]` of an EnvelopeBank, contiguous with those before */
  push(frames: Float64Array): void {
    if (frames.length === 0) return;
    const input = this.kernel.input.room(8 * frames.length);
    this.kernel.put(frames, input);
    this.rhythm.take(input, frames.length / FRAME_LENGTH);
  }

  /** Seconds of signal that the next estimate stands on. */
  get contextSeconds(): number {
    return this.rhythm.contextFrames / FRAME_RATE_HZ;
  }

  /** By lag in frames, of the frames so far; reused. */
  get correlations(): Correlations {
    if (!this.isWhole || this.knownAt !== this.rhythm.frameCount) this.find(true);
    return this.rhythm.correlations;
  }

  /** What the envelopes repeat at, or `null` where no lag stands out. */
  beat(): Beat | null {
    const { rhythm } = this;
    // Windows end with a block, and ask for all correlations; whoever asks in between wants the beat.
    if (this.knownAt !== rhythm.frameCount) this.find(rhythm.isWhole);
    return this.known;
  }

  private find(isWhole: boolean): void {
    const { rhythm, found } = this;
    const lag = rhythm.find(isWhole, found);
    this.knownAt = rhythm.frameCount;
    this.isWhole = isWhole;
    this.known =
      lag === 0
        ? null
        : {
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
    this.known = null;
    this.knownAt = 0;
    this.isWhole = false;
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
