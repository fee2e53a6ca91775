import { SignalKernel } from '../compute/signal-kernel.js';
import { ConfigurationError, LubdubError } from '../errors.js';
import { EnvelopeBank } from '../heart/envelope-bank.js';
import { HeardSounds, type HeardSound } from '../heart/heard-sounds.js';
import { HeartRate, type HeartRateEstimate } from '../heart/heart-rate.js';
import { HeartSounds } from '../heart/heart-sounds.js';
import { AdditiveScores } from './additive-scores.js';
import { HeartLikeness } from './heart-likeness.js';
import { KeptStretch } from './kept-stretch.js';
import { mainsHum } from './mains-hum.js';
import { QualityMeasures } from './signal-quality-measures.js';
import type { SignalQualityModel } from './signal-quality-model.js';
import { RailDetector, type Rails } from './signal-quality-rails.js';
import type { QualityJudge } from './window-assembler.js';
import type { QualityReason, WindowQuality } from './window.js';

export interface SignalQualityOptions {
  readonly sourceRateHz: number;
  readonly modelRateHz: number;
  /** At the model's rate. */
  readonly windowSamples: number;
  /** Significant bits of a source's sample; below two steps of them a signal is silence. Default 16. */
  readonly bitsPerSample?: number;
  readonly model: SignalQualityModel;
}

/** A window's quality with what it was judged by. */
export interface MeasuredQuality extends WindowQuality {
  /** Rate over the last 8 s of the stretch, `null` where unsure. */
  readonly heartRate: HeartRateEstimate | null;
}

/** A window's share of samples at a rail from which it is called clipped; see models/README.md for what it costs. */
const CLIPPED_SHARE = 0.05;
/** Identical samples for so long are no pause between heart sounds: the slowest heart's is shorter. */
const FLAT_SECONDS = 1;
/** Above this spread of log10 energy from second to second an unusable window is said to be unsteady. */
const UNSTEADY_FROM = 0.4;
/** Hum of this share of an unusable window's median frame is what fills its pauses, and so a cause. */
const HUM_IN_PAUSES = 0.5;
/** Hum of this share of a window's power, 10 dB below it, is worth mending although the window can be used. */
const STRONG_HUM = 0.1;

/**
 * Judges how well a heart can be heard in each window: an index in [0, 1], fitted on the organisers' quality flags,
 * after plain rules for what no index should have to find out (silence, flat lines, clipping).
 *
 * Unfiltered samples and conditioned samples go in as they come, any chunking; {@link window} judges the window that
 * ends with the last conditioned sample, from that window and at most the 8 s before its end. Nothing depends on the
 * gain, apart from the rails and the last bit. `reset()` is for gaps: what follows shares nothing with what was.
 */
export class SignalQuality implements QualityJudge {
  private readonly bank: EnvelopeBank;
  private readonly rails: RailDetector;
  private readonly rate: HeartRate;
  private readonly detector: HeartSounds;
  private readonly kept: KeptStretch;
  private readonly measures: QualityMeasures;
  /** Logits of *clean* and of *heart*. */
  private readonly scores: AdditiveScores;
  private readonly likeness: HeartLikeness;
  private readonly heard = new HeardSounds();
  /** Settled since the last {@link takeSounds}. */
  private sounds: HeardSound[] = [];
  private readonly windowFrames: number;
  private readonly smallestStep: number;

  /** @throws ConfigurationError for rates and lengths that do not fit */
  constructor(private readonly options: SignalQualityOptions) {
    const { sourceRateHz, modelRateHz, windowSamples, bitsPerSample = 16, model } = options;
    this.bank = new EnvelopeBank({ modelRateHz });
    this.rails = new RailDetector({ sampleRateHz: sourceRateHz });
    this.rate = new HeartRate(model.heartRate);
    const { heartSounds: network, heartRate } = model;
    this.detector = new HeartSounds({ modelRateHz, network, heartRate, rate: this.rate });
    this.windowFrames = Math.floor(windowSamples / this.bank.frameSamples);
    if (!Number.isInteger(windowSamples) || windowSamples < modelRateHz) {
      throw new ConfigurationError(
        `windowSamples must be an integer of at least a second (${modelRateHz}) for signal quality, got ${windowSamples}`,
      );
    }
    if (!Number.isInteger(bitsPerSample) || bitsPerSample < 8 || bitsPerSample > 64) {
      throw new ConfigurationError(`bitsPerSample must be an integer in 8..64, got ${bitsPerSample}`);
    }
    this.smallestStep = 2 ** (1 - bitsPerSample);
    this.kept = new KeptStretch({ modelRateHz, windowFrames: this.windowFrames });
    this.measures = new QualityMeasures(this.kept, this.windowFrames);
    this.likeness = new HeartLikeness(this.kept, model);
    this.scores = new AdditiveScores(
      SignalKernel.get().qualityScores,
      [model.cleanIntercept, model.heartIntercept],
      model.measures.map(({ knots, clean, heart }, column) => ({ column, knots, scores: [clean, heart] })),
    );
  }

  executeRaw(samples: Float64Array): void {
    this.rails.push(samples);
  }

  executeConditioned(samples: Float64Array): void {
    const frames = this.bank.execute(samples);
    this.kept.push(samples, frames);
    // The detector gives the frames to the heart rate too.
    const settled = this.detector.executeFrames(frames);
    this.likeness.push(settled);
    for (const sound of this.heard.push(frames, settled)) this.sounds.push(sound);
  }

  /** @throws LubdubError where the stretch is shorter than the window, or the unfiltered samples were not given */
  window(): MeasuredQuality {
    const rails = this.railsOfWindow();
    this.measures.measureFrames();
    const level = this.measures.loudLevel();
    const beat = this.rate.beat();
    if (level < this.smallestStep || rails.range < 4 * this.smallestStep) return unusable('silent');
    if (rails.longestRunSeconds >= FLAT_SECONDS) return unusable('flat');
    if (rails.share >= CLIPPED_SHARE) return unusable('clipped');

    const { model } = this.options;
    const logits = this.scores.execute(this.measures.execute(beat, this.rate.correlations));
    const clean = logits[0];
    const heart = logits[1];
    const sqi = sigmoid(clean) * sigmoid(heart);
    // What is more likely no heart at all has no heart rate, however well it repeats.
    const heartRate = heart < 0 ? null : this.rate.estimate(beat);
    const isUsable = sqi >= model.usableFrom;
    const strong = STRONG_HUM * this.measures.meanPower();
    const inPauses = HUM_IN_PAUSES * this.measures.medianPower();
    const hum = mainsHum(this.kept, isUsable ? strong : Math.min(strong, inPauses))?.power ?? 0;
    const reasons: QualityReason[] = [];
    if (hum >= strong) reasons.push('mains-hum');
    if (isUsable) {
      const likeness = this.likeness.window(beat, this.rate.correlations.mean);
      return { sqi, usable: true, reasons, heartRate, likeness };
    }
    if (reasons.length === 0 && hum >= inPauses) reasons.push('mains-hum');
    if (heart < 0) reasons.push('no-heartbeat');
    if (this.measures.unsteadiness() > UNSTEADY_FROM) reasons.push('unsteady');
    if (clean < heart || reasons.length === 0) reasons.push('noisy');
    return { sqi, usable: false, reasons, heartRate };
  }

  /** @returns the heart sounds that were settled since the last call, in seconds since the stretch began */
  takeSounds(): HeardSound[] {
    const { sounds } = this;
    this.sounds = [];
    return sounds;
  }

  reset(): void {
    this.bank.reset();
    this.rails.reset();
    this.kept.reset();
    this.detector.reset();
    this.likeness.reset();
    this.heard.reset();
    this.sounds = [];
  }

  /**
   * What the unfiltered samples of the window say. They are taken one frame (20 ms) early: conditioning delays by
   * about as much, and so the frames are complete whatever the chunking.
   */
  private railsOfWindow(): Rails {
    const { rails, windowFrames } = this;
    const { frameCount } = this.kept;
    const end = frameCount - 1;
    if (frameCount < windowFrames || rails.frameCount < end) {
      throw new LubdubError(
        'LUBDUB_INTERNAL',
        `signal quality needs ${windowFrames} frames of conditioned and ${end} of unfiltered samples for a ` +
          `window, got ${frameCount} and ${rails.frameCount}; give it both before window()`,
      );
    }
    return rails.judge(Math.max(0, end - windowFrames), end);
  }
}

const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

const unusable = (reason: QualityReason): MeasuredQuality => ({
  sqi: 0,
  usable: false,
  reasons: [reason],
  heartRate: null,
});
