import { ConfigurationError } from '../errors.js';
import type { ConditionedChunk } from '../condition/conditioned.js';
import type { HeardSound } from '../heart/heard-sounds.js';
import type { HeartRateEstimate } from '../heart/heart-rate.js';
import { LogFilterBank, type LogFilterBankParameters } from './log-filter-bank.js';
import type { HeartSoundWindow, WindowQuality } from './window.js';

/** What listens to the signal beside the model: is it a heart, and how fast; `SignalQuality` does for the product. */
export interface QualityJudge {
  /** Takes unfiltered samples of the stretch, in order. */
  executeRaw(samples: Float64Array): void;
  /** Takes conditioned samples of the stretch, in order, at the model's rate. */
  executeConditioned(samples: Float64Array): void;
  /** Judges the window that ends with the last conditioned sample. */
  window(): WindowQuality & { readonly heartRate: HeartRateEstimate | null };
  /** Hands out the heart sounds that were settled since the last call, in seconds since the stretch began. */
  takeSounds?(): readonly HeardSound[];
  reset(): void;
}

export interface WindowAssemblerOptions {
  readonly sourceRateHz: number;
  readonly modelRateHz: number;
  /** At the model's rate. */
  readonly windowSamples: number;
  /** At the model's rate, a multiple of `features.hopSamples`. */
  readonly hopSamples: number;
  readonly features: LogFilterBankParameters;
  readonly quality: QualityJudge;
  /** Whether a window's features are only lent, until the next window; default no: the receiver owns them. */
  readonly lendsFeatures?: boolean;
}

const NO_SOUNDS: readonly HeardSound[] = [];

/**
 * Cuts the conditioned stretches of one recording into overlapping windows: features for the model, and quality.
 *
 * Window k of a stretch starts at its sample `k * hopSamples`; it is complete, and handed out, with its last sample.
 * What a stretch holds beyond its last full window is dropped and counted. Results do not depend on the chunking:
 * chunks are cut where windows end before anything sees them.
 */
export class WindowAssembler {
  private readonly frontEnd: LogFilterBank;
  /** What is lent: nearly 20 KiB that take longer to allocate than to fill. */
  private readonly lent: Float32Array | undefined;
  private index = 0;
  /** Conditioned samples of this stretch so far. */
  private position = 0;
  private nextEnd: number;
  private rawPosition = 0;
  private stretchStart = 0;
  private dropped = 0;

  constructor(private readonly options: WindowAssemblerOptions) {
    const { windowSamples, hopSamples, features } = options;
    if (!Number.isInteger(hopSamples) || hopSamples < 1 || hopSamples > windowSamples) {
      throw new ConfigurationError(`hopSamples must be an integer in 1..${windowSamples}, got ${hopSamples}`);
    }
    if (hopSamples % features.hopSamples !== 0) {
      throw new ConfigurationError(
        `hopSamples must be a multiple of the frames' ${features.hopSamples}, got ${hopSamples}`,
      );
    }
    this.frontEnd = new LogFilterBank({ ...features, sampleRateHz: options.modelRateHz, windowSamples });
    if (options.lendsFeatures === true) {
      this.lent = new Float32Array(this.frontEnd.frames * features.bandCount);
    }
    this.nextEnd = windowSamples;
  }

  /** Seconds, at the ends of stretches so far, that no window covers. */
  get droppedSeconds(): number {
    return this.dropped / this.options.modelRateHz;
  }

  /** @returns the windows that this chunk completes */
  push(chunk: ConditionedChunk): HeartSoundWindow[] {
    const windows: HeartSoundWindow[] = [];
    if (chunk.firstSample === 0) this.beginStretch(chunk.stretchStart);
    this.execute(chunk.raw.samples, chunk.samples, (window) => windows.push(window));
    return windows;
  }

  /** @param atSample index, on the source's time axis, of the first sample of the stretch that begins */
  beginStretch(atSample: number): void {
    this.stretchStart = atSample;
  }

  /**
   * Takes the next samples of the stretch.
   *
   * @param raw unfiltered, at the source's rate
   * @param conditioned what conditioning made of them, at the model's rate
   * @param onWindow told every window that these samples complete, before a later sample is looked at
   */
  execute(raw: Float64Array, conditioned: Float64Array, onWindow: (window: HeartSoundWindow) => void): void {
    const { sourceRateHz, modelRateHz, hopSamples } = this.options;
    let taken = 0;
    let rawTaken = 0;
    while (this.position + conditioned.length - taken >= this.nextEnd) {
      const end = taken + this.nextEnd - this.position;
      // So many raw samples it takes until the window's last conditioned sample comes out.
      const rawEnd = Math.floor(((this.nextEnd - 1) * sourceRateHz) / modelRateHz) + 1;
      const rawCount = Math.min(rawEnd - this.rawPosition, raw.length - rawTaken);
      this.take(conditioned.subarray(taken, end), raw.subarray(rawTaken, rawTaken + rawCount));
      taken = end;
      rawTaken += rawCount;
      onWindow(this.window());
      this.nextEnd += hopSamples;
    }
    this.take(conditioned.subarray(taken), raw.subarray(rawTaken));
  }

  /** Ends the stretch: what has not become a window is dropped, and the next chunk starts anew. */
  endStretch(): void {
    const { windowSamples, hopSamples } = this.options;
    const covered = this.nextEnd === windowSamples ? 0 : this.nextEnd - hopSamples;
    this.dropped += this.position - covered;
    this.frontEnd.reset();
    this.options.quality.reset();
    this.position = 0;
    this.rawPosition = 0;
    this.nextEnd = windowSamples;
  }

  /** As new: the next sample begins a recording. */
  reset(): void {
    this.endStretch();
    this.dropped = 0;
    this.index = 0;
  }

  private window(): HeartSoundWindow {
    const { heartRate, sqi, usable, reasons, likeness } = this.options.quality.window();
    const quality = likeness === undefined ? { sqi, usable, reasons } : { sqi, usable, reasons, likeness };
    return {
      kind: 'window',
      index: this.index++,
      startSeconds: this.atSeconds(this.nextEnd - this.options.windowSamples),
      endSeconds: this.atSeconds(this.nextEnd),
      features: this.frontEnd.window(this.lent),
      quality,
      heartRate,
      sounds: this.takeSounds(),
    };
  }

  /** On the source's time axis. */
  private takeSounds(): readonly HeardSound[] {
    const sounds = this.options.quality.takeSounds?.() ?? NO_SOUNDS;
    if (sounds.length === 0) return NO_SOUNDS;
    const origin = this.stretchStart / this.options.sourceRateHz;
    return sounds.map(
      ({ sound, startSeconds, endSeconds, confidence, level, loudestBefore, restBefore }) => ({
        sound,
        startSeconds: origin + startSeconds,
        endSeconds: origin + endSeconds,
        confidence,
        level,
        loudestBefore,
        restBefore,
      }),
    );
  }

  /** One division, so that 14.01 s is written as that. */
  private atSeconds(sample: number): number {
    const { sourceRateHz, modelRateHz } = this.options;
    return (this.stretchStart * modelRateHz + sample * sourceRateHz) / (sourceRateHz * modelRateHz);
  }

  private take(samples: Float64Array, raw: Float64Array): void {
    if (samples.length === 0 && raw.length === 0) return;
    this.options.quality.executeRaw(raw);
    this.options.quality.executeConditioned(samples);
    this.frontEnd.execute(samples);
    this.position += samples.length;
    this.rawPosition += raw.length;
  }
}
